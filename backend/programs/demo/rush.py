"""Hours of the past as busy as the living demo, so that the wall compares like with like.

Fourteen months at a pace that can be watched would be millions of sales: all else is thinner.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final

from backend.programs.demo.goods import Good
from backend.programs.demo.history import Line, Order
from backend.programs.demo.places import DISTRIBUTORS, STORES, WAREHOUSE, WEB_SHOP
from backend.programs.demo.retailer import Retailer
from backend.programs.demo.seasons import poisson
from backend.programs.demo.shoppers import BASKETS, Shoppers

LEAD: Final = timedelta(minutes=60)
"""What the wall shows minute by minute."""
TRAIL: Final = timedelta(minutes=30)
"""For how long after the load the week before stays comparable."""
_WEEK: Final = timedelta(days=7)
_STEP: Final = timedelta(seconds=4)


class Rush:
    """The orders of the hour before `now`, and a week before of that hour and half of the next."""

    def __init__(self, retailer: Retailer, now: datetime) -> None:
        self._rng = Random(f"demo rush {retailer.seed}")
        self._shoppers = Shoppers(self._rng, retailer, 1.0)
        self._now = now
        self._number = 0

    def orders(self) -> Iterator[Order]:
        """Yield them in the order of time, the older span first."""
        before = self._now - _WEEK
        for start, end in ((before - LEAD, before + TRAIL), (self._now - LEAD, self._now)):
            moment = start
            while moment < end:
                yield from self._at(moment)
                moment += _STEP

    def _at(self, moment: datetime) -> Iterator[Order]:
        seconds = _STEP.total_seconds()
        pace = self._shoppers.scans_per_second(moment)
        for _ in range(poisson(self._rng, pace * seconds)):
            bought = self._shoppers.purchase(moment)
            store = STORES[bought.store]
            line = self._line(bought.good, moment)
            sold_at = self._within(moment)
            yield Order(self._key(), store.code, "IN_STORE", sold_at, (line,), store.device)
        for origin, rate in self._shoppers.orders_per_second(moment).items():
            for _ in range(poisson(self._rng, rate * seconds)):
                yield self._shipped(origin, moment)

    def _shipped(self, origin: str, moment: datetime) -> Order:
        customer = self._shoppers.customer()
        place = WEB_SHOP if origin == "ONLINE" else WAREHOUSE
        count = self._rng.choice(BASKETS)
        picked = [self._shoppers.pick(place, customer.home.region) for _ in range(count)]
        is_trace = origin == "TRACE"
        return Order(
            key=self._key(),
            place=place,
            channel="MARKETPLACE" if is_trace else origin,
            sold_at=self._within(moment),
            lines=tuple(self._line(good, moment) for good in dict.fromkeys(picked)),
            customer=None if is_trace else customer,
            ship_to=customer.home,
            distributor=self._rng.choice(DISTRIBUTORS).code if is_trace else None,
        )

    def _line(self, good: Good, moment: datetime) -> Line:
        return Line(good, 1, good.price, self._shoppers.discount(good, 1, moment))

    def _within(self, moment: datetime) -> datetime:
        later = moment + _STEP * self._rng.random()
        return min(later, self._now - timedelta(milliseconds=1)).replace(microsecond=0)

    def _key(self) -> str:
        self._number += 1
        return f"R{self._number:06d}"
