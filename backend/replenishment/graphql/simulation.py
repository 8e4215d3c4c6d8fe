"""Types of simulated orders."""

from datetime import date, datetime
from decimal import Decimal
from typing import Self

import strawberry

from backend.core.scopes import Scope
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.replenishment.graphql.enums import ReorderPolicy
from backend.replenishment.graphql.types import COSTS
from backend.replenishment.trying import PolicyOutcome, Simulated, TradeOff


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class ReorderOutcome:
    """What one way of finding reorder points would have done."""

    made: strawberry.Private[PolicyOutcome]
    policy: ReorderPolicy
    """How reorder points are found."""
    fill_rate: float | None
    """Share of what was wanted that was there; null: nothing was wanted."""
    wanted: Decimal
    """Units that were sold then: they count as wanted."""
    sold: Decimal
    """Units that would have been there."""
    lost: Decimal
    """Units that would not have been there."""
    lost_sales: Decimal
    """What customers would have paid for them, as far as there are prices."""
    stock_held: Decimal
    """Units on the shelves at the end of a day, on average."""
    orders: int
    """How often would have been ordered, each product at each location by itself."""

    @strawberry.field(extensions=COSTS)
    def stock_at_cost(self) -> Decimal | None:
        """What the stock held costs, as far as costs are known; null: not for you."""
        return self.made.stock_at_cost

    @classmethod
    def of(cls, one: PolicyOutcome) -> Self:
        """Return an outcome as clients see it."""
        return cls(
            made=one,
            policy=one.policy,
            fill_rate=one.fill_rate,
            wanted=one.wanted,
            sold=one.sold,
            lost=one.lost,
            lost_sales=one.lost_sales,
            stock_held=one.stock_held,
            orders=one.orders,
        )


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class ReorderTradeOff:
    """What one way of finding reorder points would have done at another service level."""

    service_level: Decimal
    """How often the days of an order would have been to pass without a stockout."""
    outcome: ReorderOutcome
    """What it would have done, everything else as asked for."""

    @classmethod
    def of(cls, one: TradeOff) -> Self:
        """Return it as clients see it."""
        return cls(service_level=one.service_level, outcome=ReorderOutcome.of(one.outcome))


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class ReorderSimulation:
    """Reorder points tried on the past, day by day, each beginning with full shelves."""

    as_of: datetime
    """When it was computed."""
    currency: str
    """The organisation's currency."""
    first_day: date
    """The first day simulated: forecasts come from a model that saw nothing of it and later."""
    last_day: date
    """The last day simulated."""
    days: int
    """How many there are."""
    series: int
    """Products at locations simulated: the best-selling ones."""
    left_out: int
    """Products at locations that sell less, and were left out."""
    uncosted: int
    """Products at locations nobody knows the cost of."""
    outcomes: list[ReorderOutcome]
    """By forecast, by the textbook, and on the terms that are settled."""
    trade_off: list[ReorderTradeOff]
    """By forecast and by the textbook at service levels from low to high: what more costs."""

    @classmethod
    def of(cls, found: Simulated, as_of: datetime, currency: str) -> Self:
        """Return a simulation as clients see it."""
        return cls(
            as_of=as_of,
            currency=currency,
            first_day=found.first_day,
            last_day=found.last_day,
            days=found.days,
            series=found.series,
            left_out=found.left_out,
            uncosted=found.uncosted,
            outcomes=[ReorderOutcome.of(one) for one in found.outcomes],
            trade_off=[ReorderTradeOff.of(one) for one in found.trade_off],
        )
