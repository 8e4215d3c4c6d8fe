"""Rows as files: CSV part by part, and Excel; neither runs what somebody wrote into a name."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dashboard.analysis.panels import Table

ROWS_AT_ONCE: Final = 500
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""

NUMBER_FORMATS: Final = {"money": "#,##0.00", "percent": "0.0%", "count": "#,##0"}


def csv_parts(table: Table) -> Iterator[str]:
    """Yield the file, figures with all their digits; it begins with a byte order mark for Excel."""
    yield "\ufeff"
    yield _lines([[column.label for column in table.columns]])
    for at in range(0, len(table.rows), ROWS_AT_ONCE):
        yield _lines(
            [[_cell(value) for value in row] for row in table.rows[at : at + ROWS_AT_ONCE]]
        )


def _lines(rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Return a value so that no spreadsheet runs it: text that could be a formula is quoted."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_SIGNS):
        return f"'{value}"
    return "" if value is None else value


def workbook(table: Table, title: str) -> bytes:
    """Return an Excel file of one sheet; text stays text, whatever it begins with."""
    memory = io.BytesIO()
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": not table.is_excel_table,  # Excel's tables are written at the end
    }
    with xlsxwriter.Workbook(memory, options) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        head = book.add_format({"bold": True})
        formats = {
            unit: book.add_format({"num_format": code}) for unit, code in NUMBER_FORMATS.items()
        }
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, max(len(table.columns) - 1, 1), 15)
        for at, column in enumerate(table.columns):
            sheet.write_string(0, at, column.label, head)
        for number, row in enumerate(table.rows, start=1):
            for at, (column, value) in enumerate(zip(table.columns, row, strict=True)):
                _write(sheet, (number, at), value, formats.get(column.unit))
        if table.is_excel_table and table.rows:
            _as_table(sheet, table)
    return memory.getvalue()


def _as_table(sheet: Any, table: Table) -> None:
    """Let Excel filter and sort the rows; its headings have to differ, whatever their case."""
    headings = [{"header": heading} for heading in _distinct([one.label for one in table.columns])]
    last = len(table.rows), len(table.columns) - 1
    options = {"columns": headings, "name": "Rows", "style": "Table Style Light 9"}
    sheet.add_table(0, 0, *last, options)


def _distinct(labels: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    found: list[str] = []
    for label in labels:
        number = seen[label.casefold()] = seen.get(label.casefold(), 0) + 1
        found.append(label if number == 1 else f"{label} ({number})")
    return found


def _write(sheet: Any, at: tuple[int, int], value: Any, cell_format: Any) -> None:
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(*at, value)
    else:
        sheet.write_number(*at, float(value), cell_format)


def _sheet_name(title: str) -> str:
    """Return a title that Excel takes: at most 31 characters, none of those it forbids."""
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in title)[:31].strip() or "Rows"
