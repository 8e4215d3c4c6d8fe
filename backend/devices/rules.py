"""Reads, and what they do by the role of their read point. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final
from uuid import UUID

import msgspec

from backend.catalogue.rules import Packaged
from backend.core.drafts import Draft, Int32, Long53, Moment
from backend.core.identifiers import NO_LAYOUTS, Decoded, InStoreLayouts, Undecodable, decode_scan
from backend.core.numbers import SCALE, InvalidQuantity, quantity, rounded
from backend.core.texts import is_storable
from backend.core.times import EARLIEST
from backend.devices.errors import InvalidRead, UnknownReadPoint
from backend.locations.rules import LocationRef, SalesSource
from backend.pieces.rules import Label, ReadPointRole, TagPresence

MOST_CODE: Final = 4096
MOST_TEXT: Final = 200
MOST_REMEMBERED: Final = 50_000
LONGEST_REMEMBERED: Final = 64
MOST_SAID: Final = Decimal(1_000_000)
"""The greatest amount or price believed of a code."""
TOO_OLD: Final = "it was read before the first day of which sales are kept"
BEYOND_MEASURE: Final = "an amount in the code is beyond all measure"


class Effect(StrEnum):
    """What a read does to the ledger."""

    NOTHING = "NOTHING"
    SELL = "SELL"
    RECEIVE = "RECEIVE"


class ReadDraft(Draft, frozen=True, kw_only=True):
    """One read as the device saw it."""

    key: str
    read_point: str
    code: str
    symbology: str | None = None
    observed_at: Moment
    seq: Long53 | None = None
    count: Int32 | None = None
    rssi: float | None = None
    antenna: Int32 | None = None
    # Left out of the digest of the read when they are not sent, so that a read of an agent that
    # does not know them is the same before and after it does.
    presence: TagPresence | msgspec.UnsetType | None = msgspec.UNSET
    first_seen_at: Moment | msgspec.UnsetType | None = msgspec.UNSET


class IngestDraft(Draft, frozen=True, kw_only=True):
    """A batch of reads as sent."""

    device: str
    reads: list[ReadDraft]
    sent_at: Moment | None = None
    clock_skew_ms: Int32 | None = None


@dataclass(frozen=True, slots=True)
class DeviceRef:
    """A device with its place and its read points by code."""

    id: UUID
    code: str
    location: LocationRef
    read_points: Mapping[str, ReadPointRole]


@dataclass(frozen=True, slots=True)
class DeviceFact:
    """A device as it is listed."""

    id: UUID
    code: str
    name: str | None
    location_id: UUID
    last_read_at: datetime | None
    clock_skew_ms: int | None
    updated_at: datetime
    version: int


class Meaning(msgspec.Struct, frozen=True):
    """What the code of a read says by itself; `gtin` is None with the reason why.

    `units` and `price` are those in the code: an amount that multiplies what the GTIN counts for,
    and a price of all of it. `label` names the piece, where the code has a serial number.
    """

    gtin: str | None = None
    units: Decimal | None = None
    price: Decimal | None = None
    serial: str | None = None
    lot: str | None = None
    expires_on: date | None = None
    reason: str | None = None
    label: Label | None = None


class Read(msgspec.Struct, frozen=True):
    """A read that will be kept.

    `packaged` is what its code stands for, None with the reason why it is parked.
    """

    draft: ReadDraft
    id: UUID
    role: ReadPointRole
    observed_at: datetime
    meaning: Meaning
    parked_reason: str | None = None
    packaged: Packaged | None = None
    first_seen_at: datetime | None = None

    @property
    def units(self) -> Decimal | None:
        """Units of the product that one such code counts for."""
        return self.packaged.units if self.packaged else None


def effect_of(role: ReadPointRole, location: LocationRef) -> Effect:
    """Return what a read of that role does at a location.

    At checkout only where reads are the sales.
    """
    if role is ReadPointRole.RECEIVING:
        return Effect.RECEIVE
    if role is ReadPointRole.CHECKOUT and location.sales_source is SalesSource.READS:
        return Effect.SELL
    return Effect.NOTHING


def role_at(device: DeviceRef, draft: ReadDraft, path: list[str]) -> ReadPointRole:
    """Return the role of the read's read point, after checking that the read can be kept.

    Raises:
        UnknownReadPoint: the device has none of that code.
        InvalidRead: a part is too long or out of range.
    """
    if draft.read_point not in device.read_points:
        raise UnknownReadPoint(
            f"{device.code} has no read point {draft.read_point[:60]!r}",
            field=[*path, "readPoint"],
            value=draft.read_point[:60],
        )
    if len(draft.code) > MOST_CODE:
        raise InvalidRead(f"a code has at most {MOST_CODE} characters", field=[*path, "code"])
    symbology = draft.symbology or ""
    if len(symbology) > MOST_TEXT or not is_storable(symbology):
        raise InvalidRead(
            f"a symbology has at most {MOST_TEXT} characters", field=[*path, "symbology"]
        )
    if draft.count is not None and draft.count < 1:
        raise InvalidRead(
            "a read was seen at least once", field=[*path, "count"], value=draft.count
        )
    if draft.antenna is not None and not 0 <= draft.antenna < 2**15:
        raise InvalidRead("no such antenna", field=[*path, "antenna"], value=draft.antenna)
    if draft.rssi is not None and not abs(draft.rssi) < 1e6:
        raise InvalidRead("not a signal strength", field=[*path, "rssi"], value=str(draft.rssi))
    return device.read_points[draft.read_point]


def put_right(moment: datetime, skew: timedelta) -> datetime:
    """Return the moment a clock showed that was ahead by `skew`, as far as there are years."""
    try:
        return moment - skew
    except OverflowError:
        return moment


def first_seen(draft: ReadDraft, observed_at: datetime, skew: timedelta) -> datetime | None:
    """Return since when a tag had been in the field; None where that is not said, or cannot be."""
    said = draft.first_seen_at
    if not isinstance(said, datetime) or said.tzinfo is None or said < EARLIEST:
        return None
    since = put_right(said, skew)
    return since if since <= observed_at else None


def decode(draft: ReadDraft, in_store: InStoreLayouts = NO_LAYOUTS) -> Meaning:
    """Return what a read's code says; `in_store` divides numbers of the shop's own."""
    if len(draft.code) > LONGEST_REMEMBERED:
        return _decode(draft.code, draft.symbology, in_store)
    return _decode_remembered(draft.code, draft.symbology, in_store)


def _decode(code: str, symbology: str | None, in_store: InStoreLayouts) -> Meaning:
    decoded = decode_scan(code, symbology, in_store)
    if isinstance(decoded, Undecodable):
        return Meaning(reason=decoded.explanation)
    if decoded.gtin is None:
        return Meaning(reason="the code names no trade item")
    if any(said is not None and said > MOST_SAID for said in (decoded.units, decoded.price)):
        return Meaning(reason=BEYOND_MEASURE)
    return Meaning(
        gtin=str(decoded.gtin),
        units=decoded.units,
        price=decoded.price,
        serial=decoded.serial,
        lot=decoded.lot,
        expires_on=decoded.expires_on,
        label=_label(decoded, code),
    )


def _label(decoded: Decoded, code: str) -> Label | None:
    """Return what names the piece; None where the code is of a kind, or of what lies inside."""
    is_piece = bool(decoded.serial) and any(ai == "01" for ai, _ in decoded.elements)
    if not is_piece:
        return None
    return Label(
        gtin=str(decoded.gtin),
        serial=decoded.serial or "",
        epc=decoded.epc_uri or decoded.digital_link or code,
        epc_hex=code.strip().upper() if decoded.epc else None,
        lot=decoded.lot,
        expires_on=decoded.expires_on,
    )


# The same goods are scanned all day.
_decode_remembered = lru_cache(MOST_REMEMBERED)(_decode)


def counted(packaged: Packaged, units: Decimal | None) -> Packaged | None:
    """Return what a code counts for that itself says `units`; None where that is beyond measure."""
    if units is None:
        return packaged
    try:
        total = quantity(rounded(packaged.units * units), ["units"], least=SCALE)
    except InvalidQuantity:
        return None
    return Packaged(packaged.product, total)


def storable(code: str) -> str:
    """Return a scanned code as PostgreSQL can keep it.

    NUL, which text cannot hold, becomes its picture U+2400.
    """
    return code.replace("\x00", "\u2400") if "\x00" in code else code
