"""What clients send to change or to find products, distributors and promotions."""

from datetime import date, datetime
from decimal import Decimal

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from backend.catalogue.graphql.enums import (
    DistributorOrder,
    ProductOrder,
    ProductStatus,
    PromotionOrder,
)
from backend.catalogue.service import (
    DistributorCriteria,
    DistributorDraft,
    GtinDraft,
    ProductCriteria,
    ProductDraft,
    PromotionCriteria,
    PromotionDraft,
)
from backend.infra.api.described import input_type
from backend.infra.api.inputs import given
from backend.infra.api.results import ErrorPolicy, SortDirection


@input_type
class GtinInput:
    """A GS1 number under which a product is scanned."""

    gtin: str
    """GTIN-8, -12, -13 or -14 with its check digit."""
    units: Decimal = Decimal(1)
    """Units of the product that one scan counts for: 1, or the content of a case."""


@input_type
class ProductInput:
    """A product to make or change, by SKU. What is left out stays; null clears."""

    sku: str
    """The retailer's own code."""
    name: str
    """Name for people."""
    category: str
    """Name of its category, made if there is none."""
    subcategory: str | None = UNSET
    """Name of its category's second level, made if there is none."""
    gtins: list[GtinInput] | None = UNSET
    """All its GS1 numbers: they replace those it had."""
    price: Decimal
    """Price of one unit, in the organisation's currency."""
    cost: Decimal | None = UNSET
    """Cost of one unit, in the organisation's currency."""
    distributor: str | None = UNSET
    """Code of who supplies it."""
    reorder_point: Decimal | None = UNSET
    """At or below this many available units a location should reorder; null: never."""
    status: ProductStatus | None = UNSET
    """Whether it is dealt in; a new product is ACTIVE."""
    attributes: JSON | None = UNSET
    """What has no field of its own: a JSON object of at most 16 kB. Replaces what it had."""
    valid_from: datetime | None = None
    """From when price and cost hold; now if left out."""

    def draft(self) -> ProductDraft:
        """Return the input as the service takes it."""
        facts = given(self)
        if facts.get("gtins") is not None:
            facts["gtins"] = [GtinDraft(gtin=one.gtin, units=one.units) for one in self.gtins or ()]
        if facts.get("status") is None:
            facts.pop("status", None)
        return ProductDraft(**facts)


@input_type
class UpsertProductsInput:
    """Products to make or change."""

    products: list[ProductInput]
    """At most 500."""
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS
    """What happens to the others when one is rejected."""


@input_type
class DistributorInput:
    """A distributor to make or change, by code. What is left out stays; null clears."""

    code: str
    """The retailer's own code for it."""
    name: str
    """Name for people."""
    latitude: float | None = UNSET
    """Degrees north; with a longitude only."""
    longitude: float | None = UNSET
    """Degrees east; with a latitude only."""
    city: str | None = UNSET
    """City."""
    state: str | None = UNSET
    """State or province."""
    postal_code: str | None = UNSET
    """Postal code."""
    region: str | None = UNSET
    """The retailer's own region."""
    country: str | None = UNSET
    """Country."""
    attributes: JSON | None = UNSET
    """What has no field of its own: a JSON object of at most 16 kB. Replaces what it had."""

    def draft(self) -> DistributorDraft:
        """Return the input as the service takes it."""
        return DistributorDraft(**given(self))


@input_type
class UpsertDistributorsInput:
    """Distributors to make or change."""

    distributors: list[DistributorInput]
    """At most 500."""
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS
    """What happens to the others when one is rejected."""


@input_type
class PromotionInput:
    """A promotion to make or change, by code. What is left out stays; null clears."""

    code: str
    """The retailer's own code for it."""
    name: str
    """Name for people."""
    starts_on: date
    """First day, each location's own."""
    ends_on: date
    """Last day, each location's own."""
    discount_rate: Decimal
    """Share of the price taken off: 0.25 is 25 %."""
    skus: list[str] | None = UNSET
    """Products it concerns, at most 500; none: all."""
    locations: list[str] | None = UNSET
    """Codes of the locations it concerns, at most 500; none: all."""

    def draft(self) -> PromotionDraft:
        """Return the input as the service takes it."""
        return PromotionDraft(**given(self))


@input_type
class UpsertPromotionsInput:
    """Promotions to make or change."""

    promotions: list[PromotionInput]
    """At most 500."""
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS
    """What happens to the others when one is rejected."""


@input_type
class ProductFilter:
    """Which products; what is left out does not limit."""

    skus: list[str] | None = None
    """Only these."""
    search: str | None = None
    """Only those with this text in SKU or name, in any case."""
    categories: list[str] | None = None
    """Only of these categories."""
    subcategories: list[str] | None = None
    """Only of these second levels."""
    distributors: list[str] | None = None
    """Only supplied by those with these codes."""
    statuses: list[ProductStatus] | None = None
    """Only with these statuses."""
    gtin: str | None = None
    """Only the one that is scanned under this GS1 number."""

    def criteria(self) -> ProductCriteria:
        """Return the filter as the service takes it."""
        return ProductCriteria(
            skus=_tuple(self.skus),
            search=self.search,
            categories=_tuple(self.categories),
            subcategories=_tuple(self.subcategories),
            distributors=_tuple(self.distributors),
            statuses=None if self.statuses is None else tuple(self.statuses),
            gtin=self.gtin,
        )


@input_type
class ProductSort:
    """How products are sorted."""

    by: ProductOrder = ProductOrder.SKU
    """By what."""
    direction: SortDirection = SortDirection.ASC
    """Which end first."""


@input_type
class DistributorFilter:
    """Which distributors; what is left out does not limit."""

    codes: list[str] | None = None
    """Only those with these codes."""
    search: str | None = None
    """Only those with this text in code, name or city, in any case."""
    states: list[str] | None = None
    """Only in these states."""
    countries: list[str] | None = None
    """Only in these countries."""

    def criteria(self) -> DistributorCriteria:
        """Return the filter as the service takes it."""
        return DistributorCriteria(
            codes=_tuple(self.codes),
            search=self.search,
            states=_tuple(self.states),
            countries=_tuple(self.countries),
        )


@input_type
class DistributorSort:
    """How distributors are sorted."""

    by: DistributorOrder = DistributorOrder.CODE
    """By what."""
    direction: SortDirection = SortDirection.ASC
    """Which end first."""


@input_type
class PromotionFilter:
    """Which promotions; what is left out does not limit."""

    from_: date | None = strawberry.field(name="from", default=None)
    """Only those that end on that day or later."""
    to: date | None = None
    """Only those that start on that day or earlier."""
    skus: list[str] | None = None
    """Only those that concern one of these products."""
    locations: list[str] | None = None
    """Only those that concern one of the locations with these codes."""

    def criteria(self) -> PromotionCriteria:
        """Return the filter as the service takes it."""
        return PromotionCriteria(self.from_, self.to, _tuple(self.skus), _tuple(self.locations))


@input_type
class PromotionSort:
    """How promotions are sorted."""

    by: PromotionOrder = PromotionOrder.STARTS_ON
    """By what."""
    direction: SortDirection = SortDirection.ASC
    """Which end first."""


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
