"""The file of rows that were set aside: what is wrong, and where."""

import csv
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO

import polars as pl

HEADER: Final = ("line", "column", "value", "reason")


class Rejects:
    """Writes rows set aside as CSV; the file appears with the first one.

    `path` None: they are counted only.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.counts: dict[str, int] = {}
        self._stream: TextIO | None = None

    def __enter__(self) -> Self:
        if self.path is not None and _is_ours(self.path):
            self.path.unlink()  # what an earlier import set aside is no news
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def add(self, rows: pl.DataFrame) -> None:
        """Write rows with `line`, `bad_column`, `bad_value` and `bad_reason`."""
        for reason, count in rows.group_by("bad_reason").len().iter_rows():
            self.counts[reason] = self.counts.get(reason, 0) + count
        if self.path is None or rows.is_empty():
            return
        if self._stream is None:
            self._stream = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._stream).writerow(HEADER)
        columns = rows.sort("line").select("line", "bad_column", "bad_value", "bad_reason")
        csv.writer(self._stream).writerows(columns.iter_rows())


def _is_ours(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            return stream.readline().strip() == ",".join(HEADER)
    except OSError:
        return False
