"""What can be wrong with a pivot."""

from backend.core.errors import Conflict, Invalid, NotFound, TooMuch


class InvalidPivot(Invalid):
    """A pivot that contradicts itself, or that is kept for nobody."""

    code = "INVALID_PIVOT"


class PivotNotFound(NotFound):
    """No pivot has this id, or it is not shared with who asks."""

    code = "PIVOT_NOT_FOUND"


class StalePivot(Conflict):
    """Somebody changed the pivot since it was read: read it again."""

    code = "STALE_PIVOT"


class PivotTooLarge(TooMuch):
    """More cells than a pivot may have."""

    code = "PIVOT_TOO_LARGE"
