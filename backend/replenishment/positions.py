"""Every product at every location as it stands: stock, terms, what will be wanted of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

import numpy as np

from backend.catalogue.rules import ProductRef
from backend.forecasting.arrays import Ints
from backend.infra.work import Work
from backend.locations.rules import LocationRef
from backend.replenishment.expecting import Expected, expected_of
from backend.replenishment.levels import Levels, SupplyCriteria, levels_of
from backend.replenishment.suggesting import Policy, Stock
from backend.replenishment.supply import supply_book
from backend.replenishment.terms import Supply, SupplyBook, Terms
from backend.replenishment.totals import Totals

_SCALE: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Position:
    """A product at a location."""

    product: ProductRef
    location: LocationRef
    on_hand: Decimal
    committed: Decimal
    unavailable: Decimal
    incoming: Decimal
    own_point: Decimal | None
    distributor: str | None
    distributor_name: str | None
    pack_gtin: str | None
    price: Decimal | None
    cost: Decimal | None
    supply: Supply
    today: date


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Positions in the order of location and SKU, with what is expected of each.

    `supply` is the number of each one's terms among `supplies`; `today` the business day by place.
    """

    levels: Levels
    expected: Expected
    supplies: Sequence[Supply]
    supply: Ints
    policy: Policy
    cover: Ints
    today: Sequence[date]

    @property
    def totals(self) -> Totals:
        """What is expected of all days up to each."""
        return self.expected.totals

    @property
    def stock(self) -> Stock:
        """The units of the levels."""
        return self.levels.stock

    def at(self, n: int) -> Position:
        """Return one of them."""
        levels, stock, place = self.levels, self.stock, int(self.levels.place[n])
        good, own = levels.goods[int(levels.good[n])], float(levels.own_point[n])
        return Position(
            product=good.product,
            location=levels.places[place],
            on_hand=_exact(stock.on_hand[n]),
            committed=_exact(stock.committed[n]),
            unavailable=_exact(stock.unavailable[n]),
            incoming=_exact(stock.incoming[n]),
            own_point=None if np.isnan(own) else _exact(own),
            distributor=good.distributor,
            distributor_name=good.distributor_name,
            pack_gtin=good.pack_gtin,
            price=good.price,
            cost=good.cost,
            supply=self.supplies[int(self.supply[n])],
            today=self.today[place],
        )


async def positions(work: Work, criteria: SupplyCriteria, wanted: Terms) -> Positions:
    """Return what is dealt in and has a level, in the order of location and SKU.

    `wanted` are terms that count before those that are settled.

    Raises:
        TooManyPositions: more than one answer goes through.
    """
    levels = await levels_of(work, criteria)
    book = await supply_book(work, wanted)
    supplies, supply = await asyncio.to_thread(supplied, levels, book)
    policy = Policy.of(supplies).of_each(supply)
    furthest = int(policy.lasting.max(initial=0))
    expected = await expected_of(work, levels, furthest)
    cover = np.array([one.cover.value for one in supplies], np.int64)[supply]
    today = _today(levels.places, work.now)
    return Positions(levels, expected, supplies, supply, policy, cover, today)


def supplied(levels: Levels, book: SupplyBook) -> tuple[list[Supply], Ints]:
    """Return the different terms that hold, and the number of each level's among them.

    What terms neither name nor tell apart has the same: it is looked up once.
    """
    named = {one.product_id for one in book.terms}
    shops = {one.location_id for one in book.terms}
    goods, good = _alike(
        [(one.distributor_id, one.pack, one.product.id if one.product.id in named else None)
         for one in levels.goods]
    )  # fmt: skip
    places, place = _alike([one.id if one.id in shops else None for one in levels.places])
    pair = good[levels.good] * max(len(places), 1) + place[levels.place]
    pairs, supply = np.unique(pair, return_inverse=True)
    supplies = list[Supply]()
    for one in pairs.tolist():
        dealt = levels.goods[goods[one // len(places)]]
        shop = levels.places[places[one % len(places)]]
        supplies.append(book.supply(dealt.distributor_id, dealt.product.id, shop.id, dealt.pack))
    return supplies, supply.astype(np.int64)


def _alike(marks: Sequence[object]) -> tuple[list[int], Ints]:
    """Return the first of each kind, and of each its kind."""
    kinds = dict[object, int]()
    kind = np.array([kinds.setdefault(one, len(kinds)) for one in marks], np.int64)
    return np.unique(kind, return_index=True)[1].tolist(), kind


def _today(places: Sequence[LocationRef], now: datetime) -> list[date]:
    return [one.business_day(now) for one in places]


def _exact(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(_SCALE)
