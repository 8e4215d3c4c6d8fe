"""What is said over orders and transfers, without a browser."""

import pytest
from dash import html

from dashboard.pages import reorder

TOTALS = {
    "toOrder": 17, "positions": 17, "units": "221", "cost": "2942.7", "uncosted": 0,
    "byUrgency": [],
}  # fmt: skip


def said(**totals):
    """Return the words over orders of these totals."""
    report = {
        "totals": TOTALS | totals,
        "nodes": [],
        "currency": "USD",
        "pageInfo": {"endCursor": None, "hasNextPage": False},
    }
    _, words, *_ = reorder._orders(report, html.Div(), may_write=False).body
    return str(getattr(words, "children", ""))


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (0, "Nothing is forecast yet"),
        (5, "Demand of 5 is forecast, that of the others"),
        (17, "All their demand is forecast."),
    ],
)
def test_it_is_said_of_how_many_demand_is_forecast(known, words):
    assert words in said(forecast=known)


def test_money_is_written_to_the_cent():
    assert "at a cost of 2,942.70 USD" in said(forecast=0)


def test_of_no_transfers_no_figures_are_told():
    assert reorder._of_transfers({"found": 0, "sold": "0", "value": "0", "bound": "0"}) == ""


def test_what_transfers_bring_is_written_with_its_currency():
    report = {"found": 2, "sold": "3", "value": "40.5", "bound": "1200", "currency": "USD"}

    words = reorder._of_transfers(report)

    assert "for 40.50 USD before" in words
    assert words.endswith("1,200.00 USD at most.")
