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
    # Rows go to a temporary file one by one: everything is written downwards.
    "constant_memory": True,
}
_FORMATS: Final = {
    _K.COUNT: "#,##0",
    _K.UNITS: "#,##0",
    _K.PERCENT: "0.0%",
    _K.NUMBER: "#,##0.00",
}
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME: Final = 31
_PARTS: Final = "#,##0.0###"
"""Format of what is weighed; of whole units Excel would show the point too."""
_WIDTHS: Final = {_K.TEXT: 10, _K.DATE: 12, _K.MONEY: 15}
_WIDEST: Final = 60
_LOOKED_AT: Final = 1_000
"""Rows whose text says how wide a column is."""
_BUTTON: Final = 4
"""What the button beside a heading takes of the column's width."""
_COVER: Final = (60, 18, 90)
_PER_LINE: Final = 140
"""Letters that the columns of the cover surely hold in a line."""
_LINE: Final = 15.0
"""Points of a line; Excel lets no merged cells grow by themselves."""
_A4: Final = 9
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
        self._indented = book.add_format({"indent": 1})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        codes = {**_FORMATS, _K.MONEY: _money(document.currency)}
        self._formats = {
            kind: book.add_format({"num_format": code}) for kind, code in codes.items()
        }
        # In full: not every program draws Excel's table styles. Indented: not under the button.
        heading = {"bold": True, "font_color": "#ffffff", "bg_color": "#1273b8"}
        self._heading = book.add_format(heading)
        self._heading_right = book.add_format({**heading, "align": "right", "indent": 2})
        self._parts = book.add_format({"num_format": _PARTS})
        self._formats[_K.DATE] = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self._names: set[str] = set()

    def write(self) -> None:
        """Write everything."""
        self._cover()
        grids = [one for one in self._document.sections if isinstance(one, Grid)]
        for count, grid in enumerate(grids, start=1):
            self._table(grid, count)

    def _cover(self) -> None:
        document, sheet = self._document, self._sheet("Summary")
        sheet.set_column(0, 0, _COVER[0])
        sheet.set_column(1, 1, _COVER[1])
        sheet.set_column(2, 2, _COVER[2])
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
            self._paragraph(sheet, at + n, one.text)
        return at + len(section.sentences) + 2

    def _words(self, sheet: Any, at: int, section: Words) -> int:
        sheet.write_string(at, 0, section.title, self._head)
        for n, one in enumerate(section.paragraphs, start=1):
            self._paragraph(sheet, at + n, one)
        return at + len(section.paragraphs) + 2

    def _paragraph(self, sheet: Any, at: int, text: str) -> None:
        sheet.merge_range(at, 0, at, len(_COVER) - 1, "", self._wrapped)
        sheet.write_string(at, 0, text, self._wrapped)
        lines = sum(len(one) // _PER_LINE + 1 for one in text.split("\n"))
        sheet.set_row(at, _LINE * lines)

    def _figures(self, sheet: Any, at: int, citations: Citations) -> None:
        if not citations.all:
            return
        heads = [
            {"header": label, "header_format": self._heading}
            for label in ("Figure", "Value", "Where it comes from")
        ]
        options = {"name": "Figures", "columns": heads, "style": _STYLE, "autofilter": False}
        _begin_table(sheet, (at, 0, at + len(citations.all), 2), options)
        for n, one in enumerate(citations.all, start=1):
            sheet.write_string(at + n, 0, one.label)
            value = number(one.value, one.kind)
            if value is not None:
                sheet.write_number(at + n, 1, float(value), self._formats.get(one.kind))
            sheet.write_string(at + n, 2, citations.query(one), self._indented)

    def _table(self, grid: Grid, count: int) -> None:
        sheet = self._sheet(grid.title)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        for at, column in enumerate(grid.columns):
            sheet.set_column(at, at, _width(grid, at, column))
        last = len(grid.rows)
        if grid.rows:
            labels = _distinct(one.label for one in grid.columns)
            heads = [
                {"header": label, "header_format": self._heading_of(column)}
                for label, column in zip(labels, grid.columns, strict=True)
            ]
            options = {"name": f"Table{count}", "columns": heads, "style": _STYLE}
            _begin_table(sheet, (0, 0, last, len(grid.columns) - 1), options)
        else:
            for at, column in enumerate(grid.columns):
                sheet.write_string(0, at, column.label, self._heading_of(column))
        for n, row in enumerate(grid.rows, start=1):
            self._row(sheet, n, row, grid.columns)
        if grid.totals is not None:
            self._row(sheet, last + 2, grid.totals, grid.columns)
            sheet.write_string(last + 2, 0, "Total")

    def _heading_of(self, column: GridColumn) -> Any:
        return self._heading if column.kind in (_K.TEXT, _K.DATE) else self._heading_right

    def _row(
        self, sheet: Any, n: int, row: list[JsonCell], columns: tuple[GridColumn, ...]
    ) -> None:
        for at, (cell, column) in enumerate(zip(row, columns, strict=True)):
            if cell is None:
                continue
            form = self._formats.get(column.kind)
            value = number(cell, column.kind)
            if value is not None and _fits(value):
                is_whole = column.kind is not _K.UNITS or value == int(value)
                sheet.write_number(n, at, float(value), form if is_whole else self._parts)
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
        sheet = self._book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&8&A&R&8Page &P of &N")
        return sheet


def _begin_table(sheet: Any, area: tuple[int, int, int, int], options: dict[str, Any]) -> None:
    """Make an area an Excel table and write its headings; its rows are written afterwards.

    XlsxWriter refuses tables where rows are not kept, as they usually come after their rows. Before
    them nothing is missing: of a table only the headings are cells.
    """
    sheet.constant_memory = False
    try:
        made = sheet.add_table(*area, options)
    finally:
        sheet.constant_memory = True
    assert made == 0, "headings differ, and the area lies within a sheet"
    # Again, as text in the cell: what is shared between sheets is known at the end only.
    row, column = area[:2]
    for at, head in enumerate(options["columns"], start=column):
        sheet.write_string(row, at, head["header"], head["header_format"])


def _money(currency: str) -> str:
    """Return the format of amounts; the currency's sign is text in it."""
    return f'"{symbol(currency)}"#,##0.00;[Red]-"{symbol(currency)}"#,##0.00'


def _width(grid: Grid, at: int, column: GridColumn) -> int:
    """Return how wide a column is, in digits: its heading and most of its text can be read."""
    needed = max(_WIDTHS.get(column.kind, 11), len(column.label) + _BUTTON)
    if column.kind is _K.TEXT:
        cells = (len(str(row[at])) for row in grid.rows[:_LOOKED_AT] if row[at] is not None)
        needed = max(needed, max(cells, default=0) + 1)
    return min(needed, _WIDEST)


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
