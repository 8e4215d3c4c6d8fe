"""Root fields of replenishment."""

from decimal import Decimal
from typing import Final

import strawberry
from strawberry.extensions import FieldExtension

from backend.analytics import pricing
from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.cost import COST, Arguments
from backend.infra.api.relay import Connection, check_first, connect
from backend.infra.api.results import (
    ErrorPolicy,
    RowStatus,
    SortDirection,
    check_batch,
    user_error,
)
from backend.infra.api.scalars import Cursor, Long
from backend.replenishment import service, simulating, supply, surplus
from backend.replenishment.graphql.inputs import (
    ReorderFilter,
    SetSupplyTermsInput,
    SupplyFilter,
    SupplyTermsFilter,
    SupplyTermsSort,
)
from backend.replenishment.graphql.simulation import ReorderSimulation
from backend.replenishment.graphql.surplus import (
    MarkdownSuggestion,
    MarkdownSuggestions,
    PriceElasticity,
    StockTransfer,
    StockTransfers,
)
from backend.replenishment.graphql.types import (
    ReorderReport,
    ReorderSuggestion,
    ReorderTotals,
    SetSupplyTermsPayload,
    SupplyTerms,
    SupplyTermsResult,
    page_info,
)
from backend.replenishment.levels import SupplyCriteria
from backend.replenishment.terms import Terms
from backend.replenishment.trying import simulated

READS: list[FieldExtension] = [Requires(Scope.FORECAST_READ, Scope.STOCK_READ)]
WRITES: list[FieldExtension] = [
    Requires(
        Scope.FORECAST_READ,
        Scope.STOCK_READ,
        one_of=(Scope.FORECAST_WRITE, Scope.STOCK_WRITE),
    )
]
"""Who answers for the stock of a shop settles its terms; no model changes by that."""
PASSES: Final = 4
"""What going through all positions is charged for, whatever is shown of it."""
REORDER_ROWS: Final = 100


def price(arguments: Arguments) -> int:
    """Return what it costs to go through all positions, and one more for every row shown."""
    first = arguments.get("first")
    shown = first if isinstance(first, int) else REORDER_ROWS
    return pricing.PER_PASS * PASSES + max(shown, 0)


def price_of_simulation(_arguments: Arguments) -> int:
    """Return what a simulation costs: a model is trained for it."""
    return pricing.PER_PASS * PASSES * 2


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=READS, metadata={COST: price})
    async def reorder_suggestions(  # noqa: PLR0913 - what may be asked for
        self,
        info: Info,
        filter: ReorderFilter | None = None,  # noqa: A002 - the contract's name
        service_level: Decimal | None = None,
        lead_time_days: int | None = None,
        review_days: int | None = None,
        first: int = REORDER_ROWS,
        after: Cursor | None = None,
    ) -> ReorderReport:
        """What to order where, the most urgent first, and the reason for every figure.

        Service level (0.5 to 0.975), lead time and review period count before those that are
        settled. At most 2,000 rows at once.
        """
        work = await info.context.reading()
        found = await service.reorder_suggestions(
            work,
            filter.reorder_criteria() if filter else service.ReorderCriteria(),
            Terms(lead_time_days, review_days, service_level),
            first=first,
            after=after,
        )
        page = found.page
        return ReorderReport(
            as_of=work.now,
            trained_through=found.trained_through,
            currency=work.currency,
            totals=ReorderTotals.of(found.totals),
            nodes=[ReorderSuggestion.of(one) for _, one in page.rows],
            page_info=page_info(
                [cursor for cursor, _ in page.rows],
                has_next=page.has_next,
                has_previous=page.has_previous,
            ),
        )

    @strawberry.field(extensions=READS, metadata={COST: price})
    async def stock_transfers(
        self,
        info: Info,
        filter: SupplyFilter | None = None,  # noqa: A002 - the contract's name
        service_level: Decimal | None = None,
        cover_days: int | None = None,
        first: int = REORDER_ROWS,
    ) -> StockTransfers:
        """What to move from where there is surplus to where goods are short, at most 500.

        Locations of the filter give and take among themselves. Surplus is what is available beyond
        the demand of the days to cover, and beyond what an order would be made up to.
        """
        work = await info.context.reading()
        check_first(first)
        terms = Terms(service_level=service_level, cover_days=cover_days)
        found = await surplus.stock_transfers(work, _criteria(filter), terms, first=first)
        return StockTransfers(
            as_of=work.now,
            currency=work.currency,
            found=found.found,
            sold=found.sold,
            value=found.value,
            bound=found.bound,
            rows=[StockTransfer.of(one) for one in found.rows],
        )

    @strawberry.field(extensions=READS, metadata={COST: price})
    async def markdown_suggestions(
        self,
        info: Info,
        filter: SupplyFilter | None = None,  # noqa: A002 - the contract's name
        cover_days: int | None = None,
        first: int = REORDER_ROWS,
    ) -> MarkdownSuggestions:
        """What expires, or lies there, before it is expected to be sold, at most 500.

        Discounts are suggested where they are expected to earn something: how demand answers to
        prices is learned from those of the past year.
        """
        work = await info.context.reading()
        check_first(first)
        terms = Terms(cover_days=cover_days)
        found = await surplus.markdown_suggestions(work, _criteria(filter), terms, first=first)
        elasticity = found.elasticity
        return MarkdownSuggestions(
            as_of=work.now,
            currency=work.currency,
            found=found.found,
            elasticity=None if elasticity is None else PriceElasticity.of(elasticity),
            rows=[MarkdownSuggestion.of(one) for one in found.rows],
        )

    @strawberry.field(extensions=READS, metadata={COST: price_of_simulation})
    async def reorder_simulation(  # noqa: PLR0913 - what may be asked for
        self,
        info: Info,
        products: list[str] | None = None,
        locations: list[str] | None = None,
        categories: list[str] | None = None,
        distributors: list[str] | None = None,
        service_level: Decimal | None = None,
        lead_time_days: int | None = None,
        days: int = 84,
    ) -> ReorderSimulation | None:
        """What reorder points would have done on the last 14 to 182 days.

        By forecast, at the service level (0.5 to 0.975) and lead time asked for, else as settled;
        beside a fixed one from the textbook, and those on the terms that are settled.
        Products by SKU, locations by code, of these categories, supplied by distributors with these
        codes; the best-selling ones, at most 100 together. Null: nothing was sold of them.
        """
        criteria = SupplyCriteria(*map(_chosen, (products, locations, categories, distributors)))
        terms = Terms(lead_time_days=lead_time_days, service_level=service_level)
        with simulating.turn():
            async with info.context.reading_apart() as work:
                subject = await simulating.subject_of(work, criteria, terms, days)
            if subject is None:
                return None
            found = await simulated(subject)
        return ReorderSimulation.of(found, work.now, work.currency)

    @strawberry.field(extensions=READS)
    async def supply_terms(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: SupplyTermsFilter | None = None,  # noqa: A002 - the contract's name
        sort: SupplyTermsSort | None = None,
    ) -> Connection[SupplyTerms]:
        """What is settled of how goods are supplied."""
        sort = sort or SupplyTermsSort()
        page = await supply.list_terms(
            await info.context.reading(),
            filter.criteria() if filter else supply.TermsCriteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, SupplyTerms.of)


@strawberry.type
class Mutation:
    """Root fields."""

    @strawberry.mutation(extensions=WRITES)
    async def set_supply_terms(
        self,
        info: Info,
        input: SetSupplyTermsInput,  # noqa: A002 - the contract's name
    ) -> SetSupplyTermsPayload:
        """Settles how goods are supplied, each unless it changed since it was looked at."""
        check_batch(info.context, input.terms, "terms")
        everything = input.error_policy is ErrorPolicy.REJECT_EVERYTHING
        async with info.context.writing() as work:
            rows = await supply.set_terms(
                work, [one.draft() for one in input.terms], all_or_nothing=everything
            )
        results = [_result(row) for row in rows]
        statuses = [one.status for one in results]
        return SetSupplyTermsPayload(
            accepted_count=statuses.count(RowStatus.ACCEPTED),
            duplicate_count=statuses.count(RowStatus.DUPLICATE),
            rejected_count=statuses.count(RowStatus.REJECTED),
            results=results,
        )


def _criteria(chosen: SupplyFilter | None) -> SupplyCriteria:
    return chosen.criteria() if chosen else SupplyCriteria()


def _chosen(values: list[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


def _result(row: supply.TermsRow) -> SupplyTermsResult:
    if row.error is not None:
        return SupplyTermsResult(
            status=RowStatus.REJECTED, version=None, user_errors=[user_error(row.error)]
        )
    status = RowStatus.ACCEPTED if row.is_changed else RowStatus.DUPLICATE
    return SupplyTermsResult(status=status, version=Long(row.version), user_errors=[])
