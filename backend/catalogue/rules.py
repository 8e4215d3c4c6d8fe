"""What other domains know of a product."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ProductRef:
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


@dataclass(frozen=True, slots=True)
class Packaged:
    """What a GTIN stands for: so many `units` of a product (a case code counts for its units)."""

    product: ProductRef
    units: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """Price and cost of one unit in the organisation's currency; cost None where nobody gave one."""

    price: Decimal
    cost: Decimal | None
