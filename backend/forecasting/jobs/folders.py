"""Folders of runs: each is locked while its run lives, and what a killed one leaves is removed."""

import fcntl
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

PREFIX: Final = "shelfcast-forecast-"
_LOCK: Final = "lock"
_UNLOCKED: Final = 3_600.0
"""Seconds after which a folder that was never locked is nobody's: its run died as it began."""


@contextmanager
def own_folder(parent: Path | None = None) -> Generator[Path]:
    """Make a folder that only this run enters; it is gone afterwards.

    `parent` None: where the system keeps what is temporary.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=parent) as name:
        folder = Path(name)
        with (folder / _LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder


def sweep(parent: Path | None = None) -> int:
    """Remove what killed runs of ours left; return how many folders.

    A lock ends with the process that held it, however that ended.
    """
    place = Path(tempfile.gettempdir()) if parent is None else parent
    left = [one for one in place.glob(f"{PREFIX}*") if _is_left(one)]
    for one in left:
        shutil.rmtree(one, ignore_errors=True)
        log.warning("removed %s: a run that was killed left it", one)
    return len(left)


def _is_left(folder: Path) -> bool:
    """Tell whether it is a folder of ours in which nobody works any more."""
    with suppress(OSError):
        if folder.is_symlink() or not folder.is_dir() or not _is_ours(folder):
            return False
        with (folder / _LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    with suppress(OSError):
        has_lock = (folder / _LOCK).exists()
        return not has_lock and time.time() - folder.stat().st_mtime > _UNLOCKED
    return False


def _is_ours(folder: Path) -> bool:
    return folder.stat().st_uid == os.getuid()
