"""Products and distributors."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from backend.catalogue import loaders, rules
from backend.catalogue.graphql.enums import ProductStatus
from backend.catalogue.rules import (
    DistributorDetail,
    Packaging,
    Price,
    ProductDetail,
    ProductRef,
)
from backend.core.scopes import Scope
from backend.infra.api.access import Hides, Requires
from backend.infra.api.context import Info
from backend.infra.api.declared import comes_along, seen_with
from backend.infra.api.described import object_type
from backend.infra.api.scalars import Long
from backend.locations.graphql import Location
from backend.locations.service import location_details

READS = Requires(Scope.CATALOGUE_READ)
COSTS = Hides(Scope.ANALYTICS_READ)


@seen_with(Scope.CATALOGUE_READ)
@object_type
class Distributor:
    """Who supplies products, or sells ours on."""

    id: strawberry.ID
    """Identifies the distributor."""
    code: str
    """The retailer's own code for it."""
    name: str
    """Name for people."""
    latitude: float | None
    """Degrees north."""
    longitude: float | None
    """Degrees east."""
    city: str | None
    """City."""
    state: str | None
    """State or province."""
    postal_code: str | None
    """Postal code."""
    region: str | None
    """The retailer's own region."""
    country: str | None
    """Country."""
    attributes: JSON | None
    """What has no field of its own."""
    updated_at: datetime
    """When it last changed."""
    version: Long
    """Grows with every change."""

    @classmethod
    def of(cls, detail: DistributorDetail) -> Self:
        """Return a distributor as clients see it."""
        place = detail.place
        return cls(
            id=strawberry.ID(str(detail.id)),
            code=detail.code,
            name=detail.name,
            latitude=place.latitude,
            longitude=place.longitude,
            city=place.city,
            state=place.state,
            postal_code=place.postal_code,
            region=place.region,
            country=place.country,
            attributes=JSON(detail.attributes),
            updated_at=detail.updated_at,
            version=Long(detail.version),
        )


@seen_with(Scope.CATALOGUE_READ)
@object_type
class Gtin:
    """A GS1 number under which a product is scanned."""

    gtin: str
    """14 digits, zero-padded."""
    units: Decimal
    """Units of the product that one scan counts for: 1, or the content of a case."""


@comes_along
@object_type
class Product:
    """What is sold: one sellable variant."""

    id: strawberry.ID
    """Identifies the product."""
    sku: str
    """The retailer's own code for it."""
    name: str
    """Name for people."""
    category: str | None
    """Name of its category."""
    subcategory: str | None
    """Name of its category's second level."""
    detail: strawberry.Private[ProductDetail | None] = None

    @strawberry.field(extensions=[READS])
    async def distributor(self, info: Info) -> Distributor | None:
        """Who supplies it."""
        detail = await self._detail(info)
        if detail.ref.distributor_id is None:
            return None
        found = await info.context.loader(loaders.distributors).load(detail.ref.distributor_id)
        return Distributor.of(found) if found else None

    @strawberry.field(extensions=[READS])
    async def reorder_point(self, info: Info) -> Decimal | None:
        """At or below this many available units a location should reorder; null: never."""
        detail = await self._detail(info)
        return detail.ref.reorder_point

    @strawberry.field(extensions=[READS])
    async def price(self, info: Info) -> Decimal | None:
        """Price of one unit today, in the organisation's currency."""
        price = await self._price(info)
        return price.price if price else None

    @strawberry.field(extensions=[READS, COSTS])
    async def cost(self, info: Info) -> Decimal | None:
        """Cost of one unit today, in the organisation's currency; null: unknown, or not for you."""
        price = await self._price(info)
        return price.cost if price else None

    @strawberry.field(extensions=[READS])
    async def gtins(self, info: Info) -> list[Gtin]:
        """The GS1 numbers under which it is scanned, single units first."""
        found: list[Packaging] = await info.context.loader(loaders.packagings).load(UUID(self.id))
        return [Gtin(gtin=one.gtin, units=one.units) for one in found]

    @strawberry.field(extensions=[READS])
    async def status(self, info: Info) -> ProductStatus:
        """Whether it is dealt in."""
        detail = await self._detail(info)
        return detail.status

    @strawberry.field(extensions=[READS])
    async def attributes(self, info: Info) -> JSON | None:
        """What has no field of its own."""
        detail = await self._detail(info)
        return JSON(detail.attributes)

    @strawberry.field(extensions=[READS])
    async def updated_at(self, info: Info) -> datetime:
        """When it last changed."""
        detail = await self._detail(info)
        return detail.updated_at

    @strawberry.field(extensions=[READS])
    async def version(self, info: Info) -> Long:
        """Grows with every change."""
        detail = await self._detail(info)
        return Long(detail.version)

    @classmethod
    def from_ref(cls, ref: ProductRef) -> Self:
        """Return a product whose other fields load when asked for."""
        return cls(
            id=strawberry.ID(str(ref.id)),
            sku=ref.sku,
            name=ref.name,
            category=ref.category,
            subcategory=ref.subcategory,
        )

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the product of a stored fact, with the names it had then."""
        return cls(
            id=strawberry.ID(fact["id"]),
            sku=fact["sku"],
            name=fact["name"],
            category=fact["category"],
            subcategory=fact["subcategory"],
        )

    @classmethod
    def of(cls, detail: ProductDetail) -> Self:
        """Return a product that is loaded already."""
        product = cls.from_ref(detail.ref)
        product.detail = detail
        return product

    async def _detail(self, info: Info) -> ProductDetail:
        if self.detail is None:
            loader = info.context.loader(loaders.product_details)
            self.detail = await loader.load(UUID(self.id))
        assert self.detail is not None  # products are never deleted
        return self.detail

    async def _price(self, info: Info) -> Price | None:
        return await info.context.loader(loaders.present_prices).load(UUID(self.id))


@seen_with(Scope.CATALOGUE_READ)
@object_type
class Category:
    """A category and its second level."""

    id: strawberry.ID
    """Identifies the category."""
    name: str
    """Its name."""
    subcategories: list[str]
    """Names of its second level, sorted."""

    @classmethod
    def of(cls, category: rules.Category) -> Self:
        """Return a category as clients see it."""
        return cls(
            id=strawberry.ID(str(category.id)),
            name=category.name,
            subcategories=list(category.subcategories),
        )


@seen_with(Scope.CATALOGUE_READ)
@object_type
class Promotion:
    """A price cut known ahead."""

    id: strawberry.ID
    """Identifies the promotion."""
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
    updated_at: datetime
    """When it last changed."""
    version: Long
    """Grows with every change."""
    promotion: strawberry.Private[rules.Promotion]

    @strawberry.field
    async def products(self, info: Info) -> list[Product]:
        """Products it concerns, those you may see; empty where it concerns all."""
        loader = info.context.loader(loaders.product_details)
        found = await loader.load_many(list(self.promotion.product_ids))
        return [Product.of(one) for one in found if one]

    @strawberry.field
    async def locations(self, info: Info) -> list[Location]:
        """Locations it concerns, those you may see; empty where it concerns all."""
        loader = info.context.loader(location_details)
        found = await loader.load_many(list(self.promotion.location_ids))
        return [Location.of(one) for one in found if one]

    @classmethod
    def of(cls, promotion: rules.Promotion) -> Self:
        """Return a promotion as clients see it."""
        return cls(
            id=strawberry.ID(str(promotion.id)),
            code=promotion.code,
            name=promotion.name,
            starts_on=promotion.starts_on,
            ends_on=promotion.ends_on,
            discount_rate=promotion.discount_rate,
            updated_at=promotion.updated_at,
            version=Long(promotion.version),
            promotion=promotion,
        )


@seen_with(Scope.CATALOGUE_READ)
@object_type
class ProductChanged:
    """A product was made or changed."""

    product: Product
    """The product, with the names it got."""
    changed: list[str]
    """Names of the fields that changed."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the change of a stored fact."""
        return cls(product=Product.from_fact(fact["product"]), changed=fact["changed"])
