"""The pulse as clients see it."""

from datetime import datetime
from decimal import Decimal
from typing import Self

import strawberry

from backend.alerts.rules import AlertSeverity
from backend.core.scopes import Scope
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.infra.api.scalars import Cursor
from backend.locations.graphql import Location
from backend.sales.rules import Channel
from backend.screens import rules
from backend.screens.errors import InvalidMinutes
from backend.screens.pulse import Reading


@seen_with(Scope.SALES_READ, Scope.ALERTS_READ)
@object_type
class PulseFigure:
    """A figure and what it was a week before."""

    value: Decimal | None
    """Now; null where there is nothing to tell it from."""
    before: Decimal | None
    """The same weekday a week before, up to the same local time; null where that is not known."""

    @classmethod
    def of(cls, figure: rules.Figure) -> Self:
        """Return a figure as clients see it."""
        return cls(value=figure.value, before=figure.before)


@seen_with(Scope.SALES_READ, Scope.ALERTS_READ)
@object_type
class PulseMinute:
    """What one channel sold in one minute."""

    minute: datetime
    """When the minute began."""
    channel: Channel
    """The channel."""
    revenue: Decimal
    """Net sales after returns."""
    orders: int
    """Sales."""


@seen_with(Scope.SALES_READ, Scope.ALERTS_READ)
@object_type
class PulseLocation:
    """One location's own business day so far."""

    location: Location
    """The location."""
    revenue: Decimal
    """Net sales after returns."""
    orders: int
    """Sales."""
    units: Decimal
    """Units sold, less those returned."""
    open_alerts: int
    """Alerts that are not resolved."""
    worst_alert: AlertSeverity | None
    """The worst of them."""


@seen_with(Scope.SALES_READ, Scope.ALERTS_READ)
@object_type
class Pulse:
    """How the business stands: of every location its own business day so far."""

    cursor: Cursor
    """Everything up to here is in the figures."""
    as_of: datetime
    """When the figures were true."""
    currency: str
    """The organisation's currency, in which all amounts are."""
    timezone: str
    """The organisation's time zone."""
    revenue: PulseFigure
    """Net sales after returns."""
    orders: PulseFigure
    """Sales."""
    units: PulseFigure
    """Units sold, less those returned."""
    average_basket: PulseFigure
    """Revenue per order."""
    open_alerts: PulseFigure
    """Alerts that are not resolved."""
    critical_alerts: int
    """Those of them that are critical."""
    locations: list[PulseLocation]
    """Every location that is shown, by code."""
    all_minutes: strawberry.Private[list[rules.Minute]]
    now: strawberry.Private[datetime]

    @strawberry.field
    def minutes(self, last: int = rules.MOST_MINUTES) -> list[PulseMinute]:
        """Sales per minute and channel, oldest first, the current minute included; at most 60."""
        if not 1 <= last <= rules.MOST_MINUTES:
            most = rules.MOST_MINUTES
            raise InvalidMinutes(f"last is 1 to {most}", field=["last"], value=last)
        return [
            PulseMinute(
                minute=one.minute,
                channel=Channel(one.channel),
                revenue=one.revenue,
                orders=one.orders,
            )
            for one in rules.last_minutes(self.all_minutes, self.now, last)
        ]

    @classmethod
    def of(cls, reading: Reading) -> Self:
        """Return a reading as clients see it."""
        figures = reading.figures
        return cls(
            cursor=Cursor(str(reading.position)),
            as_of=reading.as_of,
            currency=reading.currency,
            timezone=reading.timezone,
            revenue=PulseFigure.of(figures.revenue),
            orders=PulseFigure.of(figures.orders),
            units=PulseFigure.of(figures.units),
            average_basket=PulseFigure.of(figures.average_basket),
            open_alerts=PulseFigure.of(figures.open_alerts),
            critical_alerts=figures.critical_alerts,
            locations=[_location(one) for one in figures.places],
            all_minutes=figures.minutes,
            now=reading.now,
        )


def _location(figures: rules.PlaceFigures) -> PulseLocation:
    worst = figures.worst_alert
    return PulseLocation(
        location=Location.from_ref(figures.location),
        revenue=figures.sums.revenue,
        orders=figures.sums.orders,
        units=figures.sums.units,
        open_alerts=figures.open_alerts,
        worst_alert=AlertSeverity(worst) if worst else None,
    )
