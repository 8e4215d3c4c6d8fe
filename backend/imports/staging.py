"""The cleaned file on disk, so that each row is read and cleaned once and memory stays flat."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from backend.imports.cleaning import clean
from backend.imports.profiles import Profile
from backend.imports.reading import Source

ROWS: Final = 50_000
ROW: Final = "row"


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


def stage(
    source: Source,
    profile: Profile,
    zones: dict[str, str],
    now: datetime,
    folder: Path,
    report: Callable[[int], None],
) -> Staged:
    """Clean a file into `folder`; `report` hears of the rows of each part."""
    parts: list[Path] = []
    rows = 0
    for batch in source.batches(ROWS):
        lines = clean(batch, profile, zones, now)
        part = folder / f"part-{len(parts):06}.arrow"
        lines.with_row_index(ROW, rows).write_ipc(part, compression="lz4")
        parts.append(part)
        rows += len(lines)
        report(len(lines))
    return Staged(tuple(parts), rows)
