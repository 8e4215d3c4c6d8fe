"""Which reads can be kept, and what they do."""

from datetime import UTC, datetime

import pytest

from backend.core.errors import ShelfcastError
from backend.core.ids import new_id
from backend.devices.rules import (
    DeviceRef,
    Effect,
    ReadDraft,
    ReadPointRole,
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


def test_a_nul_is_stored_as_its_picture():
    assert storable("a\x00b") == "a\u2400b"
    assert storable("ab") == "ab"
