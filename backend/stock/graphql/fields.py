"""Root fields of the ledger."""

from datetime import datetime
from typing import Any, Final

import strawberry
from strawberry import UNSET
from strawberry.extensions import FieldExtension

from backend.catalogue.graphql import Product
from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.cost import COST, Arguments
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import (
    ErrorPolicy,
    SortDirection,
    Tally,
    check_batch,
    row_errors,
    row_status,
)
from backend.infra.api.scalars import Cursor
from backend.infra.batches import Row
from backend.locations.graphql import Location
from backend.stock import adjustments, queries, service
from backend.stock.graphql.enums import MovementReason
from backend.stock.graphql.inputs import (
    AdjustStockInput,
    CountStockInput,
    StockLevelFilter,
    StockLevelSort,
    StockMovementFilter,
    StockMovementSort,
)
from backend.stock.graphql.types import (
    AdjustStockPayload,
    CountStockPayload,
    StockChangeResult,
    StockLevel,
    StockMismatch,
    StockMovement,
    StockReconciliation,
)
from backend.stock.queries import LevelCriteria, MovementCriteria
from backend.stock.rules import Level

READS: list[FieldExtension] = [Requires(Scope.STOCK_READ)]


WRITES: list[FieldExtension] = [Requires(Scope.STOCK_WRITE)]

RECONCILING: Final = 1_000
RECONCILING_ONE: Final = 200


def reconciling(arguments: Arguments) -> int:
    """Return what it costs to add up all movements there ever were, of one location or of all."""
    return RECONCILING if arguments.get("location") is None else RECONCILING_ONE


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
        sort: StockMovementSort | None = None,
    ) -> Connection[StockMovement]:
        """The ledger, latest first unless sorted otherwise."""
        sort = sort or StockMovementSort()
        page = await queries.movements(
            await info.context.reading(),
            filter.criteria() if filter else MovementCriteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, _movement)

    @strawberry.field(extensions=READS, metadata={COST: reconciling})
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
        check_batch(info.context, input.adjustments, "adjustments")
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
        check_batch(info.context, input.counts, "counts")
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
