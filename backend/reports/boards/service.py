"""Boards: composed, published, found by those they are addressed to."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from tortoise.expressions import Q

from backend.core.ids import new_id
from backend.core.scopes import Scope
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work
from backend.locations import service as locations
from backend.reports.boards import statements
from backend.reports.boards.errors import BoardNotFound, InvalidBoard, StaleBoard
from backend.reports.boards.rules import Block, Draft, blocks_json, blocks_of
from backend.reports.events import BoardChanged, KeptChange
from backend.reports.models import Board
from backend.reports.pivots.answering import today_of
from backend.reports.readers import author_id, may_change, reader_of

MOST_SAVED: Final = 100
"""Boards of one person or program."""
MOST_VERSIONS: Final = 200
"""Published versions of one board."""


class BoardOrder(StrEnum):
    """By what boards are sorted."""

    TITLE = "TITLE"
    """By their title."""
    CHANGED_AT = "CHANGED_AT"
    """By when they were changed last."""


_ORDERS: Final = {
    BoardOrder.TITLE: (("title", "id"), (str, UUID)),
    BoardOrder.CHANGED_AT: (("changed_at", "id"), (datetime, UUID)),
}


@dataclass(frozen=True, slots=True)
class BoardCriteria:
    """Which boards; None does not limit. `is_published`: those with a published version."""

    ids: frozenset[UUID] | None = None
    is_published: bool | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A board as it was published; its figures are about the days they were about then."""

    number: int
    title: str
    blocks: tuple[Block, ...]
    published_at: datetime
    published_by: str


async def save(work: Work, draft: Draft) -> Board:
    """Keep a draft: of a new board, or of one that the principal may change.

    Raises:
        BoardNotFound: there is none of that id.
        StaleBoard: it was changed since that version.
        InvalidBoard: too many are kept already, or a location that is not there.
    """
    content = (
        draft.title.strip(),
        json.dumps(blocks_json(draft.blocks)),
        sorted(role.value for role in draft.roles),
        await _places(work, draft.locations),
    )
    board_id = await (_add(work, content) if draft.id is None else _change(work, draft, content))
    work.note("BOARD_SAVED", board_id, title=content[0], blocks=len(draft.blocks))
    tell(work, board_id, KeptChange.SAVED)
    return await find(work, board_id)


async def publish(work: Work, board_id: UUID, version: int) -> Board:
    """Publish a draft as the next version; from now on its figures are about fixed days.

    Raises:
        BoardNotFound: there is none of that id that the principal may change.
        StaleBoard: it was changed since that version.
        InvalidBoard: there is nothing on it, or it was published too often.
    """
    board = await changeable(work, board_id)
    if not board.blocks or (board.published_number or 0) >= MOST_VERSIONS:
        raise InvalidBoard(
            f"publish a board with something on it, at most {MOST_VERSIONS} times",
            field=["input", "id"],
        )
    org_id = work.principal.org_id
    row = await work.row(statements.PUBLISH, org_id, board_id, work.now, version)
    if row is None:
        raise _stale(version)
    today = today_of(work)
    blocks = [block.fixed(today) for block in blocks_of(board.blocks)]
    number, kept = row["published_number"], json.dumps(blocks_json(blocks))
    content = (number, board.title, kept, work.now, author_id(work))
    await work.rows(statements.ADD_VERSION, org_id, board_id, *content)
    work.note("BOARD_PUBLISHED", board_id, title=board.title, number=number)
    tell(work, board_id, KeptChange.PUBLISHED)
    return await find(work, board_id)


async def delete(work: Work, board_id: UUID) -> None:
    """Forget a board that the principal may change, its versions and comments with it.

    Raises:
        BoardNotFound: there is none of that id.
    """
    board = await changeable(work, board_id)
    await work.rows(statements.DELETE, work.principal.org_id, board_id)
    work.note("BOARD_DELETED", board_id, title=board.title)
    tell(work, board_id, KeptChange.DELETED)


def tell(work: Work, board_id: UUID, change: KeptChange) -> None:
    """Let the feed say what became of a board; of what is on it nothing."""
    work.gather([BoardChanged(None, board_id, change, work.now)])


async def find(work: Work, board_id: UUID) -> Board:
    """Return a board of one's own, or one that is addressed to one.

    Raises:
        BoardNotFound: there is none of that id.
    """
    board = await Board.filter(await _seen(work), id=board_id).using_db(work.tx).first()
    if board is None:
        raise BoardNotFound("no such board", field=["input", "id"], value=str(board_id))
    return board


async def changeable(work: Work, board_id: UUID) -> Board:
    """Return a board that the principal may change.

    Raises:
        BoardNotFound: there is none of that id.
    """
    board = await find(work, board_id)
    if not may_change(work, board):
        raise BoardNotFound("no such board of yours", field=["input", "id"], value=str(board_id))
    return board


async def list_boards(
    work: Work,
    criteria: BoardCriteria,
    order: BoardOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[Board]:
    """Return a page of boards of one's own and of those addressed to one.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    query = Board.filter(await _seen(work))
    if criteria.ids is not None:
        query = query.filter(id__in=criteria.ids)
    if criteria.is_published is not None:
        query = query.filter(published_number__isnull=not criteria.is_published)
    columns, types = _ORDERS[order]
    ordering = Ordering(f"boards-{order}", columns, types, descending)
    return await fetch_page(work, query, ordering, first, after)


async def versions_of(work: Work, board_ids: list[UUID]) -> list[list[Version]]:
    """Return the published versions of boards, latest first."""
    rows = await work.rows(statements.VERSIONS, work.principal.org_id, board_ids)
    return [[_version(row) for row in rows if row["board_id"] == id_] for id_ in board_ids]


async def _seen(work: Work) -> Q:
    """Return which boards there are for who asks; drafts are their owner's and administrators'."""
    reader = await reader_of(work)
    if work.principal.has(Scope.ADMIN):
        return Q()
    addressed = Q(roles=[])
    if reader.role is not None:
        addressed |= Q(roles__contains=[reader.role.value])
    return Q(owner_id=reader.id) | (Q(published_number__isnull=False) & addressed)


async def _places(work: Work, codes: frozenset[str]) -> list[UUID]:
    known = await locations.resolve_locations(work, codes)
    for code in sorted(codes - known.keys()):
        raise InvalidBoard("no such location", field=["input", "locations"], value=code[:60])
    return sorted(one.id for one in known.values())


async def _add(work: Work, content: Sequence[Any]) -> UUID:
    org_id, owner = work.principal.org_id, author_id(work)
    await work.rows(statements.QUEUE, str(org_id), owner)
    kept = await work.row(statements.COUNT, org_id, owner)
    if kept and kept["kept"] >= MOST_SAVED:
        raise InvalidBoard(f"you keep {MOST_SAVED} boards: delete one first", field=["input"])
    board_id = new_id()
    await work.rows(statements.ADD, org_id, board_id, *content, owner, work.now)
    return board_id


async def _change(work: Work, draft: Draft, content: Sequence[Any]) -> UUID:
    assert draft.id is not None, "what is changed has an id"
    await changeable(work, draft.id)
    named = (work.principal.org_id, draft.id)
    row = await work.row(statements.CHANGE, *named, *content, work.now, draft.version or 0)
    if row is None:
        raise _stale(draft.version)
    return draft.id


def _stale(version: int | None) -> StaleBoard:
    return StaleBoard(
        "it was changed since you read it: read it again", field=["input", "version"], value=version
    )


def _version(row: dict[str, Any]) -> Version:
    blocks = blocks_of(json.loads(row["blocks"]))
    stamps = row["published_at"], row["published_by"]
    return Version(row["number"], row["title"], blocks, *stamps)
