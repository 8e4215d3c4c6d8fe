"""A small disk for the outbox that can be filled to its last byte."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEGABYTES: Final = 48
_TIMEOUT_S: Final = 30


@dataclass(frozen=True)
class Disk:
    """A folder; `is_small` says whether it has a disk of its own, which can be filled."""

    folder: Path
    is_small: bool

    def fill(self) -> None:
        """Take its last byte."""
        if not self.is_small:
            return
        with self._filler.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1 << 8):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"\0" * size)

    def free(self) -> None:
        """Give everything back."""
        self._filler.unlink(missing_ok=True)

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"


@contextlib.contextmanager
def small_disk(folder: Path) -> Generator[Disk]:
    """Mount an ext4 in a file; where that is not allowed, it is just a folder."""
    image, at = folder / "disk.img", folder / "disk"
    at.mkdir()
    is_small = _mount(image, at)
    try:
        yield Disk(at, is_small)
    finally:
        if is_small:
            _run("umount", "--lazy", str(at))


def _mount(image: Path, at: Path) -> bool:
    if os.geteuid() or not all(map(shutil.which, ("mkfs.ext4", "mount", "umount"))):
        return False
    with image.open("wb") as file:
        file.truncate(MEGABYTES << 20)
    return _run("mkfs.ext4", "-q", "-m", "0", str(image)) and _run(
        "mount", "-o", "loop", str(image), str(at)
    )


def _run(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S).returncode == 0
