"""Types of transfers and markdowns."""

from datetime import date, datetime
from decimal import Decimal
from typing import Self

import strawberry

from backend.catalogue.graphql import Product
from backend.core.scopes import Scope
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.locations.graphql import Location
from backend.replenishment.elasticity import Elasticity
from backend.replenishment.graphql.enums import MarkdownCause
from backend.replenishment.graphql.types import COSTS
from backend.replenishment.surplus import Markdown, StockTransfer as Move


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class StockTransfer:
    """Units to move, and what that is expected to change until an order would arrive."""

    made: strawberry.Private[Move]
    product: Product
    """What to move."""
    from_: Location = strawberry.field(name="from", description="Where there is surplus.")
    to: Location
    """Where it is short."""
    quantity: Decimal
    """Units to move."""
    surplus: Decimal
    """What the giver has beyond what it needs in the days to cover."""
    short: Decimal
    """What the taker lacks up to what an order would bring it to."""
    sold: Decimal
    """More units expected to be sold there until an order made now would arrive."""
    sales: Decimal | None
    """What customers pay for them; null: there is no price."""

    @strawberry.field(extensions=COSTS)
    def profit(self) -> Decimal | None:
        """What is earned with them; null: price or cost is unknown, or not for you."""
        return self.made.profit

    @classmethod
    def of(cls, one: Move) -> Self:
        """Return a transfer as clients see it."""
        return cls(
            made=one,
            product=Product.from_ref(one.taker.product),
            from_=Location.from_ref(one.giver.location),
            to=Location.from_ref(one.taker.location),
            quantity=one.quantity,
            surplus=one.surplus,
            short=one.short,
            sold=one.sold,
            sales=one.sales,
        )


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class StockTransfers:
    """What to move from where there is surplus to where goods are short."""

    as_of: datetime
    """Stock is as of then."""
    currency: str
    """ISO 4217 code of all money in it."""
    found: int
    """How many transfers there are, shown or not."""
    sold: Decimal
    """More units expected to be sold by all of them."""
    value: Decimal
    """What customers pay for these."""
    bound: Decimal
    """No transfers of this surplus bring more than that."""
    rows: list[StockTransfer]
    """The most valuable first."""


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class PriceElasticity:
    """How demand answers to prices, learned from those of the past year."""

    value: float
    """By how many percent demand changes when a price rises by one."""
    error: float
    """Its standard error."""
    is_sure: bool
    """Whether lower prices sell more, beyond chance; if not, no discount is suggested."""
    series: int
    """Products at locations whose prices differed."""
    days: int
    """Days on which some did."""

    @classmethod
    def of(cls, one: Elasticity) -> Self:
        """Return an elasticity as clients see it."""
        return cls(
            value=round(one.value, 3),
            error=round(one.error, 3),
            is_sure=one.is_sure,
            series=one.series,
            days=one.days,
        )


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class MarkdownSuggestion:
    """What is expected to be left, and the discount that earns most."""

    made: strawberry.Private[Markdown]
    product: Product
    """What."""
    location: Location
    """Where."""
    cause: MarkdownCause
    """Why it has to be sold faster."""
    until: date
    """By which day."""
    units: Decimal
    """Units to sell by then."""
    left: Decimal
    """Units of them expected to be left at today's price."""
    price: Decimal | None
    """Today's price; null: there is none."""
    discount: Decimal | None
    """Part of the price to take off; null: none is known to earn anything."""
    new_price: Decimal | None
    """The price then."""
    sold: Decimal | None
    """More units expected to be sold by then."""
    sales: Decimal | None
    """More money from customers; negative: less."""

    @strawberry.field(extensions=COSTS)
    def left_at_cost(self) -> Decimal | None:
        """What those left cost; null: unknown, or not for you."""
        return self.made.left_at_cost

    @strawberry.field(extensions=COSTS)
    def gain(self) -> Decimal | None:
        """What is earned by the discount; null: no discount, or not for you."""
        return self.made.gain

    @classmethod
    def of(cls, one: Markdown) -> Self:
        """Return a markdown as clients see it."""
        return cls(
            made=one,
            product=Product.from_ref(one.position.product),
            location=Location.from_ref(one.position.location),
            cause=one.excess.cause,
            until=one.until,
            units=one.units,
            left=one.left,
            price=one.position.price,
            discount=one.discount,
            new_price=one.new_price,
            sold=one.sold,
            sales=one.sales,
        )


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class MarkdownSuggestions:
    """What will not be sold in time, and which discounts would earn most."""

    as_of: datetime
    """Stock is as of then."""
    currency: str
    """ISO 4217 code of all money in it."""
    found: int
    """How many there are, shown or not."""
    elasticity: PriceElasticity | None
    """From what effects are expected; null: prices never differed enough to tell."""
    rows: list[MarkdownSuggestion]
    """What expires and costs most first."""
