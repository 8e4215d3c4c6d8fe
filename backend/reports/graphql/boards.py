"""Boards in the schema."""

from uuid import UUID

import strawberry
from strawberry.scalars import ID

from backend.analytics.presets.graphql import AnalysisChoice, AnalysisName, choice_of
from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import enum_type, input_type, object_type
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Cursor, Long
from backend.reports.boards import comments, rules, service
from backend.reports.boards.errors import BoardNotFound, CommentNotFound
from backend.reports.boards.rules import BlockKind
from backend.reports.boards.service import BoardCriteria, BoardOrder
from backend.reports.graphql.board_types import Board
from backend.reports.graphql.pivots import PivotInput
from backend.reports.pivots.periods import Period
from backend.reports.readers import known_id, known_ids
from backend.sales.filters import SalesCriteria, SalesFilter

enum_type(BoardOrder)


@input_type
class BoardFilter:
    """Which boards; what is left out does not limit."""

    ids: list[ID] | None = None
    """Only these."""
    is_published: bool | None = None
    """Only with a published version, or only without."""


@input_type
class BoardSort:
    """How boards are sorted."""

    by: BoardOrder = BoardOrder.CHANGED_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


@input_type
class BoardBlockInput:
    """One part of a board; what its kind does not need is left out."""

    kind: BlockKind
    """What it is."""
    title: str
    """Its heading, in at most 120 characters."""
    words: str = ""
    """Markdown, in at most 10,000 characters; HTML in it is shown as it is written."""
    analysis: AnalysisName | None = None
    """Which analysis."""
    choice: AnalysisChoice | None = None
    """What is chosen of it."""
    period: Period = Period.LAST_12_MONTHS
    """Which days an analysis is about."""
    filter: SalesFilter | None = None
    """Which sales an analysis is about; its days count only where the period is `DAYS`."""
    pivot: PivotInput | None = None
    """Which pivot."""

    def block(self) -> rules.Block:
        """Return it as the services take it.

        Raises:
            InvalidBoard: what its kind needs is missing.
        """
        return rules.Block(
            kind=self.kind,
            title=self.title,
            words=self.words,
            analysis=self.analysis,
            choice=choice_of(self.choice or AnalysisChoice()),
            period=self.period,
            criteria=self.filter.criteria() if self.filter else SalesCriteria(),
            pivot=None if self.pivot is None else self.pivot.definition(),
        )


@input_type
class SaveBoardInput:
    """The draft of a board."""

    title: str
    """Its title, in at most 120 characters."""
    blocks: list[BoardBlockInput]
    """What is on it, in its order: at most 20 blocks, 12 of them figures."""
    roles: list[Role] = strawberry.field(default_factory=list[Role])
    """To whom it is addressed; empty: to everybody who may read reports."""
    locations: list[str] = strawberry.field(default_factory=list[str])
    """Codes of the locations it is addressed to: who sees one of them; empty: all."""
    id: ID | None = None
    """The board that is changed; null begins one."""
    version: Long | None = None
    """Of the one that is changed, as it was read."""


@input_type
class PublishBoardInput:
    """Names the draft that is published."""

    id: ID
    """The board."""
    version: Long
    """Its version, as it was read."""


@input_type
class DeleteBoardInput:
    """Names a board."""

    id: ID
    """The board."""


@input_type
class CommentOnBoardInput:
    """What to say about a board."""

    board: ID
    """The board."""
    text: str
    """Plain text, in at most 2,000 characters."""
    block: int | None = None
    """The block it is about: its place in the latest version, from 0; null: the whole board."""


@input_type
class DeleteBoardCommentInput:
    """Names a comment."""

    id: ID
    """The comment."""


@seen_with(Scope.REPORTS_READ)
@object_type
class BoardPayload:
    """A board as it is now."""

    board: Board
    """The board."""


@seen_with(Scope.REPORTS_WRITE)
@object_type
class DeleteBoardPayload:
    """What was deleted."""

    id: ID
    """The board that is not there any more."""


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=[Requires(Scope.REPORTS_READ)])
    async def boards(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: BoardFilter | None = None,  # noqa: A002 - the contract's name
        sort: BoardSort | None = None,
    ) -> Connection[Board]:
        """Boards of one's own and those addressed to one, latest first unless sorted otherwise."""
        sort, wanted = sort or BoardSort(), filter or BoardFilter()
        page = await service.list_boards(
            await info.context.reading(),
            BoardCriteria(
                None if wanted.ids is None else known_ids(wanted.ids), wanted.is_published
            ),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, Board.of)


@strawberry.type
class Mutation:
    """Changes of boards."""

    @strawberry.mutation(extensions=[Requires(Scope.REPORTS_WRITE)])
    async def save_board(
        self,
        info: Info,
        input: SaveBoardInput,  # noqa: A002 - the contract's name
    ) -> BoardPayload:
        """Keeps the draft of a board: a new one, or another state of one's own."""
        draft = rules.Draft(
            title=input.title,
            blocks=tuple(one.block() for one in input.blocks),
            roles=frozenset(input.roles),
            locations=frozenset(input.locations),
            id=None if input.id is None else _id(input.id),
            version=input.version,
        )
        async with info.context.writing() as work:
            return BoardPayload(board=Board.of(await service.save(work, draft)))

    @strawberry.mutation(extensions=[Requires(Scope.REPORTS_WRITE)])
    async def publish_board(
        self,
        info: Info,
        input: PublishBoardInput,  # noqa: A002 - the contract's name
    ) -> BoardPayload:
        """Publishes a draft as the next version, its figures about the days they are about now."""
        async with info.context.writing() as work:
            board = await service.publish(work, _id(input.id), input.version)
            return BoardPayload(board=Board.of(board))

    @strawberry.mutation(extensions=[Requires(Scope.REPORTS_WRITE)])
    async def delete_board(
        self,
        info: Info,
        input: DeleteBoardInput,  # noqa: A002 - the contract's name
    ) -> DeleteBoardPayload:
        """Forgets a board of one's own, its versions and comments with it."""
        async with info.context.writing() as work:
            await service.delete(work, _id(input.id))
            return DeleteBoardPayload(id=input.id)

    @strawberry.mutation(extensions=[Requires(Scope.REPORTS_READ)])
    async def comment_on_board(
        self,
        info: Info,
        input: CommentOnBoardInput,  # noqa: A002 - the contract's name
    ) -> BoardPayload:
        """Says something about a published board; its readers see who said it."""
        board_id = _id(input.board, "board")
        async with info.context.writing() as work:
            await comments.add(work, board_id, input.text, input.block)
            return BoardPayload(board=Board.of(await service.find(work, board_id)))

    @strawberry.mutation(extensions=[Requires(Scope.REPORTS_READ)])
    async def delete_board_comment(
        self,
        info: Info,
        input: DeleteBoardCommentInput,  # noqa: A002 - the contract's name
    ) -> BoardPayload:
        """Takes a comment of one's own back."""
        comment_id = known_id(input.id)
        if comment_id is None:
            raise CommentNotFound("no such comment", field=["input", "id"], value=input.id[:60])
        async with info.context.writing() as work:
            board_id = await comments.delete(work, comment_id)
            return BoardPayload(board=Board.of(await service.find(work, board_id)))


def _id(text: str, name: str = "id") -> UUID:
    known = known_id(text)
    if known is None:
        raise BoardNotFound("no such board", field=["input", name], value=text[:60])
    return known
