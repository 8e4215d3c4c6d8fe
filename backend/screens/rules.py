"""The figures of a pulse, kept up sale by sale. Pure: given the same facts it equals a recount."""

from bisect import bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.core.numbers import ZERO, rounded
from backend.locations.rules import LocationRef

WEEK: Final = timedelta(days=7)
MINUTE: Final = timedelta(minutes=1)
MOST_MINUTES: Final = 60
CRITICAL: Final = "CRITICAL"
INFO: Final = "INFO"


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale or a return, as far as the figures go. Amounts are positive for returns too."""

    location_id: UUID
    channel: str
    is_return: bool
    sold_at: datetime
    business_day: date
    net: Decimal
    units: Decimal

    @property
    def sums(self) -> "Sums":
        """What it adds."""
        if self.is_return:
            return Sums(-self.net, 0, -self.units)
        return Sums(self.net, 1, self.units)


@dataclass(frozen=True, slots=True)
class Sums:
    """Revenue after returns, orders, and units after returns."""

    revenue: Decimal = ZERO
    orders: int = 0
    units: Decimal = ZERO

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.revenue + other.revenue, self.orders + other.orders, self.units + other.units
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and what it was a week before; None where that is not known."""

    value: Decimal | None
    before: Decimal | None


@dataclass(frozen=True, slots=True)
class Minute:
    """What one channel sold in one minute."""

    minute: datetime
    channel: str
    revenue: Decimal
    orders: int


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """One location's day so far."""

    location: LocationRef
    sums: Sums
    open_alerts: int
    worst_alert: str | None


@dataclass(frozen=True, slots=True)
class PulseFigures:
    """All figures of one moment."""

    revenue: Figure
    orders: Figure
    units: Figure
    average_basket: Figure
    open_alerts: Figure
    critical_alerts: int
    minutes: list[Minute]
    places: list[PlaceFigures]


class Until:
    """Sums of a past day up to any local time of it."""

    def __init__(self) -> None:
        self._sold: list[tuple[time, int, Sums]] = []
        self._running: list[Sums] = []

    def add(self, at: time, sums: Sums) -> None:
        """Add what was sold at a local time."""
        insort(self._sold, (at, len(self._sold), sums), key=lambda one: one[:2])
        self._running.clear()

    def at(self, moment: time) -> Sums:
        """Return the sums up to and including a local time."""
        if len(self._running) != len(self._sold):
            self._running = list(_running(sums for _, _, sums in self._sold))
        count = bisect_right(self._sold, moment, key=lambda one: one[0])
        return self._running[count - 1] if count else Sums()


@dataclass(slots=True)
class Place:
    """One location's book: its business day, and the same weekday a week before."""

    ref: LocationRef
    day: date
    today: Sums = field(default_factory=Sums)
    before: Until = field(default_factory=Until)

    @property
    def zone(self) -> ZoneInfo:
        """The location's time zone."""
        return ZoneInfo(self.ref.timezone)


@dataclass(frozen=True, slots=True)
class PastAlert:
    """When an alert was open; `until` None: it still is, or was long enough."""

    since: datetime
    until: datetime | None


class Book:
    """Everything a pulse shows of some locations."""

    def __init__(self, refs: Iterable[LocationRef], now: datetime) -> None:
        self._places = {ref.id: Place(ref, ref.business_day(now)) for ref in refs}
        self._minutes: dict[datetime, dict[str, Sums]] = {}
        self._alerts: dict[str, tuple[UUID, str]] = {}
        self._past_alerts: list[PastAlert] = []
        self.first_day: date | None = None
        """The first business day with a sale."""
        self.first_alert: datetime | None = None
        """When the first alert ever was opened."""

    def is_of(self, now: datetime) -> bool:
        """Tell whether every location's business day is still the one it was begun on."""
        return all(place.ref.business_day(now) == place.day for place in self._places.values())

    def shows(self, location_id: UUID | None) -> bool:
        """Tell whether a location is among those shown."""
        return location_id in self._places

    def add_sale(self, sold: Sold) -> None:
        """Count a sale or return, whenever it happened."""
        place = self._places.get(sold.location_id)
        if place is None:
            return
        self.first_day = min(self.first_day or sold.business_day, sold.business_day)
        sums = sold.sums
        if sold.business_day == place.day:
            place.today += sums
        elif sold.business_day == place.day - WEEK:
            place.before.add(sold.sold_at.astimezone(place.zone).time(), sums)
        minute = sold.sold_at.replace(second=0, microsecond=0)
        channels = self._minutes.setdefault(minute, {})
        channels[sold.channel] = channels.get(sold.channel, Sums()) + sums

    def set_alert(self, key: str, location_id: UUID, severity: str, *, is_open: bool) -> None:
        """Note how an alert stands now; what is merely good to know does not count."""
        if is_open and severity != INFO and location_id in self._places:
            self._alerts[key] = (location_id, severity)
        else:
            self._alerts.pop(key, None)

    def add_past_alert(self, alert: PastAlert) -> None:
        """Note an alert that was open a week ago or in the day after that."""
        self._past_alerts.append(alert)

    def forget_minutes_before(self, moment: datetime) -> None:
        """Drop minutes that no pulse shows any more."""
        for minute in [minute for minute in self._minutes if minute < moment]:
            del self._minutes[minute]

    def figures(self, now: datetime) -> PulseFigures:
        """Return all figures as of `now`."""
        today, before = Sums(), Sums()
        for place in self._places.values():
            today += place.today
            before += place.before.at(now.astimezone(place.zone).time())
        known = self._knows_week_before()
        severities = [severity for _, severity in self._alerts.values()]
        return PulseFigures(
            revenue=_figure(today.revenue, before.revenue, known=known),
            orders=_figure(Decimal(today.orders), Decimal(before.orders), known=known),
            units=_figure(today.units, before.units, known=known),
            average_basket=Figure(_basket(today), _basket(before) if known else None),
            open_alerts=Figure(Decimal(len(severities)), self._open_a_week_before(now)),
            critical_alerts=severities.count(CRITICAL),
            minutes=self._last_minutes(now),
            places=self._place_figures(),
        )

    def _knows_week_before(self) -> bool:
        days = [place.day - WEEK for place in self._places.values()]
        return self.first_day is not None and bool(days) and self.first_day <= max(days)

    def _open_a_week_before(self, now: datetime) -> Decimal | None:
        then = now - WEEK
        if self.first_alert is None or self.first_alert > then:
            return None
        return Decimal(
            sum(
                alert.since <= then and (alert.until is None or alert.until > then)
                for alert in self._past_alerts
            )
        )

    def _last_minutes(self, now: datetime) -> list[Minute]:
        last = now.replace(second=0, microsecond=0)
        first = last - (MOST_MINUTES - 1) * MINUTE
        return [
            Minute(minute, channel, sums.revenue, sums.orders)
            for minute in sorted(self._minutes)
            if first <= minute <= last
            for channel, sums in sorted(self._minutes[minute].items())
        ]

    def _place_figures(self) -> list[PlaceFigures]:
        alerts: dict[UUID, list[str]] = {}
        for location_id, severity in self._alerts.values():
            alerts.setdefault(location_id, []).append(severity)
        return [
            PlaceFigures(place.ref, place.today, len(found), _worst(found))
            for location_id, place in self._places.items()
            for found in [alerts.get(location_id, [])]
        ]


def last_minutes(minutes: Iterable[Minute], now: datetime, count: int) -> list[Minute]:
    """Return those of the last `count` minutes, the current one included."""
    first = now.replace(second=0, microsecond=0) - (count - 1) * MINUTE
    return [one for one in minutes if one.minute >= first]


def sold_of_fact(fact: dict[str, Any], *, is_return: bool) -> Sold:
    """Return the sale of a stored fact of SaleRecorded or ReturnRecorded."""
    sale = fact["sale"]
    return Sold(
        location_id=UUID(fact["location"]["id"]),
        channel=sale["channel"],
        is_return=is_return,
        sold_at=datetime.fromisoformat(sale["soldAt"]),
        business_day=date.fromisoformat(sale["businessDay"]),
        net=Decimal(sale["netSales"]),
        units=Decimal(sale["units"]),
    )


def _figure(value: Decimal, before: Decimal, *, known: bool) -> Figure:
    return Figure(value, before if known else None)


def _basket(sums: Sums) -> Decimal | None:
    """Return revenue per order; None without orders."""
    return rounded(sums.revenue / sums.orders) if sums.orders else None


def _worst(severities: list[str]) -> str | None:
    if CRITICAL in severities:
        return CRITICAL
    return severities[0] if severities else None


def _running(many: Iterable[Sums]) -> Iterable[Sums]:
    total = Sums()
    for sums in many:
        total += sums
        yield total
