"""Stock as clients see it."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

import strawberry
from strawberry import UNSET
from strawberry.extensions import FieldExtension

from backend.catalogue.graphql import Product
from backend.core.numbers import ZERO
from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.described import enum_type, input_type, object_type
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import (
    ErrorPolicy,
    RowStatus,
    SortDirection,
    Tally,
    UserError,
    check_batch,
    row_errors,
    row_status,
)
from backend.infra.api.scalars import Cursor, Long
from backend.infra.batches import Row
from backend.locations.graphql import Location
from backend.stock import adjustments, queries, service
from backend.stock.queries import LevelCriteria, LevelOrder, MovementCriteria
from backend.stock.rules import Level, MovementReason

READS: list[FieldExtension] = [Requires(Scope.STOCK_READ)]
WRITES: list[FieldExtension] = [Requires(Scope.STOCK_WRITE)]

enum_type(MovementReason)
enum_type(LevelOrder)


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


@object_type
class StockReconciliation:
    """The one invariant of the ledger, checked: every level is the sum of its movements."""

    checked: int
    """Levels compared."""
    mismatches: list[StockMismatch]
    """Those that differ; at most 100."""


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


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=READS)
    async def stock_levels(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: StockLevelFilter | None = None,  # noqa: A002 - the contract's name
        sort: StockLevelSort | None = None,
    ) -> Connection[StockLevel]:
        """How much is where."""
        sort = sort or StockLevelSort()
        page = await queries.levels(
            await info.context.reading(),
            filter.criteria() if filter else LevelCriteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, StockLevel.of)

    @strawberry.field(extensions=READS)
    async def stock_at(
        self,
        info: Info,
        sku: str,
        location: str,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
    ) -> StockLevel | None:
        """The level at `asOf`, as far as it was known at `knownAt` (both default to now).

        Null where nothing had moved.
        """
        work = await info.context.reading()
        level = await service.stock_at(work, sku, location, as_of, known_at)
        return StockLevel.of(level) if level else None

    @strawberry.field(extensions=READS)
    async def stock_movements(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: StockMovementFilter | None = None,  # noqa: A002 - the contract's name
    ) -> Connection[StockMovement]:
        """The ledger, latest first."""
        page = await queries.movements(
            await info.context.reading(),
            filter.criteria() if filter else MovementCriteria(),
            first=first,
            after=after,
        )
        return connect(page, _movement)

    @strawberry.field(extensions=READS)
    async def stock_reconciliation(
        self, info: Info, location: str | None = None
    ) -> StockReconciliation:
        """Compares every level with the sum of its movements."""
        work = await info.context.reading()
        checked, mismatches = await service.reconcile(work, location)
        found = await queries.names(work, mismatches)
        return StockReconciliation(
            checked=checked,
            mismatches=[
                StockMismatch(
                    product=Product.from_ref(product),
                    location=Location.from_ref(place),
                    ledger=row["ledger"],
                    level=row["level"],
                )
                for row, (product, place) in zip(mismatches, found, strict=True)
            ],
        )


@strawberry.type
class Mutation:
    """Root fields."""

    @strawberry.mutation(extensions=WRITES)
    async def adjust_stock(self, info: Info, input: AdjustStockInput) -> AdjustStockPayload:  # noqa: A002
        """Changes quantities by so much, each with a reason."""
        check_batch(input.adjustments, 500, "adjustments")
        drafts = [
            adjustments.AdjustmentDraft(
                idempotency_key=one.idempotency_key,
                sku=one.sku,
                location=one.location,
                delta=one.delta,
                reason=one.reason,
                reference=one.reference,
                occurred_at=one.occurred_at,
            )
            for one in input.adjustments
        ]
        async with info.context.writing() as work:
            rows = await adjustments.adjust(work, drafts, all_or_nothing=_all(input.error_policy))
        return AdjustStockPayload(**_payload(rows))

    @strawberry.mutation(extensions=WRITES)
    async def count_stock(self, info: Info, input: CountStockInput) -> CountStockPayload:  # noqa: A002
        """Brings levels to what was counted, unless they changed since they were looked at."""
        check_batch(input.counts, 500, "counts")
        drafts = [
            adjustments.CountDraft(
                idempotency_key=one.idempotency_key,
                sku=one.sku,
                location=one.location,
                quantity=one.quantity,
                counted_at=one.counted_at,
                reference=one.reference,
                **({} if one.expected is UNSET else {"expected": one.expected}),
            )
            for one in input.counts
        ]
        async with info.context.writing() as work:
            rows = await adjustments.count(work, drafts, all_or_nothing=_all(input.error_policy))
        return CountStockPayload(**_payload(rows))


def _payload(rows: list[tuple[Row[Any], Level | None]]) -> dict[str, Any]:
    results = [
        StockChangeResult(
            idempotency_key=row.key,
            status=row_status(row),
            level=StockLevel.of(level) if level else None,
            user_errors=row_errors(row),
        )
        for row, level in rows
    ]
    return {**Tally([row for row, _ in rows]).counts(), "results": results}


def _movement(found: queries.FoundMovement) -> StockMovement:
    row = found.row
    return StockMovement(
        id=strawberry.ID(str(row.id)),
        product=Product.from_ref(found.product),
        location=Location.from_ref(found.location),
        quantity=row.quantity,
        reason=MovementReason(row.reason),
        reference=row.reference,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
    )


def _all(policy: ErrorPolicy) -> bool:
    return policy is ErrorPolicy.REJECT_EVERYTHING


def _set(values: list[Any] | None) -> frozenset[Any] | None:
    return None if values is None else frozenset(values)
