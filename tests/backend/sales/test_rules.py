"""How the sums of a sale are made, and which figures it may hold."""

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from backend.catalogue.rules import Price, ProductRef
from backend.core.errors import ShelfcastError
from backend.core.ids import new_id
from backend.sales.errors import InvalidCurrency, InvalidSale
from backend.sales.rules import (
    ONE,
    LineDraft,
    check_lines,
    check_text,
    complete_line,
    rate,
    total_cost,
)

TEA = ProductRef(new_id(), "TEA", "Tea")
prices = st.decimals(0, 10_000, places=4)
quantities = st.decimals("0.001", 1000, places=3)


def line(price=None, *, units=ONE, exchange_rate=ONE, **fields):
    draft = LineDraft(**({"sku": "TEA", "quantity": ONE} | fields))
    return complete_line(1, draft, TEA, units, price, exchange_rate, ["line"])


@given(prices, quantities, st.decimals(0, 1, places=2))
def test_net_is_gross_less_discount_to_the_last_digit(unit_price, quantity, share):
    gross = unit_price * quantity
    discount = (gross * share).quantize(Decimal("0.0001"))
    made = line(unit_price=unit_price, quantity=quantity, discount=discount)

    assert made.net == made.gross - made.discounted
    assert abs(made.gross - gross) <= Decimal("0.00005")


@given(prices, quantities)
def test_the_catalogues_price_is_worth_the_same_in_any_currency(price, quantity):
    own = line(Price(price, None), quantity=quantity)
    foreign = line(Price(price, None), quantity=quantity, exchange_rate=Decimal("1.25"))

    assert foreign.gross == own.gross


def test_the_price_of_a_case_is_shared_out_to_its_units():
    made = line(units=Decimal(12), unit_price=Decimal(48), quantity=Decimal(2))

    assert (made.quantity, made.unit_price, made.gross) == (24, 4, 96)


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({}, "MISSING_PRICE", "unitPrice"),
        ({"unit_price": ONE, "discount": Decimal("1.0001")}, "INVALID_AMOUNT", "discount"),
        ({"unit_price": Decimal(10**12), "quantity": Decimal(2)}, "INVALID_AMOUNT", "unitPrice"),
        (
            {"unit_price": ONE, "unit_cost": Decimal(10**12), "quantity": Decimal(2)},
            "INVALID_AMOUNT",
            "unitCost",
        ),
        (
            {"unit_price": ONE, "quantity": Decimal(10**9), "units": Decimal(2)},
            "INVALID_QUANTITY",
            "quantity",
        ),
    ],
    ids=["no price", "discount above the line", "gross", "cost", "units"],
)
def test_a_line_that_cannot_be_is_refused_with_its_field(fields, code, field):
    with pytest.raises(ShelfcastError) as caught:
        line(**fields)

    assert (caught.value.code, caught.value.field) == (code, ["line", field])


@pytest.mark.parametrize(
    ("currency", "exchange_rate", "expected"),
    [
        (None, None, ("USD", "1")),
        ("USD", "1", ("USD", "1")),
        ("EUR", "1.25", ("EUR", "1.25")),
        ("JPY", "0.0067", ("JPY", "0.0067")),
    ],
)
def test_a_rate_turns_the_sales_currency_into_the_organisations(currency, exchange_rate, expected):
    given_rate = exchange_rate and Decimal(exchange_rate)

    found, factor = rate(currency, given_rate, "USD", [])

    assert (found, factor) == (expected[0], Decimal(expected[1]))


@pytest.mark.parametrize(
    ("currency", "exchange_rate"),
    [
        ("EUR", None),
        ("euro", "1"),
        ("eur", "1"),
        ("ÄÖÜ", "1"),
        ("EUR", "0"),
        ("EUR", "-1"),
        ("EUR", "NaN"),
        ("EUR", "1e-20"),
        ("EUR", "1e9"),
        ("USD", "2"),
    ],
)
def test_a_currency_without_a_possible_rate_is_refused(currency, exchange_rate):
    with pytest.raises(InvalidCurrency):
        rate(currency, exchange_rate and Decimal(exchange_rate), "USD", [])


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [LineDraft(sku="A", quantity=ONE)] * 501,
        [LineDraft(quantity=ONE)],
        [LineDraft(sku="A", gtin="1", quantity=ONE)],
    ],
    ids=["none", "too many", "no product", "two products"],
)
def test_lines_that_make_no_sense_are_refused(lines):
    with pytest.raises(InvalidSale):
        check_lines(lines, [])


def test_a_text_has_at_most_200_characters_and_no_nul():
    check_text("x" * 200, [])
    check_text(None, [])
    for wrong in ("x" * 201, "a\x00"):
        with pytest.raises(InvalidSale):
            check_text(wrong, [])


def test_a_cost_is_known_only_where_every_line_has_one():
    known, unknown = line(unit_price=ONE, unit_cost=ONE), line(unit_price=ONE)

    assert total_cost([known, known]) == 2
    assert total_cost([known, unknown]) is None
