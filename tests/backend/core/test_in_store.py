"""Numbers of a shop's own, with a weight, a price or a count inside."""

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from backend.core.identifiers import (
    Decoded,
    Fault,
    InvalidLayout,
    Undecodable,
    check_digit,
    decode_scan,
    read_layouts,
)

GERMAN = read_layouts("28IIIIVWWWWW, 22IIIIVPPPPP, 25IIIIVNNNNN")
AMERICAN = read_layouts("02IIIIIVPPPP")


def code(payload):
    return payload + check_digit(payload)


def read(text, layouts, symbology=None):
    decoded = decode_scan(text, symbology, layouts)
    assert isinstance(decoded, Decoded)
    return decoded


def test_a_weight_is_told_and_taken_out_of_the_number():
    decoded = read(code("281234701250"), GERMAN)

    assert decoded.gtin == f"0{code('281234000000')}"
    assert (decoded.units, decoded.net_weight_kg) == (Decimal("1.250"), Decimal("1.250"))


def test_a_price_is_told_and_counts_for_no_amount():
    decoded = read(code("221234000399"), GERMAN, "]E0")

    assert (decoded.price, decoded.units) == (Decimal("3.99"), None)


def test_a_count_is_told():
    assert read(code("251234900012"), GERMAN).units == 12


def test_a_upc_of_variable_price_is_an_in_store_number_too():
    decoded = read(code("21234510599"), AMERICAN)

    assert decoded.price == Decimal("5.99")
    assert decoded.gtin == f"0{code('021234500000')}"


@pytest.mark.parametrize(
    ("layout", "payload", "amount"),
    [("23IIIIIIWWWW", "231234560450", "0.450"), ("24IIIIIIWWWW:2", "241234560450", "4.50")],
)
def test_decimals_are_those_of_the_layout(layout, payload, amount):
    assert read(code(payload), read_layouts(layout)).units == Decimal(amount)


def test_a_value_with_a_wrong_check_digit_of_its_own_is_refused():
    assert decode_scan(code("281234601250"), None, GERMAN) == Undecodable(Fault.WRONG_CHECK_DIGIT)


@pytest.mark.parametrize("text", [code("291234701250"), "4006381333931", "]I128012347012507"])
def test_other_numbers_are_read_as_they_are(text):
    assert decode_scan(text, None, GERMAN) == decode_scan(text)


def test_a_number_without_value_stands_for_the_item():
    decoded = read(code("281234000000"), GERMAN)

    assert (decoded.units, decoded.price) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "28IIIIWWWWW",
        "28IIIIVWWWWWW",
        "40IIIIVWWWWW",
        "28IIIIVXXXXX",
        "28VIIIIWWWWW",
        "28WWWWWWWWWW",
        "28IIIIVWWWWW:9",
        "28IIIIIIVWWW",
        "28IIIIVWWWWW,28IIIIVPPPPP",
        "28IIIIVWWWWW,281IIIVPPPPP",
    ],
)
def test_what_is_no_layout_is_refused(text):
    with pytest.raises(InvalidLayout):
        read_layouts(text)


def test_no_layouts_divide_nothing():
    assert read_layouts(" ") == ()


@given(st.text("0123456789", min_size=9, max_size=9))
def test_all_labels_of_an_item_have_one_gtin(digits):
    item, value = digits[:4], digits[4:]
    labels = [
        decode_scan(code(f"28{item}{verifier}{value}"), None, GERMAN) for verifier in range(10)
    ]

    (label,) = [one for one in labels if isinstance(one, Decoded)]
    assert label.gtin == f"0{code(f'28{item}000000')}"
    assert (label.units or 0) == Decimal(value) / 1000
