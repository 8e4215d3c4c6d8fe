"""Small files that people fill in, as tables of text: CSV in any usual encoding, and Excel."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend.imports.errors import UnreadableFile
from backend.imports.reading import EXTRA, LINE, open_source

MOST_BYTES: Final = 2_000_000
"""Of a file as it is sent."""
MOST_INSIDE: Final = 30_000_000
"""Of what an Excel file unpacks to."""
MOST_LINES: Final = 10_000
MOST_COLUMNS: Final = 200


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: the names of its columns, and its rows with the line each stands on."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_sheet(content: bytes) -> Sheet:
    """Return the table a file holds (of Excel the first sheet), cells trimmed, empty ones left out.

    Raises:
        UnreadableFile: too large, empty or no table.
    """
    if len(content) > MOST_BYTES:
        raise UnreadableFile(
            f"such a file has at most {MOST_BYTES // 1_000_000} MB",
            field=["input", "content"],
            limit=MOST_BYTES,
        )
    sheet = _read(content)
    if not sheet.columns or not sheet.rows:
        raise UnreadableFile("the file has no rows", field=["input", "content"])
    if len(sheet.rows) > MOST_LINES or len(sheet.columns) > MOST_COLUMNS:
        raise UnreadableFile(
            f"at most {MOST_LINES} lines and {MOST_COLUMNS} columns", field=["input", "content"]
        )
    return sheet


def _read(content: bytes) -> Sheet:
    with tempfile.TemporaryDirectory(prefix="shelfcast-sheet-") as name:
        folder = Path(name)
        path = folder / "sheet"
        path.write_bytes(content)
        source = open_source(path, folder, most_unpacked=MOST_INSIDE)
        rows: list[tuple[int, dict[str, str]]] = []
        for batch in source.batches(MOST_LINES + 1):
            for row in batch.head(MOST_LINES + 1 - len(rows)).iter_rows(named=True):
                cells = _cells({k: v for k, v in row.items() if k not in (LINE, EXTRA)})
                if cells:
                    rows.append((row[LINE], cells))
    return Sheet(source.columns, tuple(rows))


def _cells(row: dict[str, str | None]) -> dict[str, str]:
    trimmed = {name: (value or "").strip() for name, value in row.items()}
    return {name: value for name, value in trimmed.items() if value}
