"""What happens to the catalogue."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from backend.catalogue.rules import ProductRef
from backend.core.events import Event, Topic


class ProductChanged(Event, frozen=True):
    """A product was made or changed; `changed` names what, as clients spell it.

    `previous_reorder_point` is what it was before; None also for a new product.
    """

    kind: ClassVar[str] = "ProductChanged"
    topic: ClassVar[Topic] = Topic.CATALOGUE

    product: ProductRef
    previous_reorder_point: Decimal | None
    changed: tuple[str, ...]
    version: int
    occurred_at: datetime

    def fact(self) -> dict[str, Any]:
        """Return the product's names as they became, and what changed; never price or cost.

        `distributorId` tells which distributor may see it.
        """
        supplier = self.product.distributor_id
        return {
            "key": str(self.product.id),
            "occurredAt": self.occurred_at,
            "version": self.version,
            "changed": list(self.changed),
            "product": self.product.fact(),
            "distributorId": None if supplier is None else str(supplier),
        }
