"""The stock the demo retailer had at first, and deliveries: levels end where they should."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Final

from backend.programs.demo.goods import Good
from backend.programs.demo.history import Order
from backend.programs.demo.places import STORES
from backend.programs.demo.retailer import Retailer

_LOW: Final = 36
_OUT: Final = 7
_OVERSOLD: Final = 2
"""How many levels end so; all others are healthy."""
_DELIVERY_HOUR: Final = 13
"""UTC: before or around opening everywhere in the country."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Goods that came in. `is_first`: they were there when the ledger began."""

    place: str
    good: Good
    units: int
    received_at: datetime
    is_first: bool


@dataclass(frozen=True, slots=True)
class Excess:
    """A last sale of more than is there."""

    place: str
    good: Good
    units: int
    sold_at: datetime


class Supply:
    """What every level needs for its sales, level by level.

    Until the last delivery a level stays above its reorder point; from there it falls to where it
    ends. Those in `excesses` end at one unit, which is then oversold.
    """

    def __init__(
        self, retailer: Retailer, orders: Iterable[Order], first: datetime, now: datetime
    ) -> None:
        rng = Random(f"demo supply {retailer.seed}")
        moved = _moved(orders)
        ends, oversold = _ends(rng, retailer, set(moved))
        self.excesses = [
            Excess(place, good, rng.randint(2, 3), now - timedelta(minutes=1))
            for place, good in oversold
        ]
        self.receipts = [
            receipt
            for (place, good), end in ends.items()
            for receipt in _supplied(
                rng, place, good, moved.get((place, good.sku), []), end, (first, now)
            )
        ]


def _moved(orders: Iterable[Order]) -> dict[tuple[str, str], list[tuple[datetime, int]]]:
    """Return what left (positive) and came back per place and SKU, in the order of time."""
    moved: dict[tuple[str, str], list[tuple[datetime, int]]] = defaultdict(list)
    for order in orders:
        if order.distributor is None:
            sign = -1 if order.is_return else 1
            for line in order.lines:
                moved[order.place, line.good.sku].append((order.sold_at, sign * line.units))
    for changes in moved.values():
        changes.sort(key=lambda change: change[0])
    return moved


def _ends(
    rng: Random, retailer: Retailer, sold: set[tuple[str, str]]
) -> tuple[dict[tuple[str, Good], int], list[tuple[str, Good]]]:
    """Return where each level ends, mostly at 2 to 6 times its reorder point; and the oversold."""
    keys = [(place, good) for place, range_ in retailer.ranges.items() for good in range_]
    ends = {key: round(key[1].reorder_point * rng.uniform(2, 6)) + 4 for key in keys}
    stores = {store.code for store in STORES}
    troubled = [
        (place, good)
        for place, good in keys
        if place in stores and good.popularity > 0.6 and (place, good.sku) in sold
    ]
    chosen = rng.sample(troubled, _LOW + _OUT + _OVERSOLD)
    for n, key in enumerate(chosen):
        ends[key] = rng.randint(1, key[1].reorder_point) if n < _LOW else 0
    oversold = chosen[_LOW + _OUT :]
    ends |= dict.fromkeys(oversold, 1)
    return ends, oversold


def _supplied(
    rng: Random,
    place: str,
    good: Good,
    changes: list[tuple[datetime, int]],
    end: int,
    span: tuple[datetime, datetime],
) -> Iterator[Receipt]:
    first, now = span
    needed = end + sum(units for _, units in changes)
    parcel = max(good.case_units or 6, 6) * (1 + round(good.popularity))
    # Of what is needed, all that exceeds a full shelf is delivered later.
    shelf = 4 * good.reorder_point + 2 * parcel
    parcels = max(0, needed - shelf) // parcel
    level = needed - parcels * parcel
    if level > 0:
        yield Receipt(place, good, level, first, True)
    for moment, units in changes:
        if parcels and level - units < good.reorder_point:
            yield Receipt(place, good, parcel, _morning_before(rng, moment, first), False)
            level += parcel
            parcels -= 1
        level -= units
    for _ in range(parcels):  # what came back made them needless: they lie on top
        yield Receipt(place, good, parcel, _morning_before(rng, now, first), False)


def _morning_before(rng: Random, moment: datetime, first: datetime) -> datetime:
    """Return a minute of the delivery hour before a moment, and after the ledger began."""
    minute = timedelta(minutes=rng.randrange(60))
    morning = datetime.combine(moment.date(), time(_DELIVERY_HOUR), UTC) + minute
    if morning >= moment:
        morning -= timedelta(days=1)
    return max(morning, first + timedelta(minutes=1))
