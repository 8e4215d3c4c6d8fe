"""Small files that are there as a whole or not at all, whatever is cut off in between."""

from __future__ import annotations

import os
from pathlib import Path  # noqa: TC003 - its `open` is used


def write_durably(path: Path, content: bytes) -> None:
    """Replace a file, readable by its owner only; it is on the disk when this returns.

    Raises OSError, and then the file is as it was.
    """
    draft = path.with_name(f".{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def remove_durably(path: Path) -> None:
    """Remove a file, if it is there."""
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
