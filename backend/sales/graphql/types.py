"""Types of sales."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

import strawberry
from strawberry.scalars import ID

from backend.catalogue.graphql import Product
from backend.core.scopes import Scope
from backend.infra.api.access import Hides
from backend.infra.api.context import Info
from backend.infra.api.declared import comes_along, seen_with
from backend.infra.api.described import enum_type, object_type
from backend.infra.api.results import (
    RowStatus,
    UserError,
    row_errors,
    row_status,
)
from backend.infra.batches import Row
from backend.locations.graphql import Location
from backend.sales import queries, rules
from backend.sales.filters import Channel, SaleType
from backend.sales.rules import SaleKind, SaleSource

enum_type(SaleKind)


enum_type(SaleSource)


@comes_along
@object_type
class Place:
    """Where goods were shipped to."""

    city: str | None
    """City."""
    state: str | None
    """State or province."""
    postal_code: str | None
    """Postal code, leading zeros kept."""
    region: str | None
    """Sales region."""
    country: str | None
    """Country."""


@seen_with(Scope.SALES_READ)
@object_type
class SaleLine:
    """One product of a sale.

    Quantities are positive for returns too: the sale's kind says which way they went.
    """

    line_no: int
    """Counts from 1."""
    product: Product
    """What was sold."""
    quantity: Decimal
    """Units."""
    unit_price: Decimal
    """Of one unit before discount, in the sale's currency."""
    discount: Decimal
    """Off the whole line, in the sale's currency."""
    tax: Decimal
    """On top of the whole line, in the sale's currency."""
    gross_sales: Decimal
    """Quantity × unit price, in the organisation's currency."""
    net_sales: Decimal
    """Gross − discount, in the organisation's currency, without tax."""
    secret_cost: strawberry.Private[Decimal | None]

    @strawberry.field(extensions=[Hides(Scope.ANALYTICS_READ)])
    def cost(self) -> Decimal | None:
        """What the line cost us, in the organisation's currency.

        Null where unknown or not yours to see.
        """
        return self.secret_cost

    @strawberry.field(extensions=[Hides(Scope.ANALYTICS_READ)])
    def profit(self) -> Decimal | None:
        """Net sales − cost; null where the cost is."""
        return None if self.secret_cost is None else self.net_sales - self.secret_cost

    @classmethod
    def of(cls, line: rules.Line) -> Self:
        """Return a line as clients see it."""
        return cls(
            line_no=line.line_no,
            product=Product.from_ref(line.product),
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount=line.discount,
            tax=line.tax,
            gross_sales=line.gross,
            net_sales=line.net,
            secret_cost=line.cost,
        )

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return a line of a stored fact."""
        return cls(
            line_no=fact["lineNo"],
            product=Product.from_fact(fact["product"]),
            quantity=Decimal(fact["quantity"]),
            unit_price=Decimal(fact["unitPrice"]),
            discount=Decimal(fact["discount"]),
            tax=Decimal(fact["tax"]),
            gross_sales=Decimal(fact["grossSales"]),
            net_sales=Decimal(fact["netSales"]),
            secret_cost=_decimal(fact["cost"]),
        )


@seen_with(Scope.SALES_READ)
@object_type
class Sale:
    """A sale or a return. Sums are in the organisation's currency at the sale's rate."""

    id: ID
    """Identifies it."""
    kind: SaleKind
    """Which way the goods went."""
    idempotency_key: str
    """The key it was recorded under."""
    source: SaleSource
    """How we learnt of it."""
    location: Location
    """Where it counts."""
    channel: Channel
    """Where the customer bought."""
    sale_type: SaleType
    """Whose goods were sold."""
    sold_at: datetime
    """When it happened."""
    recorded_at: datetime
    """When we learnt of it."""
    business_day: date
    """The location's own local day it belongs to."""
    distributor: str | None
    """Code of the distributor who sold it."""
    sold_by: str | None
    """Who sold it."""
    customer_id: ID | None
    """The customer, under a pseudonym."""
    segment: str | None
    """The customer's segment when it was recorded."""
    ship_to: Place | None
    """Where it was shipped to; null: handed over at the location."""
    currency: str
    """The sale's own currency, ISO 4217."""
    exchange_rate: Decimal
    """What one unit of it was worth in the organisation's currency."""
    units: Decimal
    """Units of all lines."""
    gross_sales: Decimal
    """Before discounts."""
    discount: Decimal
    """Discounts of all lines."""
    net_sales: Decimal
    """After discounts, without tax."""
    tax: Decimal
    """Tax of all lines, in the sale's currency."""
    return_of: ID | None
    """The sale a return belongs to; null without a receipt."""
    lines: list[SaleLine]
    """What was sold."""
    secret_cost: strawberry.Private[Decimal | None]

    @strawberry.field(extensions=[Hides(Scope.ANALYTICS_READ)])
    def cost(self) -> Decimal | None:
        """What it cost us; null where unknown or not yours to see."""
        return self.secret_cost

    @strawberry.field(extensions=[Hides(Scope.ANALYTICS_READ)])
    def profit(self) -> Decimal | None:
        """Net sales − cost; null where the cost is."""
        return None if self.secret_cost is None else self.net_sales - self.secret_cost

    @classmethod
    def of(cls, sale: rules.Sale) -> Self:
        """Return a sale as clients see it."""
        return cls(
            id=ID(str(sale.id)),
            kind=sale.kind,
            idempotency_key=sale.idempotency_key,
            source=sale.source,
            location=Location.from_ref(sale.location),
            channel=sale.channel,
            sale_type=sale.sale_type,
            sold_at=sale.sold_at,
            recorded_at=sale.recorded_at,
            business_day=sale.business_day,
            distributor=sale.distributor,
            sold_by=sale.sold_by,
            customer_id=_id(sale.customer_id),
            segment=sale.segment,
            ship_to=_place(sale.ship_to),
            currency=sale.currency,
            exchange_rate=sale.exchange_rate,
            units=sum((line.quantity for line in sale.lines), Decimal()),
            gross_sales=sum((line.gross for line in sale.lines), Decimal()),
            discount=sum((line.discounted for line in sale.lines), Decimal()),
            net_sales=sum((line.net for line in sale.lines), Decimal()),
            tax=sum((line.tax for line in sale.lines), Decimal()),
            return_of=_id(sale.return_of),
            lines=[SaleLine.of(line) for line in sale.lines],
            secret_cost=rules.total_cost(sale.lines),
        )

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the sale of a stored fact of SaleRecorded or ReturnRecorded."""
        sale = fact["sale"]
        return cls(
            id=ID(sale["id"]),
            kind=SaleKind(sale["kind"]),
            idempotency_key=sale["idempotencyKey"],
            source=SaleSource(sale["source"]),
            location=Location.from_fact(fact["location"]),
            channel=Channel(sale["channel"]),
            sale_type=SaleType(sale["saleType"]),
            sold_at=datetime.fromisoformat(sale["soldAt"]),
            recorded_at=datetime.fromisoformat(sale["recordedAt"]),
            business_day=date.fromisoformat(sale["businessDay"]),
            distributor=sale["distributor"],
            sold_by=sale["soldBy"],
            customer_id=_id(sale["customerId"]),
            segment=sale["segment"],
            ship_to=_place_of(sale["shipTo"]),
            currency=sale["currency"],
            exchange_rate=Decimal(sale["exchangeRate"]),
            units=Decimal(sale["units"]),
            gross_sales=Decimal(sale["grossSales"]),
            discount=Decimal(sale["discount"]),
            net_sales=Decimal(sale["netSales"]),
            tax=Decimal(sale["tax"]),
            return_of=_id(sale["returnOf"]),
            lines=[SaleLine.from_fact(line) for line in fact["lines"]],
            secret_cost=_decimal(sale["cost"]),
        )


@comes_along
@object_type
class SaleResult:
    """What became of one sale or return."""

    idempotency_key: str
    """Its key."""
    status: RowStatus
    """What became of it."""
    user_errors: list[UserError]
    """Why it was rejected."""
    made: strawberry.Private[rules.Sale | None]
    made_before: strawberry.Private[Any]

    @strawberry.field
    async def sale(self, info: Info) -> Sale | None:
        """What its key recorded, now or before; null if it was rejected."""
        if self.made is not None:
            return Sale.of(self.made)
        if self.made_before is None:
            return None
        found = await info.context.loader(queries.sales_by_id).load(self.made_before)
        return Sale.of(found) if found else None

    @classmethod
    def of(cls, row: Row[Any], made: rules.Sale | None) -> Self:
        """Return what became of a row."""
        duplicate = row.is_duplicate and row.error is None
        return cls(
            idempotency_key=row.key,
            status=row_status(row),
            user_errors=row_errors(row),
            made=made if row.is_new else None,
            made_before=row.effect_id if duplicate else None,
        )


@seen_with(Scope.SALES_WRITE)
@object_type
class RecordSalesPayload:
    """What became of the sales."""

    accepted_count: int
    """Sales recorded now."""
    duplicate_count: int
    """Sales whose key took effect before."""
    rejected_count: int
    """Sales without effect."""
    results: list[SaleResult]
    """One per sale, in order."""


@seen_with(Scope.SALES_WRITE)
@object_type
class RecordReturnsPayload:
    """What became of the returns."""

    accepted_count: int
    """Returns recorded now."""
    duplicate_count: int
    """Returns whose key took effect before."""
    rejected_count: int
    """Returns without effect."""
    results: list[SaleResult]
    """One per return, in order."""


def _place(place: rules.Place | None) -> Place | None:
    if place is None:
        return None
    return Place(
        city=place.city,
        state=place.state,
        postal_code=place.postal_code,
        region=place.region,
        country=place.country,
    )


def _place_of(fact: dict[str, Any] | None) -> Place | None:
    if fact is None:
        return None
    return Place(
        city=fact.get("city"),
        state=fact.get("state"),
        postal_code=fact.get("postalCode"),
        region=fact.get("region"),
        country=fact.get("country"),
    )


def _id(value: object) -> ID | None:
    return None if value is None else ID(str(value))


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)
