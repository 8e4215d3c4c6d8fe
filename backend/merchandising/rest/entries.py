"""Entries `{"name", "buy", "profit", "time"}`: what they say, and sales with exactly that profit.

Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

import msgspec

from backend.core.numbers import MAX_MONEY, MAX_QUANTITY, SCALE, ZERO, rounded
from backend.merchandising.rest.errors import InvalidEntry, TooManyEntries

MOST_ENTRIES: Final = 5_000
MOST_TEXT: Final = 200
_NEEDED: Final = ("name", "buy", "profit", "time")
_KNOWN: Final = frozenset((*_NEEDED, "location"))
_LAST_SECOND: Final = Decimal(253_402_300_799)
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
_TRIES: Final = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as sent: units of a SKU, what was earned with all of them, when.

    `location` None: wherever such sales belong.
    """

    sku: str
    units: Decimal
    profit: Decimal
    sold_at: datetime
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """So many units at one cost."""

    units: Decimal
    unit_cost: Decimal


@dataclass(frozen=True, slots=True)
class Priced:
    """A sale at one price whose parts leave the profit exactly."""

    unit_price: Decimal
    parts: tuple[Part, ...]


def read_entries(body: bytes) -> list[Entry]:
    """Return the entries of a request's body; amounts are rounded to four decimals.

    Raises:
        InvalidEntry: no JSON, no list, or a row with a field that cannot be: `field` says which.
        TooManyEntries: more than one request may have.
    """
    try:
        sent = _DECODER.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as exc:
        raise InvalidEntry("the body is no JSON", field=[]) from exc
    if not isinstance(sent, list) or not sent:
        raise InvalidEntry('send a list: [{"name", "buy", "profit", "time"}]', field=[])
    if len(sent) > MOST_ENTRIES:
        raise TooManyEntries(
            f"{len(sent)} entries; send at most {MOST_ENTRIES}", field=[], limit=MOST_ENTRIES
        )
    return [_entry(row, [str(n)]) for n, row in enumerate(sent)]


def _entry(row: Any, path: list[str]) -> Entry:
    if not isinstance(row, dict):
        raise InvalidEntry("an entry is an object", field=path)
    for name in _NEEDED:
        if name not in row:
            raise InvalidEntry(f"{name} is missing", field=[*path, name])
    for name in row:
        if name not in _KNOWN:
            raise InvalidEntry(f"there is no field {name[:60]!r}", field=[*path, name[:60]])
    location = row.get("location")
    return Entry(
        sku=_text(row["name"], [*path, "name"]),
        units=_number(row["buy"], [*path, "buy"], SCALE, MAX_QUANTITY),
        profit=_number(row["profit"], [*path, "profit"], -MAX_MONEY, MAX_MONEY),
        sold_at=_moment(row["time"], [*path, "time"]),
        location=None if location is None else _text(location, [*path, "location"]),
    )


def _text(value: Any, field: list[str]) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MOST_TEXT:
        raise InvalidEntry(
            f"{field[-1]} is a text of 1 to {MOST_TEXT} characters",
            field=field,
            value=str(value)[:60],
        )
    return value


def _number(value: Any, field: list[str], least: Decimal, most: Decimal) -> Decimal:
    number = _decimal(value)
    if number is None or not least <= number <= most:
        raise InvalidEntry(
            f"{field[-1]} is a number from {least} to {most}", field=field, value=str(value)[:60]
        )
    return rounded(number)


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    return number if number.is_finite() else None


def _moment(value: Any, field: list[str]) -> datetime:
    seconds = _decimal(value)
    if seconds is None or not 0 <= seconds <= _LAST_SECOND:
        raise InvalidEntry(
            "time is in seconds since 1970-01-01 UTC", field=field, value=str(value)[:60]
        )
    return datetime.fromtimestamp(float(seconds), UTC)


def priced(entry: Entry, price: Decimal | None) -> Priced:
    """Return at which price and cost the units leave exactly the profit.

    The price is the catalogue's (None: it has none) where that leaves a cost of nothing or more;
    else it is the profit: what else was paid nobody said. Costs have four decimals a unit, so
    the last ten-thousandths of the whole are those of some of the units.

    Raises:
        InvalidEntry: no price and cost with four decimals come to it.
    """
    units, profit = entry.units, entry.profit
    unit_price = price or ZERO
    if rounded(unit_price * units) < profit:
        unit_price = (profit / units).quantize(SCALE, ROUND_CEILING)
    for parts in _candidates(units, rounded(unit_price * units) - profit):
        if earned(unit_price, parts) == profit:
            return Priced(unit_price, parts)
    raise InvalidEntry(
        "no price and cost of four decimals come to this profit",
        value=str(profit),
        field=["profit"],
    )


def earned(unit_price: Decimal, parts: tuple[Part, ...]) -> Decimal:
    """Return the profit of parts, rounded as lines of a sale are."""
    return sum(
        (rounded(unit_price * one.units) - rounded(one.unit_cost * one.units) for one in parts),
        ZERO,
    )


def _candidates(units: Decimal, cost: Decimal) -> Iterator[tuple[Part, ...]]:
    """Give ways to divide a cost: all units alike, or some that cost a ten-thousandth more."""
    alike = rounded(cost / units)
    yield (Part(units, alike),)
    low = (cost / units).quantize(SCALE, ROUND_FLOOR)
    for unit_cost in (low, low - SCALE, low + SCALE):
        if unit_cost < 0:
            continue
        yield (Part(units, unit_cost),)
        near = int((cost - rounded(unit_cost * units)) / SCALE)
        for dearer in range(max(near - _TRIES, 1), near + _TRIES + 1):
            if dearer < units:
                yield (
                    Part(Decimal(dearer), unit_cost + SCALE),
                    Part(units - dearer, unit_cost),
                )
