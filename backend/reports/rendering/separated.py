"""A document's tables as CSV, figures with all their digits; no spreadsheet runs a cell of it."""

import csv
import io
from typing import Final

from backend.reports.documents import Document, Grid, JsonCell

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula."""
_TEXTS: Final = frozenset({"TEXT"})


def rows(document: Document) -> bytes:
    """Return the file; several tables stand one below the other, each under its title.

    It begins with a byte order mark, by which Excel knows that it is UTF-8.
    """
    grids = [one for one in document.sections if isinstance(one, Grid)]
    text = io.StringIO()
    writer = csv.writer(text)
    for n, grid in enumerate(grids):
        if len(grids) > 1:
            if n:
                writer.writerow([])
            writer.writerow([_safe(grid.title)])
        writer.writerow([_safe(one.label) for one in grid.columns])
        is_text = [one.kind.value in _TEXTS for one in grid.columns]
        for row in grid.rows:
            writer.writerow([
                _safe(cell) if plain else _bare(cell)
                for cell, plain in zip(row, is_text, strict=True)
            ])  # fmt: skip
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _safe(cell: JsonCell) -> JsonCell:
    """Return a text that could be a formula behind a quote, every other as it is."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA_SIGNS):
        return f"'{cell}"
    return _bare(cell)


def _bare(cell: JsonCell) -> JsonCell:
    return "" if cell is None else cell
