"""Who buys what, where, at this moment: as in the past, or at a pace that is a spectacle."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import accumulate
from math import exp
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from backend.programs.demo import pace
from backend.programs.demo.goods import Good
from backend.programs.demo.places import STORES, ZONE, Store
from backend.programs.demo.retailer import Customer, Retailer
from backend.programs.demo.seasons import WEB, offers, promotions

QUIET: Final = 1.5
BUSY: Final = 2.5
"""Scans per second over all stores at speed 1: in the dead of night, at the best hour."""
WEB_PACE: Final = 0.3
MARKETPLACE_PACE: Final = 0.12
TRACE_PACE: Final = 0.02
"""Orders per second at speed 1 on an average hour of the web."""
OPENING: Final = 0.4
"""Scans per second that the first moments after a start have on top, where the past goes on."""
OPENING_S: Final = 150.0
"""How long that takes to fall to a third: some sixty sales more than the day would have had."""
_CENT: Final = Decimal("0.01")
_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Purchase:
    """A thing at the till of a store, by its number."""

    store: int
    good: Good


class Shoppers:
    """Draws purchases; `now` is the real time, by which stores open and close.

    Without a speed the past goes on at its own pace, after some livelier minutes. Speed 1 is about
    two scans a second.
    """

    def __init__(self, rng: Random, retailer: Retailer, speed: float | None) -> None:
        self._rng = rng
        self._retailer = retailer
        self._speed = speed
        self._minute: datetime | None = None
        self._opened_at: datetime | None = None
        self._stores: list[float] = []
        self._pace = 0.0
        self._offers: dict[str | None, Decimal] = {}
        self._shares: dict[str, list[float]] = {}
        self._shares_for: tuple[int, frozenset[str | None]] | None = None

    def scans_per_second(self, now: datetime) -> float:
        """Return how fast things pass the tills of all stores."""
        self._look_at_the_clock(now)
        if self._speed is not None:
            return self._pace * self._speed
        self._opened_at = self._opened_at or now
        since = (now - self._opened_at).total_seconds()
        return self._pace + OPENING * exp(-since / OPENING_S)

    def orders_per_second(self, now: datetime) -> dict[str, float]:
        """Return how fast orders come in by where they come from."""
        if self._speed is None:
            return {origin: pace.orders_per_second(origin, now) for origin in pace.SHIPPED_ORDERS}
        share = WEB[now.astimezone(ZoneInfo(ZONE)).hour] * self._speed
        return {
            "ONLINE": max(0.4, share) * WEB_PACE,
            "MARKETPLACE": max(0.4, share) * MARKETPLACE_PACE,
            "TRACE": share * TRACE_PACE,
        }

    def purchase(self, now: datetime) -> Purchase:
        """Return what is bought next in a store."""
        self._look_at_the_clock(now)
        number = self._rng.choices(range(len(STORES)), cum_weights=self._stores)[0]
        store = STORES[number]
        return Purchase(number, self.pick(store.code, store.region))

    def pick(self, place: str, region: str) -> Good:
        """Return one product of a place's range."""
        key = f"{place} {region}"
        if key not in self._shares:
            month, on_offer = self._shares_for or (1, frozenset())
            self._shares[key] = self._retailer.shares(place, region, month, on_offer)
        return self._rng.choices(self._retailer.ranges[place], cum_weights=self._shares[key])[0]

    def discount(self, good: Good, units: int, now: datetime) -> Decimal:
        """Return what is off a line today, 0 without a promotion."""
        self._look_at_the_clock(now)
        rate = self._offers.get(good.group.category) or self._offers.get(None)
        return (good.price * units * rate).quantize(_CENT) if rate else _NOTHING

    def customer(self) -> Customer:
        """Return who orders."""
        return self._retailer.customer(self._rng)

    def _look_at_the_clock(self, now: datetime) -> None:
        minute = now.astimezone(UTC).replace(second=0, microsecond=0)
        if minute == self._minute:
            return
        self._minute = minute
        open_now = [store.size * _share(store, now) for store in STORES]
        fullness = sum(open_now) / sum(store.size for store in STORES)
        self._stores = list(accumulate(open_now))
        self._pace = (
            sum(pace.scans_per_second(store, now) for store in STORES)
            if self._speed is None
            else QUIET + (BUSY - QUIET) * min(1.0, fullness)
        )
        today = now.astimezone(ZoneInfo(ZONE)).date()
        self._offers = offers(promotions(today), today)
        season = (today.month, frozenset(self._offers))
        if season != self._shares_for:
            self._shares_for, self._shares = season, {}


def _share(store: Store, now: datetime) -> float:
    return pace.hours_of(store)[now.astimezone(ZoneInfo(store.timezone)).hour]
