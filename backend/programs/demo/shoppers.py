"""Who buys what, where, at this moment: the pattern of the past, at a pace that can be watched."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import accumulate
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from backend.programs.demo.goods import Good
from backend.programs.demo.places import STORES, ZONE, Store
from backend.programs.demo.retailer import Customer, Retailer
from backend.programs.demo.seasons import ALL_NIGHT, DAY, WEB, offers, promotions

QUIET: Final = 1.5
BUSY: Final = 2.5
"""Scans per second over all stores at speed 1: in the dead of night, at the best hour."""
WEB_PACE: Final = 0.3
MARKETPLACE_PACE: Final = 0.12
TRACE_PACE: Final = 0.02
"""Orders per second at speed 1 on an average hour of the web."""
BASKETS: Final = (1, 1, 1, 2, 2, 3, 4)
"""How many different things an order over the network holds."""
_CENT: Final = Decimal("0.01")
_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Purchase:
    """A thing at the till of a store, by its number."""

    store: int
    good: Good


class Shoppers:
    """Draws purchases; `now` is the real time, by which stores open and close."""

    def __init__(self, rng: Random, retailer: Retailer, speed: float) -> None:
        self._rng = rng
        self._retailer = retailer
        self._speed = speed
        self._minute: datetime | None = None
        self._stores: list[float] = []
        self._pace = 0.0
        self._offers: dict[str | None, Decimal] = {}
        self._shares: dict[str, list[float]] = {}
        self._shares_for: tuple[int, frozenset[str | None]] | None = None

    def scans_per_second(self, now: datetime) -> float:
        """Return how fast things pass the tills of all stores."""
        self._look_at_the_clock(now)
        return self._pace * self._speed

    def orders_per_second(self, now: datetime) -> dict[str, float]:
        """Return how fast orders come in by where they come from."""
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
        return self._rng.choice(self._retailer.customers)

    def _look_at_the_clock(self, now: datetime) -> None:
        minute = now.astimezone(UTC).replace(second=0, microsecond=0)
        if minute == self._minute:
            return
        self._minute = minute
        open_now = [store.size * _share(store, now) for store in STORES]
        fullness = sum(open_now) / sum(store.size for store in STORES)
        self._stores = list(accumulate(open_now))
        self._pace = QUIET + (BUSY - QUIET) * min(1.0, fullness)
        today = now.astimezone(ZoneInfo(ZONE)).date()
        self._offers = offers(promotions(today), today)
        season = (today.month, frozenset(self._offers))
        if season != self._shares_for:
            self._shares_for, self._shares = season, {}


def _share(store: Store, now: datetime) -> float:
    hours = ALL_NIGHT if store.all_night else DAY
    return hours[now.astimezone(ZoneInfo(store.timezone)).hour]
