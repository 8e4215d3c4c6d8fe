"""What every form of a document says of itself, and how it cites. Pure."""

from collections.abc import Sequence
from typing import Final

import orjson

from backend.analytics.presets.table import ColumnKind
from backend.reports.documents import Document, Figure, Grid, GridColumn, JsonCell
from backend.reports.words import days

MOST_SHOWN: Final = 500
"""Most rows of one table on pages to read; a spreadsheet has them all."""
MOST_SHOWN_OF_DATA: Final = 100


class Citations:
    """The figures a document cites, numbered in the order in which they come."""

    def __init__(self, dashboard: str) -> None:
        self._dashboard = dashboard
        self._numbers: dict[bytes, int] = {}
        self.all: list[Figure] = []

    def number(self, figure: Figure) -> int:
        """Return the number of a figure, the same for equal ones."""
        key = orjson.dumps([figure.label, figure.shown, figure.source.page, self.query(figure)])
        if key not in self._numbers:
            self.all.append(figure)
            self._numbers[key] = len(self.all)
        return self._numbers[key]

    def address(self, figure: Figure) -> str:
        """Return the page that shows a figure."""
        return self._dashboard + figure.source.page

    def query(self, figure: Figure) -> str:
        """Return in a line what is asked to get it."""
        source = figure.source
        asked = ", ".join(
            f"{name}: {orjson.dumps(value).decode()}" for name, value in source.variables.items()
        )
        before = "" if source.against is None else _before(source.against)
        return f"{source.query}({asked}) → {' '.join(source.path)}: {source.formula}{before}"


def _before(against: dict[str, object]) -> str:
    return f", before: {against.get('from')} to {against.get('to')}"


def facts(document: Document) -> list[str]:
    """Return the days, the filter, the reader and the moment a document stands for."""
    moment = document.as_of
    found = [days(document.first, document.last)]
    if document.about:
        found.append(document.about)
    if document.reader:
        found.append(f"for {document.reader}")
    found.append(f"as of {moment:%Y-%m-%d %H:%M} UTC")
    if document.is_partial:
        found.append("the last day is not over")
    return found


def shown_rows(grid: Grid) -> list[list[JsonCell]]:
    """Return the rows that pages to read show."""
    return grid.rows[: MOST_SHOWN_OF_DATA if grid.is_data else MOST_SHOWN]


def labelled(totals: Sequence[JsonCell], columns: Sequence[GridColumn]) -> list[JsonCell]:
    """Return totals that say what they are in their first free cell for text."""
    pairs = enumerate(zip(totals, columns, strict=True))
    free = next((n for n, (cell, one) in pairs if one.kind is ColumnKind.TEXT and not cell), None)
    return ["Total" if n == free else cell for n, cell in enumerate(totals)]


def left_out(grid: Grid) -> str:
    """Return what is said where rows are left out; nothing where none are."""
    shown = len(shown_rows(grid))
    if shown == len(grid.rows):
        return ""
    of = f"The first {shown:,} of {len(grid.rows):,} rows"
    return f"{of}; all of them are in the Excel and CSV files."
