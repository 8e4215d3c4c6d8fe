"""Inputs of sales."""

from datetime import datetime
from decimal import Decimal

from backend.infra.api.described import input_type
from backend.infra.api.results import (
    ErrorPolicy,
)
from backend.sales.filters import Channel, SaleType


@input_type
class PlaceInput:
    """Where goods were shipped to."""

    city: str | None = None
    """City."""
    state: str | None = None
    """State or province."""
    postal_code: str | None = None
    """Postal code, leading zeros kept."""
    region: str | None = None
    """Sales region."""
    country: str | None = None
    """Country."""


@input_type
class SaleLineInput:
    """One product of a sale, named by sku or gtin."""

    sku: str | None = None
    """The product's SKU."""
    gtin: str | None = None
    """A GTIN of the product, 8 to 14 digits; a case code counts for its units."""
    quantity: Decimal
    """How many, above zero."""
    unit_price: Decimal | None = None
    """Of one, before discount, without tax; the catalogue's of that day if left out."""
    discount: Decimal | None = None
    """Off the whole line."""
    tax: Decimal | None = None
    """On top of the whole line."""
    unit_cost: Decimal | None = None
    """What one costs us; the catalogue's of that day if left out."""


@input_type
class SaleInput:
    """A sale that happened."""

    idempotency_key: str
    """Repeating the call with this key records nothing more."""
    location: str
    """Code of the location it counts at."""
    channel: Channel
    """Where the customer bought."""
    sold_at: datetime
    """When it happened."""
    sale_type: SaleType = SaleType.DIRECT
    """Whose goods were sold."""
    distributor: str | None = None
    """Code of the distributor who sold it."""
    sold_by: str | None = None
    """Who sold it."""
    customer: str | None = None
    """Your own reference of the customer; kept as a pseudonym only."""
    ship_to: PlaceInput | None = None
    """Where it was shipped to; left out: handed over at the location."""
    currency: str | None = None
    """ISO 4217; the organisation's if left out."""
    exchange_rate: Decimal | None = None
    """What one unit of the currency is worth in the organisation's."""
    lines: list[SaleLineInput]
    """What was sold; 1 to 500."""


@input_type
class RecordSalesInput:
    """Sales that happened, from any channel."""

    sales: list[SaleInput]
    """At most 500."""
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS
    """What happens to the others when one is rejected."""


@input_type
class ReturnInput:
    """Goods that came back."""

    idempotency_key: str
    """Repeating the call with this key records nothing more."""
    sale: str | None = None
    """Key of the sale they belong to; left out: no receipt."""
    location: str
    """Code of the location they came back to."""
    channel: Channel | None = None
    """The sale's if left out, else IN_STORE."""
    returned_at: datetime
    """When they came back."""
    restock: bool = True
    """Whether they go back on the shelf."""
    customer: str | None = None
    """Your own reference of the customer; the sale's if left out."""
    currency: str | None = None
    """ISO 4217; the sale's if left out, else the organisation's."""
    exchange_rate: Decimal | None = None
    """What one unit of the currency is worth in the organisation's; the sale's if left out."""
    lines: list[SaleLineInput]
    """What came back; prices left out are those it was sold at."""


@input_type
class RecordReturnsInput:
    """Returns that happened."""

    returns: list[ReturnInput]
    """At most 500."""
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS
    """What happens to the others when one is rejected."""
