"""A reserve on the disk: on a full one even DELETE fails, unless something can be given up."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.settings import OutboxSettings

log = logging.getLogger(__name__)

_MODE = 0o600


class Ballast:
    """A file beside the outbox that takes `size` bytes and holds nothing; 0: there is none."""

    def __init__(self, outbox: Path, size: int) -> None:
        self._path = ballast_path(outbox)
        self._size = size

    @property
    def is_held(self) -> bool:
        """Whether it is there."""
        return self._size == 0 or self._path.exists()

    @property
    def growth(self) -> int:
        """How many bytes the outbox may take without it, so that as much as it stays free."""
        return max(free_bytes(self._path.parent) - self._size, 0)

    def hold(self) -> bool:
        """Make it where it is missing and half as much again is free; whether it is there."""
        if self.is_held:
            return True
        if free_bytes(self._path.parent) < self._size * 3 // 2:
            return False
        draft = self._path.with_name(self._path.name + ".new")
        try:
            _fill(draft, self._size)
            draft.replace(self._path)
        except OSError as exc:
            log.warning("No ballast: %s", exc)
            draft.unlink(missing_ok=True)
            return False
        return True

    def give_up(self) -> bool:
        """Remove it, so that the disk has room again; whether there was one."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True


def ballast_path(outbox: Path) -> Path:
    """Return where the ballast of an outbox lies."""
    return outbox.with_name(outbox.name + ".ballast")


def has_ballast(settings: OutboxSettings) -> bool:
    """Tell whether the disk has what it should have in reserve."""
    return Ballast(settings.path, settings.ballast_bytes).is_held


def free_bytes(folder: Path) -> int:
    """Return how much the disk of a folder can still take."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def _fill(path: Path, size: int) -> None:
    """Reserve real blocks: a file with holes would give nothing back."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _MODE)
    try:
        os.posix_fallocate(fd, 0, size)
        os.fsync(fd)
    finally:
        os.close(fd)
