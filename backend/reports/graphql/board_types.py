"""What clients see of boards."""

from datetime import date, datetime
from typing import Any, Self

import strawberry
from strawberry.scalars import ID, JSON

from backend.analytics import comparisons
from backend.analytics.presets.graphql import AnalysisName
from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.identity import audit
from backend.infra.api.context import Info
from backend.infra.api.cost import COST, Arguments
from backend.infra.api.declared import seen_with
from backend.infra.api.described import enum_type, object_type
from backend.infra.api.scalars import Long
from backend.locations import service as locations
from backend.reports.boards import comments, rules, service
from backend.reports.boards.rules import BlockKind
from backend.reports.criteria import choice_json, filter_json
from backend.reports.graphql.saved_pivots import PivotDefinition
from backend.reports.pivots.answering import today_of
from backend.reports.pivots.periods import Period
from backend.reports.readers import actor_of, author_id, may_change

enum_type(BlockKind)
RESTATED: int = 20
"""What it costs to find the restated days of one block."""


def price_of_restated(_: Arguments) -> int:
    """Return what it costs to look for changed days."""
    return RESTATED


@seen_with(Scope.REPORTS_READ)
@object_type
class BoardBlock:
    """One part of a board: words, or the definition of figures; ask for those themselves."""

    kind: BlockKind
    """What it is."""
    title: str
    """Its heading."""
    words: str
    """Markdown without HTML; empty where it is figures."""
    analysis: AnalysisName | None
    """Which analysis."""
    choice: JSON
    """What is chosen of it, as `AnalysisChoice` takes it."""
    period: Period
    """Which days an analysis is about."""
    filter: JSON
    """Which sales an analysis is about, as `SalesFilter` takes it."""
    pivot: PivotDefinition | None
    """Which pivot."""
    block: strawberry.Private[rules.Block]
    since: strawberry.Private[datetime | None]

    @strawberry.field(metadata={COST: price_of_restated})
    async def restated_days(self, info: Info) -> list[date]:
        """Days of its figures that were over when it was published and changed since."""
        if self.since is None or not self.block.is_figures:
            return []
        work = await info.context.reading()
        criteria = self.block.sales(today_of(work))
        return list(await comparisons.restated_days(work, criteria, self.since))

    @classmethod
    def of(cls, block: rules.Block, since: datetime | None) -> Self:
        """Return a block as clients see it; `since` is when it was published."""
        return cls(
            kind=block.kind,
            title=block.title,
            words=block.words,
            analysis=block.analysis,
            choice=JSON(choice_json(block.choice)),
            period=block.period,
            filter=JSON(filter_json(block.criteria)),
            pivot=None if block.pivot is None else PivotDefinition.of(block.pivot),
            block=block,
            since=since,
        )


@seen_with(Scope.REPORTS_READ)
@object_type
class BoardVersion:
    """A board as it was published."""

    number: int
    """Counts from 1."""
    title: str
    """Its title then."""
    published_at: datetime
    """When."""
    published_by: str
    """Id of who published it."""
    blocks: list[BoardBlock]
    """What was on it; its figures are about the days they were about then."""

    @strawberry.field
    async def published_by_name(self, info: Info) -> str | None:
        """Present name of who published it; null where there is none, or no more."""
        return await info.context.loader(audit.actor_names).load(actor_of(self.published_by))

    @classmethod
    def of(cls, version: service.Version) -> Self:
        """Return a version as clients see it."""
        return cls(
            number=version.number,
            title=version.title,
            published_at=version.published_at,
            published_by=version.published_by,
            blocks=[BoardBlock.of(block, version.published_at) for block in version.blocks],
        )


@seen_with(Scope.REPORTS_READ)
@object_type
class BoardComment:
    """What somebody said about a board."""

    id: ID
    """Identifies it."""
    text: str
    """What was said; plain text."""
    made_at: datetime
    """When."""
    author_id: str
    """Id of who said it."""
    block: str | None
    """Title of the block it is about; null: the whole board."""
    number: int | None
    """The version that was read then."""

    @strawberry.field
    async def author_name(self, info: Info) -> str | None:
        """Present name of who said it; null where there is none, or no more."""
        return await info.context.loader(audit.actor_names).load(actor_of(self.author_id))

    @strawberry.field
    async def is_mine(self, info: Info) -> bool:
        """Whether who asks may take it back."""
        work = await info.context.reading()
        return self.author_id == author_id(work) or work.principal.has(Scope.ADMIN)


@seen_with(Scope.REPORTS_READ)
@object_type
class Board:
    """Charts, pivots and words that somebody put together."""

    id: ID
    """Identifies it."""
    title: str
    """Its title; of the draft, to who may change it."""
    roles: list[Role]
    """To whom it is addressed; empty: to everybody who may read reports."""
    owner_id: str
    """Id of its author."""
    published_number: int | None
    """The version that is published; null: none yet."""
    created_at: datetime
    """When it was begun."""
    changed_at: datetime
    """When its draft was changed last, or published."""
    version: Long
    """Grows with every change."""
    row: strawberry.Private[Any]

    @strawberry.field
    async def owner_name(self, info: Info) -> str | None:
        """Present name of its author; null where there is none, or no more."""
        return await info.context.loader(audit.actor_names).load(actor_of(self.owner_id))

    @strawberry.field
    async def locations(self, info: Info) -> list[str]:
        """Codes of the locations it is addressed to; empty: all."""
        named = await info.context.loader(_codes).load(tuple(self.row.location_ids))
        return list(named)

    @strawberry.field
    async def is_mine_to_change(self, info: Info) -> bool:
        """Whether who asks may change it: its author, and administrators."""
        return may_change(await info.context.reading(), self.row)

    @strawberry.field
    async def draft(self, info: Info) -> list[BoardBlock] | None:
        """What is on its draft; null to who may not change it."""
        if not may_change(await info.context.reading(), self.row):
            return None
        return [BoardBlock.of(block, None) for block in rules.blocks_of(self.row.blocks)]

    @strawberry.field
    async def published(self, info: Info, number: int | None = None) -> BoardVersion | None:
        """A published version, the latest where none is named; null: there is none."""
        versions = await info.context.loader(service.versions_of).load(self.row.id)
        wanted = self.published_number if number is None else number
        found = next((one for one in versions if one.number == wanted), None)
        return None if found is None else BoardVersion.of(found)

    @strawberry.field
    async def versions(self, info: Info) -> list[int]:
        """Numbers of its published versions, latest first."""
        versions = await info.context.loader(service.versions_of).load(self.row.id)
        return [one.number for one in versions]

    @strawberry.field
    async def comments(self, info: Info) -> list[BoardComment]:
        """What was said about it, oldest first."""
        rows = await info.context.loader(comments.comments_of).load(self.row.id)
        return [
            BoardComment(
                id=ID(str(row["id"])),
                text=row["text"],
                made_at=row["made_at"],
                author_id=row["author_id"],
                block=row["block"],
                number=row["number"],
            )
            for row in rows
        ]

    @classmethod
    def of(cls, row: Any) -> Self:
        """Return a stored board as clients see it."""
        return cls(
            id=ID(str(row.id)),
            title=row.title,
            roles=[Role(one) for one in row.roles],
            owner_id=row.owner_id,
            published_number=row.published_number,
            created_at=row.created_at,
            changed_at=row.changed_at,
            version=Long(row.version),
            row=row,
        )


async def _codes(work: Any, wanted: list[tuple[Any, ...]]) -> list[list[str]]:
    known = await locations.locations_by_id(work, {id_ for ids in wanted for id_ in ids})
    return [sorted(known[id_].code for id_ in ids if id_ in known) for ids in wanted]
