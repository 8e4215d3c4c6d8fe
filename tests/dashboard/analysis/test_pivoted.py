"""Pivots between the address, the backend and files."""

import io
from datetime import date
from decimal import Decimal
from zipfile import ZipFile

import pytest

from dashboard.analysis.files import workbook
from dashboard.analysis.periods import Span
from dashboard.analysis.pivoted import Crossed, Layout, pivot_part
from dashboard.analysis.saved import definition_of, opening_of
from dashboard.analysis.view import BadView, parse

KNOWN = Span(date(2017, 1, 1), date(2018, 12, 31))
GIVEN = {
    "asOf": "2018-12-31T12:00:00Z",
    "measures": [
        {"measure": "NET_SALES", "label": "Net sales", "kind": "MONEY"},
        {"measure": "ORDERS", "label": "Orders", "kind": "COUNT"},
    ],
    "columns": [{"keys": []}, {"keys": [{"id": "2018", "label": "2018"}]}],
    "rows": [
        [[], [], [["10.5", 3], ["4", 1]]],
        [[None], [""], [["10.5", 3], ["4", None]]],
        [[None, "=x"], ["", "=x"], [["10.5", 3], [None, None]]],
    ],
    "notes": [],
}
LAYOUT = Layout(("REGION", "STATE"), ("YEAR",), ("NET_SALES", "ORDERS"))


def view_of(search):
    return parse(search, today=date(2018, 12, 31), known=KNOWN)


def test_the_address_says_what_lies_where():
    view = view_of("?rows=REGION,STATE&columns=NONE&figures=UNITS,MARGIN&sort=UNITS&order=ASC")

    assert Layout.of(view) == Layout(("REGION", "STATE"), (), ("UNITS", "MARGIN"), "UNITS", True)


def test_what_is_left_out_is_the_default():
    assert Layout.of(view_of("")).figures == ("NET_SALES", "UNITS")


@pytest.mark.parametrize("search", ["rows=region", "rows=COLOUR", "figures=NONE", "columns=A,,B"])
def test_what_cannot_lie_there_is_explained(search):
    with pytest.raises(BadView):
        Layout.of(view_of(search))


def test_a_table_has_a_column_for_each_dimension_and_says_totals_once():
    table = Crossed.of(GIVEN).table(LAYOUT, 100)

    assert [column.label for column in table.columns] == [
        "Region", "State", "Total · Net sales", "Total · Orders", "2018 · Net sales",
        "2018 · Orders",
    ]  # fmt: skip
    assert table.rows[0] == ["Total", "", Decimal("10.5"), 3, Decimal(4), 1]
    assert table.rows[1][:2] == ["Not said", "Total"]
    assert table.rows[2] == ["Not said", "=x", Decimal("10.5"), 3, None, None]


def test_the_file_of_a_pivot_is_a_table_of_excel_without_formulas():
    table = Crossed.of(GIVEN).table(LAYOUT, 100)

    with ZipFile(io.BytesIO(workbook(table, "Pivot"))) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        head = parts.read("xl/tables/table1.xml").decode()

    assert 'ref="A1:F4"' in head
    assert "<v>10.5</v>" in sheet
    assert "<f>" not in sheet


def test_a_kept_pivot_opens_as_it_was_and_nothing_else_stays():
    view = view_of("?rows=REGION&columns=YEAR&figures=UNITS&sort=UNITS&period=28d&region=West")
    kept = {"id": "0190", "definition": definition_of(view)}

    opened = view_of(opening_of(kept))

    assert Layout.of(opened) == Layout.of(view)
    assert (opened.period, opened.filters) == (view.period, view.filters)
    assert kept["definition"]["period"] == "LAST_28_DAYS"
    assert set(kept["definition"]["filter"]) == {"regions"}


def test_days_from_to_are_kept_as_days():
    kept = definition_of(view_of("?rows=REGION&from=2018-01-01&to=2018-01-31"))

    assert kept["period"] == "DAYS"
    assert kept["filter"] == {"from": "2018-01-01", "to": "2018-01-31"}


def test_what_has_no_dimension_cannot_be_pivoted():
    assert pivot_part({}, view_of("")) is None
