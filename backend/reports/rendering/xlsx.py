"""A document as an Excel file: numbers that are numbers, tables that are tables.

Text stays text, whatever it begins with: nothing anybody wrote into a name is ever run.
"""

import io
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

import xlsxwriter

from backend.analytics.presets.table import ColumnKind
from backend.reports.documents import (
    Document,
    Figures,
    Grid,
    GridColumn,
    Heading,
    JsonCell,
    Words,
    number,
)
from backend.reports.rendering.facts import Citations, facts
from backend.reports.words import symbol

_K = ColumnKind
_OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
_FORMATS: Final = {
    _K.COUNT: "#,##0",
    _K.UNITS: "#,##0.####",
    _K.PERCENT: "0.0%",
    _K.NUMBER: "#,##0.00",
}
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME: Final = 31
_WIDTHS: Final = {_K.TEXT: 24, _K.DATE: 12, _K.MONEY: 15}
_STYLE: Final = "Table Style Light 9"
MOST_EXCEL_DIGITS: Final = 15
"""A number of more digits is kept as text: Excel would round it."""


def workbook(document: Document) -> bytes:
    """Return the file: a sheet with what is said, and one for each table."""
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory, _OPTIONS) as book:
        book.set_properties({"title": document.title, "company": document.organisation})
        _Sheets(book, document).write()
    return memory.getvalue()


class _Sheets:
    """Writes the sheets of one document."""

    def __init__(self, book: Any, document: Document) -> None:
        self._book = book
        self._document = document
        self._head = book.add_format({"bold": True, "font_size": 14})
        self._dim = book.add_format({"font_color": "#5d6b80"})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        codes = {**_FORMATS, _K.MONEY: _money(document.currency)}
        self._formats = {
            kind: book.add_format({"num_format": code}) for kind, code in codes.items()
        }
        self._formats[_K.DATE] = book.add_format({"num_format": "yyyy-mm-dd"})
        self._names: set[str] = set()

    def write(self) -> None:
        """Write everything."""
        self._cover()
        grids = [one for one in self._document.sections if isinstance(one, Grid)]
        for count, grid in enumerate(grids, start=1):
            self._table(grid, count)

    def _cover(self) -> None:
        document, sheet = self._document, self._sheet("Summary")
        sheet.set_column(0, 0, 46)
        sheet.set_column(1, 1, 18)
        sheet.set_column(2, 2, 90)
        sheet.write_string(0, 0, document.title, self._head)
        lines = [document.organisation, *facts(document)]
        if document.restates:
            lines.append(document.restates)
        for at, one in enumerate(lines, start=1):
            sheet.write_string(at, 0, one, self._dim)
        at = len(lines) + 2
        citations = Citations(document.dashboard)
        for section in document.sections:
            if isinstance(section, Heading):
                at = self._sentences(sheet, at, section)
                for sentence in section.sentences:
                    for figure in sentence.figures:
                        citations.number(figure)
            elif isinstance(section, Figures):
                for figure in section.figures:
                    citations.number(figure)
            elif isinstance(section, Words):
                at = self._words(sheet, at, section)
        self._figures(sheet, at, citations)

    def _sentences(self, sheet: Any, at: int, section: Heading) -> int:
        sheet.write_string(at, 0, section.title, self._head)
        for n, one in enumerate(section.sentences, start=1):
            sheet.merge_range(at + n, 0, at + n, 2, "", self._wrapped)
            sheet.write_string(at + n, 0, one.text, self._wrapped)
        return at + len(section.sentences) + 2

    def _words(self, sheet: Any, at: int, section: Words) -> int:
        sheet.write_string(at, 0, section.title, self._head)
        for n, one in enumerate(section.paragraphs, start=1):
            sheet.merge_range(at + n, 0, at + n, 2, "", self._wrapped)
            sheet.write_string(at + n, 0, one, self._wrapped)
        return at + len(section.paragraphs) + 2

    def _figures(self, sheet: Any, at: int, citations: Citations) -> None:
        if not citations.all:
            return
        for column, label in enumerate(("Figure", "Value", "Where it comes from")):
            sheet.write_string(at, column, label)
        for n, one in enumerate(citations.all, start=1):
            sheet.write_string(at + n, 0, one.label)
            value = number(one.value, one.kind)
            if value is not None:
                sheet.write_number(at + n, 1, float(value), self._formats.get(one.kind))
            sheet.write_string(at + n, 2, citations.query(one))
        heads = [{"header": label} for label in ("Figure", "Value", "Where it comes from")]
        options = {"name": "Figures", "columns": heads, "style": _STYLE, "autofilter": False}
        sheet.add_table(at, 0, at + len(citations.all), 2, options)

    def _table(self, grid: Grid, count: int) -> None:
        sheet = self._sheet(grid.title)
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(grid.columns):
            sheet.set_column(at, at, _WIDTHS.get(column.kind, 13))
        for n, row in enumerate(grid.rows, start=1):
            self._row(sheet, n, row, grid.columns)
        last = len(grid.rows)
        if grid.rows:
            heads = [{"header": one} for one in _distinct(one.label for one in grid.columns)]
            options = {"name": f"Table{count}", "columns": heads, "style": _STYLE}
            sheet.add_table(0, 0, last, len(grid.columns) - 1, options)
        else:
            for at, column in enumerate(grid.columns):
                sheet.write_string(0, at, column.label)
        if grid.totals is not None:
            self._row(sheet, last + 2, grid.totals, grid.columns)
            sheet.write_string(last + 2, 0, "Total")

    def _row(
        self, sheet: Any, n: int, row: list[JsonCell], columns: tuple[GridColumn, ...]
    ) -> None:
        for at, (cell, column) in enumerate(zip(row, columns, strict=True)):
            if cell is None:
                continue
            form = self._formats.get(column.kind)
            value = number(cell, column.kind)
            if value is not None and _fits(value):
                sheet.write_number(n, at, float(value), form)
            elif column.kind is _K.DATE:
                sheet.write_datetime(n, at, _date(str(cell)), form)
            else:
                sheet.write_string(n, at, str(cell))

    def _sheet(self, title: str) -> Any:
        """Add a sheet under a name that Excel takes and that no other has."""
        plain = _FORBIDDEN.sub(" ", title).strip()[:_LONGEST_NAME].strip() or "Sheet"
        name, count = plain, 2
        while name.lower() in self._names:
            end = f" {count}"
            name, count = plain[: _LONGEST_NAME - len(end)] + end, count + 1
        self._names.add(name.lower())
        return self._book.add_worksheet(name)


def _money(currency: str) -> str:
    """Return the format of amounts; the currency's sign is text in it."""
    return f'"{symbol(currency)}"#,##0.00;[Red]-"{symbol(currency)}"#,##0.00'


def _fits(value: Decimal | int) -> bool:
    return len(Decimal(value).normalize().as_tuple().digits) <= MOST_EXCEL_DIGITS


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _distinct(labels: Iterable[str]) -> list[str]:
    """Return headings of which no two are equal: Excel would not open the table."""
    found: list[str] = []
    for label in labels:
        name, count = label, 2
        while name.lower() in (one.lower() for one in found):
            name, count = f"{label} {count}", count + 1
        found.append(name)
    return found
