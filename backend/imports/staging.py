"""The cleaned file on disk, so that each row is read and cleaned once and memory stays flat."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from backend.imports.cleaning import clean
from backend.imports.profiles import Profile
from backend.imports.reading import Source
from backend.imports.rules import Accepted

ROWS: Final = 50_000
ROW: Final = "row"
PREFIX: Final = "shelfcast-import-"


@dataclass(frozen=True, slots=True)
class Staged:
    """Cleaned lines in the order of the file, `row` counting from 0, in parts of 50,000 rows."""

    parts: tuple[Path, ...]
    rows: int
    """Rows of the file that hold anything."""

    def scan(self) -> pl.LazyFrame:
        """Return all lines, to be queried without holding them."""
        return pl.scan_ipc(list(self.parts))

    def read(self) -> Iterator[pl.DataFrame]:
        """Yield the parts in order."""
        for part in self.parts:
            yield pl.read_ipc(part)


@contextmanager
def staging_folder() -> Iterator[Path]:
    """Give a private folder that is gone afterwards.

    Those of imports that were killed go first: they hold personal data.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = left.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not _runs(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-") as name:
        yield Path(name)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def stage(
    source: Source,
    profile: Profile,
    zones: dict[str, str],
    accepted: Accepted,
    folder: Path,
    report: Callable[[int], None],
) -> Staged:
    """Clean a file into `folder`; `report` hears of the rows of each part."""
    parts: list[Path] = []
    rows = 0
    for batch in source.batches(ROWS):
        lines = clean(batch, profile, zones, accepted)
        part = folder / f"part-{len(parts):06}.arrow"
        lines.with_row_index(ROW, rows).write_ipc(part, compression="lz4")
        parts.append(part)
        rows += len(lines)
        report(len(lines))
    return Staged(tuple(parts), rows)
