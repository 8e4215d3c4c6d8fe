"""What can be wrong with a shelf and its plan."""

from backend.core.errors import Conflict, Invalid, NotAllowed, NotFound, TooMuch, Unreachable


class InvalidShelf(Invalid):
    """A measure, a number or a name that no shelf can have."""

    code = "INVALID_SHELF"


class UnknownShelf(NotFound):
    """No shelf has this code, or it may not be seen."""

    code = "UNKNOWN_SHELF"


class ShelfOutOfReach(NotAllowed):
    """A shelf of a location that the principal is not there for."""

    code = "SHELF_OUT_OF_REACH"


class ShelfTaken(Conflict):
    """The code of a shelf that stands at another location."""

    code = "SHELF_TAKEN"


class StaleShelf(Conflict):
    """The shelf changed since it was looked at."""

    code = "STALE_SHELF"


class OutdatedPlan(Conflict):
    """What a plan was made from changed before it was applied."""

    code = "SHELF_PLAN_OUTDATED"


class TooManyOnShelf(TooMuch):
    """More shelves, boards or products than there may be."""

    code = "TOO_MANY_ON_SHELF"


class ShelfTooNarrow(Conflict):
    """The least facings do not fit: `products` names those that would fall short."""

    code = "SHELF_TOO_NARROW"


class EmptyShelf(Conflict):
    """A plan of a shelf without boards or without products."""

    code = "EMPTY_SHELF"


class TooLargeToSolve(TooMuch):
    """A shelf with more possibilities than are solved exactly."""

    code = "TOO_LARGE_TO_SOLVE"


class UnreadableShelf(Invalid):
    """A file of a shelf that is no table, or whose columns nobody understands."""

    code = "UNREADABLE_SHELF"


class SolverBusy(Unreachable):
    """Enough shelves are being planned exactly: the same may succeed later."""

    code = "SOLVER_BUSY"
