"""What is known of a product."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from backend.core.places import Place


class ProductStatus(StrEnum):
    """Whether a product is dealt in."""

    ACTIVE = "ACTIVE"
    """On sale."""
    ARCHIVED = "ARCHIVED"
    """No longer dealt in; its history stays."""
    PROVISIONAL = "PROVISIONAL"
    """Known from sales or an import only; somebody should complete it."""


class ProductRef(msgspec.Struct, frozen=True):
    """A product as it stands in sales, levels and events.

    `reorder_point` is the product's own default; None where it has none.
    """

    id: UUID
    sku: str
    name: str
    category: str | None = None
    subcategory: str | None = None
    distributor_id: UUID | None = None
    reorder_point: Decimal | None = None

    def fact(self) -> dict[str, Any]:
        """Return what events store of it."""
        return {
            "id": str(self.id),
            "sku": self.sku,
            "name": self.name,
            "category": self.category,
            "subcategory": self.subcategory,
        }


class Packaged(msgspec.Struct, frozen=True):
    """What a GTIN stands for: so many `units` of a product (a case code counts for its units)."""

    product: ProductRef
    units: Decimal


class Price(msgspec.Struct, frozen=True):
    """Price and cost of one unit in the organisation's currency; cost None is not known."""

    price: Decimal
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class ProductDetail:
    """What a product is beyond its names."""

    ref: ProductRef
    status: ProductStatus
    attributes: dict[str, object]
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Packaging:
    """One GTIN (14 digits) of a product and the units it counts for."""

    gtin: str
    units: Decimal


@dataclass(frozen=True, slots=True)
class DistributorDetail:
    """Who supplies products, or sells ours on."""

    id: UUID
    code: str
    name: str
    place: Place
    attributes: dict[str, object]
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Category:
    """A category and the names of its subcategories, sorted."""

    id: UUID
    name: str
    subcategories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Promotion:
    """A price cut known ahead; dates inclusive, empty sets mean all."""

    id: UUID
    code: str
    name: str
    starts_on: date
    ends_on: date
    discount_rate: Decimal
    product_ids: tuple[UUID, ...]
    location_ids: tuple[UUID, ...]
    updated_at: datetime
    version: int
