"""Root fields of shelves."""

from base64 import b64decode
from typing import Final
from uuid import UUID

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.scalars import ID

from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.cost import COST, Arguments
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import ErrorPolicy, SortDirection, check_batch
from backend.infra.api.scalars import Cursor
from backend.infra.api.upserts import outcome, tally
from backend.merchandising import changing, importing, service, shelves, sizes
from backend.merchandising.errors import UnreadableShelf
from backend.merchandising.graphql.enums import PlanMethod
from backend.merchandising.graphql.inputs import (
    ApplyShelfPlanInput,
    DeleteShelvesInput,
    ImportShelfInput,
    SetFacingsInput,
    SetShelfElasticitiesInput,
    ShelfFilter,
    ShelfSort,
    UpsertProductSizesInput,
    UpsertShelvesInput,
)
from backend.merchandising.graphql.plans import ApplyShelfPlanPayload, ShelfPlan
from backend.merchandising.graphql.types import (
    DeleteShelvesPayload,
    ImportShelfPayload,
    ProductSizeResult,
    SetFacingsPayload,
    SetShelfElasticitiesPayload,
    Shelf,
    ShelfElasticity,
    ShelfFileProblem,
    ShelfResult,
    UpsertProductSizesPayload,
    UpsertShelvesPayload,
)

READS: list[FieldExtension] = [Requires(Scope.FORECAST_READ)]
WRITES: list[FieldExtension] = [Requires(Scope.FORECAST_WRITE, Scope.FORECAST_READ)]
SIZES: list[FieldExtension] = [Requires(Scope.CATALOGUE_WRITE)]
SETTLES: list[FieldExtension] = [
    Requires(Scope.FORECAST_READ, one_of=(Scope.FORECAST_WRITE, Scope.STOCK_WRITE))
]
"""Who answers for the stock of a shop settles its shelves; no model changes by that."""
PLAN: Final = 200
"""What a plan costs: a pass over the sales of eight weeks, and its arithmetic."""
EXACT: Final = 500
"""What one costs that may keep a core busy for seconds."""
MOST_PROBLEMS: Final = 500
NO_ID: Final = UUID(int=0)


def price(arguments: Arguments) -> int:
    """Return what a plan costs."""
    sent = arguments.get("input")
    given = sent if isinstance(sent, dict) else arguments
    method = given.get("method", PlanMethod.AUTO.value)
    is_quick = method in (PlanMethod.GREEDY.value, PlanMethod.PROPORTIONAL.value)
    return PLAN if is_quick else EXACT


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=READS)
    async def shelves(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: ShelfFilter | None = None,  # noqa: A002 - the contract's name
        sort: ShelfSort | None = None,
    ) -> Connection[Shelf]:
        """Shelves, by code unless sorted otherwise."""
        sort = sort or ShelfSort()
        page = await shelves.list_shelves(
            await info.context.reading(),
            (filter or ShelfFilter()).criteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, Shelf.of)

    @strawberry.field(extensions=READS)
    async def shelf(self, info: Info, id: ID) -> Shelf | None:  # noqa: A002
        """A shelf with what stands on it; null where there is none, or not for you."""
        found = await shelves.full_shelf(await info.context.reading(), id_of(id))
        return None if found is None else Shelf.of_full(found)

    @strawberry.field(extensions=READS, metadata={COST: price})
    async def shelf_plan(
        self,
        info: Info,
        shelf: ID,
        method: PlanMethod = PlanMethod.AUTO,
        least_bad: bool = False,
    ) -> ShelfPlan | None:
        """What a shelf should hold to bring the most profit, with a bound on what is missed.

        Where the least facings do not fit: SHELF_TOO_NARROW, or the plan that loses the least
        with `leastBad`. Null where there is no such shelf, or not for you.
        """
        async with info.context.reading_apart() as work:
            full = await shelves.full_shelf(work, id_of(shelf))
            situation = None if full is None else await service.situation_of(work, full)
        if situation is None:
            return None
        planned = await service.planned(situation, method, is_least_bad=least_bad)
        return ShelfPlan.of(work, planned)

    @strawberry.field(extensions=READS)
    async def shelf_elasticities(self, info: Info) -> list[ShelfElasticity]:
        """How much sales follow space, by category, where somebody settled it."""
        return _elasticities(await sizes.elasticities(await info.context.reading()))


@strawberry.type
class Mutation:
    """Root fields."""

    @strawberry.mutation(extensions=SETTLES)
    async def upsert_shelves(
        self,
        info: Info,
        input: UpsertShelvesInput,  # noqa: A002 - the contract's name
    ) -> UpsertShelvesPayload:
        """Makes shelves or changes them, by location and code."""
        check_batch(info.context, input.shelves, "shelves")
        drafts = [one.draft() for one in input.shelves]
        everything = input.error_policy is ErrorPolicy.REJECT_EVERYTHING
        async with info.context.writing() as work:
            done = await changing.upsert_shelves(work, drafts, all_or_nothing=everything)
        results = [
            ShelfResult(
                code=draft.code, shelf=Shelf.of_full(made) if made else None, **outcome(row)
            )
            for draft, (row, made) in zip(drafts, done, strict=True)
        ]
        return UpsertShelvesPayload(results=results, **tally(results))

    @strawberry.mutation(extensions=SETTLES)
    async def delete_shelves(
        self,
        info: Info,
        input: DeleteShelvesInput,  # noqa: A002 - the contract's name
    ) -> DeleteShelvesPayload:
        """Deletes shelves; products and their sizes stay."""
        check_batch(info.context, input.shelves, "shelves")
        ids = [id_of(one) for one in input.shelves]
        async with info.context.writing() as work:
            gone = await changing.delete_shelves(work, ids)
        return DeleteShelvesPayload(deleted=[ID(str(one.id)) for one in gone])

    @strawberry.mutation(extensions=SETTLES)
    async def set_facings(
        self,
        info: Info,
        input: SetFacingsInput,  # noqa: A002 - the contract's name
    ) -> SetFacingsPayload:
        """Settles what stands on a shelf: all of it changes, or nothing."""
        check_batch(info.context, input.products, "products")
        check_batch(info.context, input.removed or [], "removed")
        drafts = [one.draft() for one in input.products]
        async with info.context.writing() as work:
            after = await changing.set_facings(
                work,
                id_of(input.shelf),
                drafts,
                version=input.version,
                removed=input.removed or [],
                is_all=input.replace,
            )
        return SetFacingsPayload(shelf=Shelf.of_full(after))

    @strawberry.mutation(extensions=SETTLES, metadata={COST: price})
    async def apply_shelf_plan(
        self,
        info: Info,
        input: ApplyShelfPlanInput,  # noqa: A002 - the contract's name
    ) -> ApplyShelfPlanPayload:
        """Lets a shelf stand as its plan has it; refused where that changed while it was made."""
        async with info.context.reading_apart() as work:
            situation = await service.wanted_situation(work, id_of(input.shelf), input.version)
        planned = await service.planned(situation, input.method, is_least_bad=input.least_bad)
        async with info.context.writing() as work:
            after = await service.apply_plan(work, planned)
            plan = ShelfPlan.of(work, planned)
        return ApplyShelfPlanPayload(shelf=Shelf.of_full(after), plan=plan)

    @strawberry.mutation(extensions=SIZES)
    async def upsert_product_sizes(
        self,
        info: Info,
        input: UpsertProductSizesInput,  # noqa: A002 - the contract's name
    ) -> UpsertProductSizesPayload:
        """Settles how large products are as they stand on shelves."""
        check_batch(info.context, input.sizes, "sizes")
        drafts = [one.draft() for one in input.sizes]
        everything = input.error_policy is ErrorPolicy.REJECT_EVERYTHING
        async with info.context.writing() as work:
            rows = await sizes.upsert_sizes(work, drafts, all_or_nothing=everything)
        results = [ProductSizeResult(sku=row.code, **outcome(row)) for row in rows]
        return UpsertProductSizesPayload(results=results, **tally(results))

    @strawberry.mutation(extensions=WRITES)
    async def set_shelf_elasticities(
        self,
        info: Info,
        input: SetShelfElasticitiesInput,  # noqa: A002 - the contract's name
    ) -> SetShelfElasticitiesPayload:
        """Settles how much sales of categories follow the space they have."""
        check_batch(info.context, input.elasticities, "elasticities")
        wanted = [(one.category, one.elasticity) for one in input.elasticities]
        async with info.context.writing() as work:
            found = await sizes.set_elasticities(work, wanted)
        return SetShelfElasticitiesPayload(elasticities=_elasticities(found))

    @strawberry.mutation(extensions=SETTLES)
    async def import_shelf(
        self,
        info: Info,
        input: ImportShelfInput,  # noqa: A002 - the contract's name
    ) -> ImportShelfPayload:
        """Settles what stands on a shelf, and how large it is, from a file."""
        try:
            content = b64decode(input.content, validate=True)
        except ValueError as exc:
            raise UnreadableShelf("content is base64", field=["input", "content"]) from exc
        order = importing.ImportOrder(
            id_of(input.shelf),
            input.version,
            is_all=input.replace,
            decimal_comma=input.decimal_comma,
            is_dry_run=input.dry_run,
        )
        async with info.context.writing() as work:
            found = await importing.import_shelf(work, content, order)
        return _imported(found, is_dry_run=input.dry_run)


def _imported(found: importing.Imported, *, is_dry_run: bool) -> ImportShelfPayload:
    return ImportShelfPayload(
        found_count=found.found,
        sized_count=found.sized,
        shelf=Shelf.of_full(found.after) if found.after else None,
        problems=[
            ShelfFileProblem(
                line=one.line,
                column=one.column,
                value=one.value,
                code=one.error.code,
                message=one.error.message,
            )
            for one in found.problems[:MOST_PROBLEMS]
        ],
        is_dry_run=is_dry_run,
    )


def _elasticities(found: sizes.Elasticities) -> list[ShelfElasticity]:
    return [
        ShelfElasticity(category=category, elasticity=value) for category, value in found.items()
    ]


def id_of(text: str) -> UUID:
    """Return the id a text stands for; one that is nobody's where it stands for none."""
    try:
        return UUID(text)
    except ValueError:
        return NO_ID
