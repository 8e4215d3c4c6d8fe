"""Types of orders of goods."""

from datetime import date, datetime
from decimal import Decimal
from typing import Self

import strawberry
from strawberry.extensions import FieldExtension

from backend.catalogue.graphql import Product
from backend.core.scopes import Scope
from backend.infra.api.access import Hides
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.infra.api.relay import PageInfo
from backend.infra.api.results import RowStatus, UserError
from backend.infra.api.scalars import Cursor, Long
from backend.locations.graphql import Location
from backend.replenishment import reasons, service, supply
from backend.replenishment.graphql.enums import DemandBasis, Figure, Origin, Urgency
from backend.replenishment.terms import Terms

COSTS: list[FieldExtension] = [Hides(Scope.ANALYTICS_READ)]


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class ReorderReason:
    """A figure of a suggestion, and where it comes from."""

    figure: Figure
    """Which."""
    value: Decimal | None
    """Its value; null: none within a year."""
    text: str
    """Where it comes from, in words and numbers."""

    @classmethod
    def of(cls, one: reasons.Reason) -> Self:
        """Return a reason as clients see it."""
        return cls(figure=one.figure, value=one.value, text=one.text)


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class ReorderSuggestion:
    """What to order of a product at a location, and why."""

    made: strawberry.Private[service.Suggestion]
    product: Product
    """What to order."""
    location: Location
    """Where."""
    distributor: str | None
    """Code of the distributor that supplies it."""
    urgency: Urgency
    """How urgent it is."""
    on_hand: Decimal
    """Units physically there; below zero: more was sold than the ledger knew of."""
    available: Decimal
    """Units that can be sold now."""
    incoming: Decimal
    """Units that are on order, as far as the ledger knows."""
    position: Decimal
    """On hand − unavailable − committed + incoming: what is compared with the reorder point."""
    basis: DemandBasis
    """From what demand is expected."""
    lead_time_days: int
    """Days from an order until the goods can be sold."""
    lead_time_origin: Origin
    """Who says so."""
    review_days: int
    """Days from one order to the next."""
    service_level: Decimal
    """How often lead time and review period together are to pass without a stockout."""
    pack_size: Decimal
    """Units that come together."""
    minimum: Decimal
    """Fewest units of an order."""
    expected_demand: Decimal
    """Units expected to be sold in lead time and review period together."""
    safety_stock: Decimal
    """The buffer against more than that."""
    reorder_point: Decimal
    """Expected demand + safety stock: at or below this position it is time to order."""
    own_reorder_point: Decimal | None
    """What somebody settled by hand, and alerts go by; null: nothing."""
    order_up_to: Decimal
    """What an order brings the position to: reorder point + demand until the next review."""
    quantity: Decimal
    """Units to order now, in whole packs; 0: none."""
    days_left: Decimal | None
    """Days until what is available is expected to be gone; null: more than a year."""
    stockout_on: date | None
    """The location's day on which that is."""
    order_value: Decimal | None
    """What the order sells for at today's prices; null: a price is not known."""

    @strawberry.field(extensions=COSTS)
    def order_cost(self) -> Decimal | None:
        """What the order costs; null: unknown, or not for you."""
        return self.made.order_cost

    @strawberry.field
    def reasons(self) -> list[ReorderReason]:
        """Where every figure comes from, in the order in which they are worked out."""
        return [ReorderReason.of(one) for one in self.made.reasons]

    @classmethod
    def of(cls, one: service.Suggestion) -> Self:
        """Return a suggestion as clients see it."""
        row, terms = one.position, one.position.supply
        return cls(
            made=one,
            product=Product.from_ref(row.product),
            location=Location.from_ref(row.location),
            distributor=row.distributor,
            urgency=one.urgency,
            on_hand=row.on_hand,
            available=one.available,
            incoming=row.incoming,
            position=one.inventory_position,
            basis=one.expectation.basis,
            lead_time_days=terms.lead_time.value,
            lead_time_origin=terms.lead_time.origin,
            review_days=terms.review.value,
            service_level=terms.service_level.value,
            pack_size=terms.pack_size.value,
            minimum=terms.minimum.value,
            expected_demand=one.expected_demand,
            safety_stock=one.safety_stock,
            reorder_point=one.reorder_point,
            own_reorder_point=row.own_point,
            order_up_to=one.order_up_to,
            quantity=one.quantity,
            days_left=one.days_left,
            stockout_on=one.stockout_on,
            order_value=one.order_value,
        )


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class ReorderCount:
    """How many suggestions are as urgent as that."""

    urgency: Urgency
    """How urgent."""
    count: int
    """How many."""


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class ReorderTotals:
    """All that meets the filter, whichever page is shown."""

    made: strawberry.Private[service.Totalled]
    positions: int
    """Products at locations."""
    to_order: int
    """Those to order now."""
    units: Decimal
    """Units to order now."""
    by_urgency: list[ReorderCount]
    """How many are how urgent, the most urgent first."""
    forecast: int
    """Those whose demand is forecast; of the others the past is taken."""

    @strawberry.field(extensions=COSTS)
    def cost(self) -> Decimal | None:
        """What the orders cost, without those of unknown cost; null: not for you."""
        return self.made.cost

    @strawberry.field(extensions=COSTS)
    def uncosted(self) -> int | None:
        """Orders whose cost nobody knows; null: not for you."""
        return self.made.uncosted

    @classmethod
    def of(cls, one: service.Totalled) -> Self:
        """Return totals as clients see them."""
        return cls(
            made=one,
            positions=one.positions,
            to_order=one.to_order,
            units=one.units,
            by_urgency=[
                ReorderCount(urgency=urgency, count=count)
                for urgency, count in one.by_urgency.items()
            ],
            forecast=one.forecast,
        )


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class ReorderReport:
    """What to order where."""

    as_of: datetime
    """Stock is as of then."""
    trained_through: datetime | None
    """Sales up to there are in all of the forecasts; null: nothing is forecast yet."""
    currency: str
    """ISO 4217 code of all money in it."""
    totals: ReorderTotals
    """All that meets the filter."""
    nodes: list[ReorderSuggestion]
    """The most urgent first; equally urgent ones by how late an order comes."""
    page_info: PageInfo
    """Where the page lies."""


def page_info(rows: list[str], *, has_next: bool, has_previous: bool) -> PageInfo:
    """Return where a page of rows with these cursors lies."""
    return PageInfo(
        has_next_page=has_next,
        has_previous_page=has_previous,
        start_cursor=Cursor(rows[0]) if rows else None,
        end_cursor=Cursor(rows[-1]) if rows else None,
    )


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class SupplyTerms:
    """How goods are supplied, for a part of the business; null: as for the next wider part."""

    id: strawberry.ID
    """Identifies them."""
    distributor: str | None
    """Code of the distributor they hold for; null: any."""
    sku: str | None
    """The product they hold for; null: any."""
    location: str | None
    """Code of the location they hold for; null: any."""
    lead_time_days: int | None
    """Days from an order until the goods can be sold."""
    review_days: int | None
    """Days from one order to the next."""
    service_level: Decimal | None
    """How often these days are to pass without a stockout."""
    pack_size: Decimal | None
    """Units that come together."""
    minimum: Decimal | None
    """Fewest units of an order."""
    cover_days: int | None
    """Days of demand beyond which stock is surplus."""
    version: Long
    """Grows with every change: send it along to change what was looked at."""
    updated_at: datetime
    """When they were last changed."""
    updated_by: str
    """Who did: a user's id or a client's."""

    @classmethod
    def of(cls, one: supply.FoundTerms) -> Self:
        """Return terms as clients see them."""
        return cls(
            id=strawberry.ID(str(one.id)),
            distributor=one.part.distributor,
            sku=one.part.sku,
            location=one.part.location,
            version=Long(one.version),
            updated_at=one.updated_at,
            updated_by=one.updated_by,
            **{name: getattr(one.terms, name) for name in Terms.__dataclass_fields__},
        )


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class SupplyTermsResult:
    """What became of terms of a batch."""

    status: RowStatus
    """DUPLICATE: they were so already."""
    version: Long | None
    """Their version now, 0 where they are gone; null where they were refused."""
    user_errors: list[UserError]
    """Why they were refused."""


@seen_with(Scope.FORECAST_READ, Scope.STOCK_READ)
@object_type
class SetSupplyTermsPayload:
    """What became of a batch of terms."""

    accepted_count: int
    """Settled, changed or taken away."""
    duplicate_count: int
    """As they were already."""
    rejected_count: int
    """Refused."""
    results: list[SupplyTermsResult]
    """One per terms, in the order sent."""
