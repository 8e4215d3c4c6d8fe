"""Saved pivots in the schema."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

import strawberry
from strawberry.scalars import ID, JSON

from backend.analytics.rules import SalesDimension
from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.identity import audit
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import enum_type, input_type, object_type
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Cursor, Long
from backend.reports.criteria import filter_json
from backend.reports.graphql.pivots import PivotInput
from backend.reports.pivots import rules, service
from backend.reports.pivots.errors import PivotNotFound
from backend.reports.pivots.periods import Period
from backend.reports.pivots.rules import Audience, PivotMeasure, Sharing
from backend.reports.pivots.service import Draft, PivotCriteria, PivotOrder
from backend.reports.readers import actor_of, known_id, known_ids, may_change

for _enum in (Sharing, PivotOrder):
    enum_type(_enum)


@seen_with(Scope.REPORTS_READ)
@object_type
class PivotDefinition:
    """What lies where in a pivot; its parts are those of `PivotInput`."""

    rows: list[SalesDimension]
    """On rows, outermost first."""
    columns: list[SalesDimension]
    """On columns, outermost first."""
    measures: list[PivotMeasure]
    """Figures in the cells, in their order."""
    period: Period
    """Which days, where it is looked at."""
    filter: JSON
    """Which sales, as `SalesFilter` takes it."""
    sort: PivotMeasure | None
    """By which measure rows are sorted; null: by time and name."""
    descending: bool
    """Largest first, where a measure sorts."""

    @classmethod
    def of(cls, kept: rules.PivotDefinition) -> Self:
        """Return a definition as clients see it."""
        return cls(
            rows=list(kept.rows),
            columns=list(kept.columns),
            measures=list(kept.measures),
            period=kept.period,
            filter=JSON(filter_json(kept.criteria)),
            sort=kept.sort,
            descending=kept.descending,
        )


@seen_with(Scope.REPORTS_READ)
@object_type
class SavedPivot:
    """A pivot that somebody saved."""

    id: ID
    """Identifies it."""
    name: str
    """Its name."""
    definition: PivotDefinition
    """What it asks for."""
    sharing: Sharing
    """Who finds it."""
    roles: list[Role]
    """The roles it is shared with."""
    owner_id: str
    """Id of who saved it."""
    created_at: datetime
    """When it was saved first."""
    changed_at: datetime
    """When it was changed last."""
    version: Long
    """Grows with every change."""
    row: strawberry.Private[Any]

    @strawberry.field
    async def owner_name(self, info: Info) -> str | None:
        """Present name of who saved it; null where there is none, or no more."""
        return await info.context.loader(audit.actor_names).load(actor_of(self.owner_id))

    @strawberry.field
    async def is_mine_to_change(self, info: Info) -> bool:
        """Whether who asks may change it: who saved it, and administrators."""
        return may_change(await info.context.reading(), self.row)

    @classmethod
    def of(cls, row: Any) -> Self:
        """Return a stored pivot as clients see it."""
        return cls(
            id=ID(str(row.id)),
            name=row.name,
            definition=PivotDefinition.of(rules.PivotDefinition.of_json(row.definition)),
            sharing=Sharing(row.sharing),
            roles=[Role(one) for one in row.roles],
            owner_id=row.owner_id,
            created_at=row.created_at,
            changed_at=row.changed_at,
            version=Long(row.version),
            row=row,
        )


@input_type
class SavedPivotFilter:
    """Which saved pivots; what is left out does not limit."""

    sharing: list[Sharing] | None = None
    """Only shared like this."""
    ids: list[ID] | None = None
    """Only these."""


@input_type
class SavedPivotSort:
    """How saved pivots are sorted."""

    by: PivotOrder = PivotOrder.NAME
    """By what."""
    direction: SortDirection = SortDirection.ASC
    """Which end first."""


@input_type
class SavePivotInput:
    """A pivot to keep."""

    name: str
    """Its name, in at most 120 characters."""
    definition: PivotInput
    """What it asks for."""
    sharing: Sharing = Sharing.PRIVATE
    """Who finds it."""
    roles: list[Role] = strawberry.field(default_factory=list[Role])
    """The roles it is shared with, where it is shared with roles."""
    id: ID | None = None
    """The pivot that is changed; null adds one."""
    version: Long | None = None
    """Of the one that is changed, as it was read."""


@input_type
class DeletePivotInput:
    """Names a saved pivot."""

    id: ID
    """The pivot."""


@seen_with(Scope.REPORTS_WRITE)
@object_type
class SavePivotPayload:
    """The pivot as it is kept."""

    pivot: SavedPivot
    """The pivot."""


@seen_with(Scope.REPORTS_WRITE)
@object_type
class DeletePivotPayload:
    """What was deleted."""

    id: ID
    """The pivot that is not there any more."""


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=[Requires(Scope.REPORTS_READ)])
    async def saved_pivots(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: SavedPivotFilter | None = None,  # noqa: A002 - the contract's name
        sort: SavedPivotSort | None = None,
    ) -> Connection[SavedPivot]:
        """Pivots of one's own and those shared with one, by name unless sorted otherwise."""
        sort = sort or SavedPivotSort()
        wanted = filter or SavedPivotFilter()
        page = await service.list_pivots(
            await info.context.reading(),
            PivotCriteria(
                None if wanted.sharing is None else frozenset(wanted.sharing),
                None if wanted.ids is None else known_ids(wanted.ids),
            ),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, SavedPivot.of)


@strawberry.type
class Mutation:
    """Changes of saved pivots."""

    @strawberry.mutation(extensions=[Requires(Scope.REPORTS_WRITE)])
    async def save_pivot(
        self,
        info: Info,
        input: SavePivotInput,  # noqa: A002 - the contract's name
    ) -> SavePivotPayload:
        """Keeps a pivot: a new one, or another state of one's own."""
        draft = Draft(
            name=input.name,
            definition=input.definition.definition(),
            audience=Audience(input.sharing, frozenset(input.roles)),
            id=None if input.id is None else _id(input.id),
            version=input.version,
        )
        async with info.context.writing() as work:
            return SavePivotPayload(pivot=SavedPivot.of(await service.save(work, draft)))

    @strawberry.mutation(extensions=[Requires(Scope.REPORTS_WRITE)])
    async def delete_pivot(
        self,
        info: Info,
        input: DeletePivotInput,  # noqa: A002 - the contract's name
    ) -> DeletePivotPayload:
        """Forgets a pivot of one's own; what others made of it stays."""
        async with info.context.writing() as work:
            await service.delete(work, _id(input.id))
            return DeletePivotPayload(id=input.id)


def _id(text: str) -> UUID:
    known = known_id(text)
    if known is None:
        raise PivotNotFound("no such pivot", field=["input", "id"], value=text[:60])
    return known
