"""Which reads can be kept, and what they do."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from backend.catalogue.rules import Packaged, ProductRef
from backend.core.errors import ShelfcastError
from backend.core.ids import new_id
from backend.devices.rules import (
    BEYOND_MEASURE,
    DeviceRef,
    Effect,
    Meaning,
    ReadDraft,
    ReadPointRole,
    counted,
    decode,
    effect_of,
    role_at,
    storable,
)
from backend.locations.rules import LocationKind, LocationRef, SalesSource

POS = LocationRef(new_id(), "a", "A", LocationKind.STORE, "UTC", SalesSource.POS)
READS = LocationRef(new_id(), "b", "B", LocationKind.STORE, "UTC", SalesSource.READS)
DEVICE = DeviceRef(new_id(), "d", POS, {"till": ReadPointRole.CHECKOUT})


def draft(**fields):
    base = {"key": "k", "read_point": "till", "code": "1", "observed_at": datetime.now(UTC)}
    return ReadDraft(**(base | fields))


@pytest.mark.parametrize(
    ("role", "location", "effect"),
    [
        (ReadPointRole.RECEIVING, POS, Effect.RECEIVE),
        (ReadPointRole.RECEIVING, READS, Effect.RECEIVE),
        (ReadPointRole.CHECKOUT, POS, Effect.NOTHING),
        (ReadPointRole.CHECKOUT, READS, Effect.SELL),
        (ReadPointRole.SHELF, READS, Effect.NOTHING),
        (ReadPointRole.CYCLE_COUNT, READS, Effect.NOTHING),
        (ReadPointRole.EXIT, READS, Effect.NOTHING),
    ],
)
def test_what_a_read_does_depends_on_its_role_and_place(role, location, effect):
    assert effect_of(role, location) is effect


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("read_point", "door"),
        ("code", "x" * 4097),
        ("symbology", "x" * 201),
        ("count", 0),
        ("antenna", -1),
        ("antenna", 2**15),
        ("rssi", 1e7),
        ("rssi", float("nan")),
    ],
)
def test_a_read_with_a_part_that_cannot_be_kept_is_refused(field, value):
    with pytest.raises(ShelfcastError) as caught:
        role_at(DEVICE, draft(**{field: value}), ["input", "reads", "0"])

    names = {"read_point": "readPoint"}
    assert caught.value.field == ["input", "reads", "0", names.get(field, field)]


def test_a_read_at_its_limits_is_kept():
    whole = draft(code="x" * 4096, symbology="]" * 200, count=1, antenna=0, rssi=-70.5)

    assert role_at(DEVICE, whole, []) is ReadPointRole.CHECKOUT


@pytest.mark.parametrize(
    ("code", "gtin"),
    [
        ("4006381333931", "04006381333931"),
        ("hello", None),
        ("]C100123456789012345675", None),  # a parcel, not a trade item
    ],
)
def test_a_code_names_a_trade_item_or_says_why_not(code, gtin):
    meaning = decode(draft(code=code))

    assert meaning.gtin == gtin
    assert (meaning.reason is None) == (gtin is not None)


def test_a_code_says_what_it_counts_for_and_more():
    label = draft(code="]C102040063813339313724\x1d1726013110LOT-7\x1d21S1", symbology="]C1")

    assert decode(label) == Meaning(
        gtin="04006381333931",
        units=Decimal(24),
        serial="S1",
        lot="LOT-7",
        expires_on=date(2026, 1, 31),
    )


def test_an_amount_no_shelf_can_hold_is_not_believed():
    assert decode(draft(code="]C102040063813339313799999999")).reason == BEYOND_MEASURE


@pytest.mark.parametrize(
    ("units", "said", "total"),
    [("12", None, "12"), ("1", "1.25", "1.25"), ("12", "3", "36"), ("1", "0.00001", None)],
)
def test_what_a_code_says_multiplies_what_its_gtin_counts_for(units, said, total):
    product = ProductRef(new_id(), "s", "S")

    found = counted(Packaged(product, Decimal(units)), said and Decimal(said))

    assert found == (Packaged(product, Decimal(total)) if total else None)


def test_more_than_can_be_counted_counts_for_nothing():
    product = ProductRef(new_id(), "s", "S")

    assert counted(Packaged(product, Decimal(10**6)), Decimal(10**6)) is None


def test_a_nul_is_stored_as_its_picture():
    assert storable("a\x00b") == "a\u2400b"
    assert storable("ab") == "ab"
