"""What can be wrong with a board."""

from backend.core.errors import Conflict, Invalid, NotFound


class InvalidBoard(Invalid):
    """A board with too much in it, or a part that cannot be."""

    code = "INVALID_BOARD"


class BoardNotFound(NotFound):
    """No board has this id, or it is not addressed to who asks."""

    code = "BOARD_NOT_FOUND"


class StaleBoard(Conflict):
    """Somebody changed the board since it was read: read it again."""

    code = "STALE_BOARD"


class NothingPublished(Conflict):
    """The board has no published version yet."""

    code = "NOTHING_PUBLISHED"


class CommentNotFound(NotFound):
    """No comment has this id, or it is not yours to take back."""

    code = "COMMENT_NOT_FOUND"
