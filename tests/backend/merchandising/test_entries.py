from datetime import UTC, datetime
from decimal import Decimal

import orjson
import pytest
from hypothesis import given, strategies as st

from backend.merchandising.rest.entries import Entry, earned, priced, read_entries
from backend.merchandising.rest.errors import InvalidEntry, TooManyEntries

MOMENT = datetime(2026, 1, 2, tzinfo=UTC)
ROW = {"name": "TEA", "buy": 3, "profit": 4.5, "time": 1767312000}


def amounts(least, most):
    return st.decimals(least, most, places=4)


def test_an_entry_is_read_as_it_was_sent():
    (found,) = read_entries(orjson.dumps([ROW]))

    assert found == Entry("TEA", Decimal(3), Decimal("4.5"), datetime(2026, 1, 2, tzinfo=UTC))


def test_amounts_that_were_computed_are_rounded_to_what_the_ledger_keeps():
    (found,) = read_entries(orjson.dumps([ROW | {"profit": 0.1 + 0.2}]))

    assert found.profit == Decimal("0.3")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (7, ["0"]),
        ({"name": "TEA"}, ["0", "buy"]),
        (ROW | {"colour": "red"}, ["0", "colour"]),
        (ROW | {"name": " "}, ["0", "name"]),
        (ROW | {"name": 5}, ["0", "name"]),
        (ROW | {"buy": 0}, ["0", "buy"]),
        (ROW | {"buy": -1}, ["0", "buy"]),
        (ROW | {"buy": True}, ["0", "buy"]),
        (ROW | {"buy": "3"}, ["0", "buy"]),
        (ROW | {"profit": None}, ["0", "profit"]),
        (ROW | {"profit": 1e300}, ["0", "profit"]),
        (ROW | {"time": -1}, ["0", "time"]),
        (ROW | {"time": "2026-01-01"}, ["0", "time"]),
        (ROW | {"time": 10**18}, ["0", "time"]),
        (ROW | {"location": 7}, ["0", "location"]),
    ],
    ids=str,
)
def test_a_bad_entry_is_named_by_its_number_and_field(row, field):
    with pytest.raises(InvalidEntry) as raised:
        read_entries(orjson.dumps([row]))

    assert raised.value.field == field


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'"x"', b"[" * 5000, b"\xff"])
def test_what_is_no_list_of_entries_is_refused(body):
    with pytest.raises(InvalidEntry):
        read_entries(body)


def test_no_more_entries_are_taken_than_one_request_may_have():
    with pytest.raises(TooManyEntries):
        read_entries(orjson.dumps([ROW] * 5001))


@pytest.mark.parametrize(
    ("profit", "price", "unit_price"),
    [
        ("4", "5", "5"),
        ("4", None, "1.3334"),
        ("-2", None, "0"),
        ("99", "5", "33"),
        ("0", None, "0"),
    ],
    ids=["the catalogue's", "no price", "a loss", "more than the price", "nothing earned"],
)
def test_the_price_is_the_catalogue_s_where_that_leaves_a_cost(profit, price, unit_price):
    entry = Entry("TEA", Decimal(3), Decimal(profit), MOMENT)

    found = priced(entry, None if price is None else Decimal(price))

    assert found.unit_price == Decimal(unit_price)
    assert earned(found.unit_price, found.parts) == Decimal(profit)


@given(
    st.one_of(st.integers(1, 100_000).map(Decimal), amounts("0.0001", "5000")),
    amounts("-100000", "100000"),
    st.none() | amounts("0", "1000"),
)
def test_parts_make_up_the_entry_and_leave_exactly_its_profit(units, profit, price):
    found = priced(Entry("TEA", units, profit, MOMENT), price)

    assert sum(one.units for one in found.parts) == units
    assert earned(found.unit_price, found.parts) == profit
    assert all(one.unit_cost >= 0 for one in found.parts)
