"""Inputs of the ledger."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from strawberry import UNSET

from backend.infra.api.described import input_type
from backend.infra.api.results import (
    ErrorPolicy,
    SortDirection,
)
from backend.stock.graphql.enums import LevelOrder, MovementOrder, MovementReason
from backend.stock.queries import LevelCriteria, MovementCriteria


@input_type
class StockLevelFilter:
    """Which levels; what is left out does not limit."""

    skus: list[str] | None = None
    """Only these products."""
    locations: list[str] | None = None
    """Only at the locations with these codes."""
    categories: list[str] | None = None
    """Only products of these categories."""
    below_reorder_point: bool | None = None
    """Whether available is at or below the reorder point."""
    out_of_stock: bool | None = None
    """Whether nothing is available."""
    oversold: bool | None = None
    """Whether on hand is below zero."""

    def criteria(self) -> LevelCriteria:
        """Return the filter as the service takes it."""
        return LevelCriteria(
            skus=_set(self.skus),
            locations=_set(self.locations),
            categories=_set(self.categories),
            below_reorder_point=self.below_reorder_point,
            out_of_stock=self.out_of_stock,
            oversold=self.oversold,
        )


@input_type
class StockLevelSort:
    """How levels are sorted."""

    by: LevelOrder = LevelOrder.SKU
    """By what."""
    direction: SortDirection = SortDirection.ASC
    """Which end first."""


@input_type
class StockMovementFilter:
    """Which movements; what is left out does not limit."""

    skus: list[str] | None = None
    """Only of these products."""
    locations: list[str] | None = None
    """Only at the locations with these codes."""
    reasons: list[MovementReason] | None = None
    """Only with these reasons."""
    occurred_from: datetime | None = None
    """Only what happened then or later."""
    occurred_to: datetime | None = None
    """Only what happened before."""

    def criteria(self) -> MovementCriteria:
        """Return the filter as the service takes it."""
        return MovementCriteria(
            skus=_set(self.skus),
            locations=_set(self.locations),
            reasons=_set(self.reasons),
            occurred_from=self.occurred_from,
            occurred_to=self.occurred_to,
        )


@input_type
class StockMovementSort:
    """How movements are sorted."""

    by: MovementOrder = MovementOrder.RECORDED_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


@input_type
class StockAdjustmentInput:
    """A change of a quantity by so much."""

    idempotency_key: str
    """Repeating the call with this key changes nothing more."""
    sku: str
    """Which product."""
    location: str
    """Code of the location."""
    delta: Decimal
    """Units: positive came in, negative went out."""
    reason: MovementReason
    """Why; not SALE, RETURN or COUNT."""
    reference: str | None = None
    """A document it belongs to."""
    occurred_at: datetime | None = None
    """When it happened; now if left out."""


@input_type
class AdjustStockInput:
    """Changes of quantities, each with a reason."""

    adjustments: list[StockAdjustmentInput]
    """At most 500."""
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS
    """What happens to the others when one is rejected."""


@input_type
class StockCountInput:
    """A quantity found by counting."""

    idempotency_key: str
    """Repeating the call with this key changes nothing more."""
    sku: str
    """Which product."""
    location: str
    """Code of the location."""
    quantity: Decimal
    """Units found."""
    expected: Decimal | None = UNSET
    """On hand as the counter saw it before: if it has changed since, the count is refused. An
    explicit null accepts any."""
    counted_at: datetime | None = None
    """When it was counted; now if left out. What happened after that still counts."""
    reference: str | None = None
    """A document it belongs to."""


@input_type
class CountStockInput:
    """Quantities found by counting."""

    counts: list[StockCountInput]
    """At most 500."""
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS
    """What happens to the others when one is rejected."""


def _set(values: list[Any] | None) -> frozenset[Any] | None:
    return None if values is None else frozenset(values)
