"""Rows as files."""

import csv
import io
import re
from decimal import Decimal
from zipfile import ZipFile

import pytest

from dashboard.analysis.files import csv_parts, workbook
from dashboard.analysis.panels import Column, Table

COLUMNS = [Column("Product"), Column("Net sales", "money"), Column("Share", "percent")]


def rows_of(table):
    text = "".join(csv_parts(table))
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_csv_holds_every_row_with_all_digits():
    table = Table(COLUMNS, [[f"P{n}", Decimal("1.2345") * n, None] for n in range(1_201)])

    rows = rows_of(table)

    assert rows[0] == ["Product", "Net sales", "Share"]
    assert len(rows) == 1_202
    assert rows[3] == ["P2", "2.4690", ""]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1"])
def test_no_name_in_csv_is_a_formula(name):
    (_, (cell, _, _)) = rows_of(Table(COLUMNS, [[name, Decimal(1), None]]))

    assert cell == f"'{name}"


def test_a_negative_figure_stays_a_number():
    (_, (_, cell, _)) = rows_of(Table(COLUMNS, [["Tea", Decimal("-2.5000"), None]]))

    assert cell == "-2.5000"


def test_excel_gets_text_as_text_and_figures_as_numbers():
    table = Table(COLUMNS, [["=HYPERLINK(1)", Decimal("2.5"), Decimal("0.125")], ["Tea", None, 1]])

    with ZipFile(io.BytesIO(workbook(table, "Profit: [by] item?"))) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        book = parts.read("xl/workbook.xml").decode()

    assert "<f>" not in sheet
    assert "=HYPERLINK(1)" in sheet
    assert re.findall(r"<v>([\d.]+)</v>", sheet)[-3:] == ["2.5", "0.125", "1"]
    assert 'name="Profit   by  item"' in book
