"""What the panels of named analyses with a shape of their own say in words."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from dashboard.analysis.choices import Retailer
from dashboard.analysis.classes import ABC_XYZ, DECOMPOSITION, SLOW_MOVERS
from dashboard.analysis.named import Answer, NamedColumn
from dashboard.analysis.periods import Span
from dashboard.analysis.view import View

DAYS = Span(date(2018, 3, 1), date(2018, 3, 3))
RETAILER = Retailer("Corner", "USD", "UTC", False, (DAYS,), (), {})


def answered(columns, rows):
    made = tuple(NamedColumn(*one) for one in columns)
    return Answer("T", datetime.now(UTC), made, tuple(rows))


def drawn(panel, columns, rows) -> Any:
    return panel.draw(View("custom", DAYS), {"answer": answered(columns, rows)}, RETAILER)


SKU = ("product", "Product", "TEXT", "PRODUCT")
NAME = ("productName", "Name", "TEXT", None, "product")
NET = ("netSales", "Net sales", "MONEY")


def test_many_products_are_counted_with_a_separator():
    columns = [SKU, NAME, ("abc", "ABC", "TEXT"), ("xyz", "XYZ", "TEXT")]
    counted = [("abcXyz", "Class", "TEXT"), ("members", "How many", "COUNT")]
    members = {"AX": 46, "AZ": 1_200, "CX": 4}
    classes = [(abc + xyz, members.get(abc + xyz, 0)) for abc in "ABC" for xyz in "XYZ"]
    found = {"answer": answered(columns, [("TEA", "Tea", "A", "Z")] * 300)}

    drawing: Any = ABC_XYZ.draw(
        View("custom", DAYS), found | {"classes": answered(counted, classes)}, RETAILER
    )

    assert drawing.summary == "1,246 of 1,250 products are A; 50 sell steadily (X)."
    assert drawing.figure["values"] == [[46, 0, 1_200], [0, 0, 0], [4, 0, 0]]


@pytest.mark.parametrize(
    ("orders", "said"),
    [
        ((0, 0), "The 2 weakest sold nothing at all."),
        ((0, 3), "1 of the 2 weakest sold nothing at all; the weakest brought $0."),
    ],
    ids=["none sold", "some sold"],
)
def test_that_none_of_the_weakest_sold_is_said_without_what_it_brought(orders, said):
    rows = [(f"S{at}", "Tea", count * 5, count) for at, count in enumerate(orders)]

    drawing = drawn(SLOW_MOVERS, [SKU, NAME, NET, ("orders", "Orders", "COUNT")], rows)

    assert drawing.summary == said


def test_a_trend_is_not_told_apart_before_there_is_one():
    columns = [("month", "Month", "TEXT", "MONTH"), NET, ("trend", "Trend", "MONEY")]

    drawing = drawn(DECOMPOSITION, columns, [("2018-01", 5, None), ("2018-02", 6, None)])

    assert drawing.summary == "Net sales, not yet told apart into trend and season."
