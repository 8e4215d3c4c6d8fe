"""Money and quantities are exact, bounded and finite."""

from decimal import Decimal

import pytest

from backend.core.numbers import InvalidAmount, InvalidQuantity, money, quantity, rounded


@pytest.mark.parametrize("text", ["0", "-3", "0.0001", "1000000000", "1.50000"])
def test_a_quantity_of_at_most_four_decimals_is_kept(text):
    assert quantity(Decimal(text), ["q"]) == Decimal(text)


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "0.00001", "1000000000.1", "1e30"])
def test_a_quantity_that_cannot_be_counted_is_refused(text):
    with pytest.raises(InvalidQuantity) as caught:
        quantity(Decimal(text), ["a", "q"])

    assert caught.value.extensions["code"] == "INVALID_QUANTITY"
    assert caught.value.field == ["a", "q"]


def test_the_least_quantity_is_inclusive():
    assert quantity(Decimal(1), ["q"], least=Decimal(1)) == 1
    with pytest.raises(InvalidQuantity):
        quantity(Decimal("0.9999"), ["q"], least=Decimal(1))


def test_an_amount_is_negative_only_where_it_may_be():
    assert money(Decimal(-1), ["m"], signed=True) == -1
    with pytest.raises(InvalidAmount):
        money(Decimal(-1), ["m"])


@pytest.mark.parametrize("text", ["NaN", "1000000000001", "0.00001"])
def test_an_amount_that_cannot_be_paid_is_refused(text):
    with pytest.raises(InvalidAmount):
        money(Decimal(text), ["m"], signed=True)


@pytest.mark.parametrize(
    ("exact", "kept"), [("0.00005", "0.0000"), ("0.00015", "0.0002"), ("1.23456", "1.2346")]
)
def test_computed_amounts_are_rounded_half_to_even(exact, kept):
    assert rounded(Decimal(exact)) == Decimal(kept)
