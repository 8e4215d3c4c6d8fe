"""Types of the ledger."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

import strawberry

from backend.catalogue.graphql import Product
from backend.core.numbers import ZERO
from backend.core.scopes import Scope
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.infra.api.results import (
    RowStatus,
    UserError,
)
from backend.infra.api.scalars import Long
from backend.locations.graphql import Location
from backend.stock.graphql.enums import MovementReason
from backend.stock.rules import Level


@seen_with(Scope.STOCK_READ)
@object_type
class StockLevel:
    """How much of a product is at a location, as of one version."""

    id: strawberry.ID
    """Stays the same for this product at this location."""
    product: Product
    """What lies there."""
    location: Location
    """Where it lies."""
    on_hand: Decimal
    """Units physically there, sellable or not. Below zero: more was sold than the ledger knew of.
    """
    committed: Decimal
    """Units on hand that are promised to orders."""
    unavailable: Decimal
    """Units on hand that are held: damaged, in quality control, expired."""
    available: Decimal
    """Units that can still be promised: on hand − committed − unavailable, never below zero."""
    incoming: Decimal
    """Units ordered or shipped to us, not yet received."""
    reorder_point: Decimal | None
    """At or below this many available units it is time to reorder; null: never."""
    is_oversold: bool
    """Whether on hand is below zero until a count settles it."""
    version: Long
    """Grows with every change: of two levels the higher version is the later one."""
    updated_at: datetime
    """When it last changed."""

    @classmethod
    def of(cls, level: Level) -> Self:
        """Return a level as clients see it."""
        return cls(
            id=strawberry.ID(str(level.id)),
            product=Product.from_ref(level.product),
            location=Location.from_ref(level.location),
            on_hand=level.on_hand,
            committed=level.committed,
            unavailable=level.unavailable,
            available=level.available,
            incoming=level.incoming,
            reorder_point=level.reorder_point,
            is_oversold=level.is_oversold,
            version=Long(level.version),
            updated_at=level.updated_at,
        )

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the level of a stored fact of StockMoved or StockLevelChanged."""
        level = fact["level"]
        on_hand, committed, unavailable = (
            Decimal(level[name]) for name in ("onHand", "committed", "unavailable")
        )
        reorder_point = level["reorderPoint"]
        return cls(
            id=strawberry.ID(level["id"]),
            product=Product.from_fact(fact["product"]),
            location=Location.from_fact(fact["location"]),
            on_hand=on_hand,
            committed=committed,
            unavailable=unavailable,
            available=max(ZERO, on_hand - committed - unavailable),
            incoming=Decimal(level["incoming"]),
            reorder_point=None if reorder_point is None else Decimal(reorder_point),
            is_oversold=on_hand < ZERO,
            version=Long(level["version"]),
            updated_at=datetime.fromisoformat(level["updatedAt"]),
        )


@seen_with(Scope.STOCK_READ)
@object_type
class StockMovement:
    """One change of one quantity.

    Movements are never changed: a mistake is put right by another.
    """

    id: strawberry.ID
    """Identifies the movement."""
    product: Product
    """What moved."""
    location: Location
    """Where it moved."""
    quantity: Decimal
    """Units: positive came in, negative went out."""
    reason: MovementReason
    """Why."""
    reference: str | None
    """What it belongs to: a sale, a read, a document."""
    occurred_at: datetime
    """When it happened."""
    recorded_at: datetime
    """When the ledger learnt of it."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the movement of a stored fact of StockMoved."""
        movement = fact["movement"]
        return cls(
            id=strawberry.ID(movement["id"]),
            product=Product.from_fact(fact["product"]),
            location=Location.from_fact(fact["location"]),
            quantity=Decimal(movement["quantity"]),
            reason=MovementReason(movement["reason"]),
            reference=movement["reference"],
            occurred_at=datetime.fromisoformat(movement["occurredAt"]),
            recorded_at=datetime.fromisoformat(movement["recordedAt"]),
        )


@seen_with(Scope.STOCK_READ)
@object_type
class StockMismatch:
    """A level that is not the sum of its movements."""

    product: Product
    """What."""
    location: Location
    """Where."""
    ledger: Decimal
    """Sum of the movements."""
    level: Decimal
    """What the level says is on hand."""


@seen_with(Scope.STOCK_READ)
@object_type
class StockReconciliation:
    """The one invariant of the ledger, checked: every level is the sum of its movements."""

    checked: int
    """Levels compared."""
    mismatches: list[StockMismatch]
    """Those that differ; at most 100."""


@seen_with(Scope.STOCK_WRITE)
@object_type
class StockChangeResult:
    """What became of one adjustment or count."""

    idempotency_key: str
    """Its key."""
    status: RowStatus
    """What became of it."""
    level: StockLevel | None
    """The level it left; null unless this call changed it."""
    user_errors: list[UserError]
    """Why it was rejected."""


@seen_with(Scope.STOCK_WRITE)
@object_type
class AdjustStockPayload:
    """What became of the adjustments."""

    accepted_count: int
    """Rows that took effect."""
    duplicate_count: int
    """Rows whose key took effect before."""
    rejected_count: int
    """Rows without effect."""
    results: list[StockChangeResult]
    """One per row, in order."""


@seen_with(Scope.STOCK_WRITE)
@object_type
class CountStockPayload:
    """What became of the counts."""

    accepted_count: int
    """Rows that took effect."""
    duplicate_count: int
    """Rows whose key took effect before."""
    rejected_count: int
    """Rows without effect."""
    results: list[StockChangeResult]
    """One per row, in order."""
