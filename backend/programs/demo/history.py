"""Fourteen months of invented sales, up to this minute."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from backend.programs.demo.goods import Good
from backend.programs.demo.pace import (
    RETURNED,
    SHIPPED_ORDERS,
    hours_of,
    lines_of_an_order,
    shipped_orders,
    store_orders,
    units_of_a_line,
)
from backend.programs.demo.places import DISTRIBUTORS, STORES, WAREHOUSE, WEB_SHOP, ZONE, Store
from backend.programs.demo.retailer import Customer, Retailer
from backend.programs.demo.seasons import (
    HISTORY,
    WEB,
    Promotion,
    offers,
    poisson,
    promotions,
)

_CENT: Final = Decimal("0.01")
_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One product of an order. `discount` is of the whole line."""

    good: Good
    units: int
    unit_price: Decimal
    discount: Decimal


@dataclass(frozen=True, slots=True)
class Order:
    """A sale, or with `is_return` what came back of one. `distributor`: who sold it on (trace)."""

    key: str
    place: str
    channel: str
    sold_at: datetime
    lines: tuple[Line, ...]
    sold_by: str | None = None
    customer: Customer | None = None
    ship_to: Store | None = None
    distributor: str | None = None
    is_return: bool = False


@dataclass(frozen=True, slots=True)
class _Day:
    """What all orders of one local day share."""

    day: date
    now: datetime
    offers: dict[str | None, Decimal]
    is_late: bool
    """Whether the present prices hold already."""


class History:
    """Makes the orders of all days, the same for the same seed and `now`."""

    def __init__(self, retailer: Retailer, now: datetime, span: timedelta = HISTORY) -> None:
        self.now = now
        self.today = now.astimezone(ZoneInfo(ZONE)).date()
        self.first = self.today - span
        self.opened_at = datetime.combine(self.first - timedelta(days=1), time(12), UTC)
        """When the ledger began: before the first sale anywhere."""
        self.promotions: tuple[Promotion, ...] = promotions(self.today)
        self.prices_changed_on = self.today - timedelta(days=200)
        self._retailer = retailer
        self._rng = Random(f"demo history {retailer.seed}")
        self._shares: dict[tuple[str, int, frozenset[str | None]], list[float]] = {}
        self._number = 0

    def orders(self) -> Iterator[Order]:
        """Yield the orders day by day; within a day place by place."""
        day = self.first
        while day <= self.today + timedelta(days=1):
            about = _Day(day, self.now, offers(self.promotions, day), day >= self.prices_changed_on)
            for store in STORES:
                yield from self._in_store(about, store)
            yield from self._online(about)
            day += timedelta(days=1)

    def _in_store(self, about: _Day, store: Store) -> Iterator[Order]:
        """Yield what passed a till: one thing at a time, at its price, to nobody known."""
        count = poisson(self._rng, store_orders(store, about.day, self.today))
        shares = self._shares_of(store.code, store.region, about)
        for sold_at in _moments(self._rng, about, store.timezone, hours_of(store), count):
            good = self._rng.choices(self._retailer.ranges[store.code], cum_weights=shares)[0]
            price = good.price if about.is_late else good.old_price
            yield Order(
                key=self._key(),
                place=store.code,
                channel="IN_STORE",
                sold_at=sold_at,
                lines=(Line(good, 1, price, _NOTHING),),
                sold_by=store.device,
            )

    def _online(self, about: _Day) -> Iterator[Order]:
        for origin in SHIPPED_ORDERS:
            count = poisson(self._rng, shipped_orders(origin, about.day, self.today))
            for sold_at in _moments(self._rng, about, ZONE, WEB, count):
                order = self._shipped(about, origin, sold_at)
                yield order
                yield from self._back(order)

    def _shipped(self, about: _Day, origin: str, sold_at: datetime) -> Order:
        customer = self._retailer.customer(self._rng)
        is_trace = origin == "TRACE"
        place = WEB_SHOP if origin == "ONLINE" else WAREHOUSE
        return Order(
            key=self._key(),
            place=place,
            channel="MARKETPLACE" if is_trace else origin,
            sold_at=sold_at,
            lines=self._lines(about, place, customer.home.region),
            customer=None if is_trace else customer,
            ship_to=customer.home,
            distributor=self._rng.choice(DISTRIBUTORS).code if is_trace else None,
        )

    def _back(self, order: Order) -> Iterator[Order]:
        """Yield what comes back of an order, if anything does and has by now."""
        if order.distributor or self._rng.random() >= RETURNED:
            return
        returned_at = order.sold_at + timedelta(days=self._rng.randint(1, 20))
        if returned_at >= self.now:
            return
        line = order.lines[0]
        discount = (line.discount / line.units).quantize(_CENT, ROUND_HALF_EVEN)
        one = Line(line.good, 1, line.unit_price, discount)
        yield Order(
            key=f"{order.key}-R",
            place=order.place,
            channel=order.channel,
            sold_at=returned_at,
            lines=(one,),
            customer=order.customer,
            ship_to=order.ship_to,
            is_return=True,
        )

    def _lines(self, about: _Day, place: str, region: str) -> tuple[Line, ...]:
        rng = self._rng
        range_ = self._retailer.ranges[place]
        shares = self._shares_of(place, region, about)
        picked = rng.choices(range_, cum_weights=shares, k=lines_of_an_order(rng))
        return tuple(_line(good, units_of_a_line(rng), about) for good in dict.fromkeys(picked))

    def _shares_of(self, place: str, region: str, about: _Day) -> list[float]:
        on_offer = frozenset(about.offers)
        key = (f"{place} {region}", about.day.month, on_offer)
        if key not in self._shares:
            self._shares[key] = self._retailer.shares(place, region, about.day.month, on_offer)
        return self._shares[key]

    def _key(self) -> str:
        self._number += 1
        return f"D{self._number:07d}"


def _line(good: Good, units: int, about: _Day) -> Line:
    price = good.price if about.is_late else good.old_price
    rate = about.offers.get(good.group.category, about.offers.get(None, _NOTHING))
    discount = (price * units * rate).quantize(_CENT, ROUND_HALF_EVEN) if rate else _NOTHING
    return Line(good, units, price, discount)


def _moments(
    rng: Random, about: _Day, zone: str, hours: Sequence[float], count: int
) -> Iterator[datetime]:
    """Yield so many moments of a local day, by the hours of the day; those to come are left out."""
    # From noon, because a night may be an hour longer or shorter than others.
    noon = datetime.combine(about.day, time(12), ZoneInfo(zone)).astimezone(UTC)
    for hour in rng.choices(range(24), hours, k=count):
        moment = noon + timedelta(hours=hour - 12, seconds=rng.randrange(3600))
        if moment < about.now:
            yield moment
