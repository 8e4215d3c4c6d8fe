"""What readers say about a board."""

from typing import Any, Final
from uuid import UUID

from backend.core.ids import new_id
from backend.core.scopes import Scope
from backend.core.texts import is_storable
from backend.infra.work import Work
from backend.reports.boards import service, statements
from backend.reports.boards.errors import CommentNotFound, InvalidBoard, NothingPublished
from backend.reports.boards.rules import MOST_COMMENT
from backend.reports.events import KeptChange
from backend.reports.models import Board
from backend.reports.readers import author_id

MOST_COMMENTS: Final = 500
"""Comments of one board."""


async def add(work: Work, board_id: UUID, words: str, block: int | None = None) -> None:
    """Say something about a published board, or about one block of its latest version.

    A block is known by its title from then on: in other versions it may stand elsewhere.

    Raises:
        BoardNotFound: there is none of that id that one sees.
        NothingPublished: it is a draft only.
        InvalidBoard: nothing is said, too much, or too much was said already.
    """
    said = words.strip()
    if not said or len(said) > MOST_COMMENT or not is_storable(said):
        raise InvalidBoard(f"a comment has 1 to {MOST_COMMENT} characters", field=["input", "text"])
    board = await service.find(work, board_id)
    if board.published_number is None:
        raise NothingPublished("publish it first", field=["input", "board"], value=str(board_id))
    title = None if block is None else await _title(work, board, block)
    org_id = work.principal.org_id
    await work.rows(statements.QUEUE, str(org_id), str(board_id))
    kept = await work.row(statements.COUNT_COMMENTS, org_id, board_id)
    if kept and kept["kept"] >= MOST_COMMENTS:
        raise InvalidBoard(f"a board has at most {MOST_COMMENTS} comments", field=["input"])
    row = (org_id, new_id(), board_id, author_id(work), said, work.now)
    await work.rows(statements.ADD_COMMENT, *row, title, board.published_number)
    work.note("BOARD_COMMENTED", board_id)
    service.tell(work, board_id, KeptChange.COMMENTED)


async def _title(work: Work, board: Board, block: int) -> str:
    """Return the title of a block of the latest version."""
    [versions] = await service.versions_of(work, [board.id])
    blocks = next(one.blocks for one in versions if one.number == board.published_number)
    if not 0 <= block < len(blocks):
        raise InvalidBoard(
            f"the board has {len(blocks)} blocks, the first is 0",
            field=["input", "block"],
            value=block,
        )
    return blocks[block].title


async def delete(work: Work, comment_id: UUID) -> UUID:
    """Take back a comment of one's own, or as an administrator anybody's; return its board's id.

    Raises:
        CommentNotFound: there is none of that id.
    """
    who = work.principal
    named = (who.org_id, comment_id, author_id(work), who.has(Scope.ADMIN))
    row = await work.row(statements.DELETE_COMMENT, *named)
    if row is None:
        raise CommentNotFound("no such comment", field=["input", "id"], value=str(comment_id))
    board_id: UUID = row["board_id"]
    work.note("BOARD_COMMENT_DELETED", board_id)
    service.tell(work, board_id, KeptChange.COMMENTED)
    return board_id


async def comments_of(work: Work, board_ids: list[UUID]) -> list[list[dict[str, Any]]]:
    """Return the comments on boards, oldest first."""
    rows = await work.rows(statements.COMMENTS, work.principal.org_id, board_ids)
    return [[row for row in rows if row["board_id"] == id_] for id_ in board_ids]
