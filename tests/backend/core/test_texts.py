import pytest

from backend.core.attributes import (
    AttributesTooLarge,
    InvalidAttributes,
    attributes,
    decode,
    encode,
    optional_attributes,
)
from backend.core.places import InvalidCoordinates, Place, PlaceDraft, merged_place, read_place
from backend.core.texts import InvalidCode, InvalidText, code_text, is_storable, printable, text


@pytest.mark.parametrize("value", ["", "  ", "x" * 401, "a\x07b", "a\x00", "\ud800"])
def test_a_text_nobody_can_read_is_refused(value):
    with pytest.raises(InvalidText) as raised:
        text(value, ["name"])

    assert raised.value.field == ["name"]


def test_a_text_loses_the_blanks_around_it():
    assert text(" Tea é ", ["name"]) == "Tea é"


@pytest.mark.parametrize("value", ["", " a", "a ", "x" * 101, "a\tb", "é\x00", "\udfff"])
def test_a_code_is_taken_exactly_or_not_at_all(value):
    with pytest.raises(InvalidCode):
        code_text(value, ["sku"])


def test_a_code_may_have_blanks_inside():
    assert code_text("BANK CHARGES", ["sku"]) == "BANK CHARGES"


def test_what_cannot_be_stored_can_still_be_shown():
    assert not is_storable("\ud800")
    assert printable("\ud800" + "x" * 100) == "?" + "x" * 59


@pytest.mark.parametrize("value", [None, 1, "x", [1], {"a": "\x00"}, {"a": "\ud800"}])
def test_attributes_are_an_object_that_can_be_kept(value):
    with pytest.raises(InvalidAttributes):
        attributes(value, ["attributes"])


@pytest.mark.parametrize("value", [{"a": "x" * 16_000}, {"a": [[[[[[[[1]]]]]]]]}])
def test_attributes_are_bounded(value):
    with pytest.raises(AttributesTooLarge):
        attributes(value, ["attributes"])


def test_attributes_come_back_as_they_were_kept():
    kept = attributes({"a": [1, 2.5, None, {"b": float("inf")}]}, ["attributes"])

    assert kept == {"a": [1, 2.5, None, {"b": None}]}
    assert decode(encode(kept)) == kept
    assert optional_attributes(None, []) is None


def test_a_place_keeps_what_is_not_sent():
    draft = read_place(PlaceDraft(city=" Chicago ", state=None), [])

    assert merged_place(draft, Place(state="NY", country="US"), []) == Place(
        city="Chicago", country="US"
    )


@pytest.mark.parametrize(
    "draft",
    [
        PlaceDraft(latitude=91.0, longitude=0.0),
        PlaceDraft(latitude=0.0, longitude=float("inf")),
        PlaceDraft(latitude=1.0),
        PlaceDraft(longitude=1.0),
    ],
)
def test_a_place_is_on_earth(draft):
    with pytest.raises(InvalidCoordinates):
        merged_place(draft, Place(), [])
