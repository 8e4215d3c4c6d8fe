"""What can be wrong with a goal."""

from backend.core.errors import Conflict, Invalid, NotAllowed, NotFound, TooMuch


class InvalidGoal(Invalid):
    """A period, an amount or a part of the business that no goal can have."""

    code = "INVALID_GOAL"


class UnknownGoalMember(NotFound):
    """A location, category, distributor or product that nobody knows, or that is out of sight."""

    code = "UNKNOWN_GOAL_MEMBER"


class GoalNotFound(NotFound):
    """No goal has this id, or it may not be seen."""

    code = "GOAL_NOT_FOUND"


class GoalOutOfReach(NotAllowed):
    """A goal of more than the part of the business that the principal sees."""

    code = "GOAL_OUT_OF_REACH"


class StaleGoal(Conflict):
    """The goal changed since it was looked at."""

    code = "STALE_GOAL"


class TooManyGoals(TooMuch):
    """More goals than an organisation may have, or than one answer shows."""

    code = "TOO_MANY_GOALS"


class UnreadablePlan(Invalid):
    """A file of goals that is no table, or whose columns nobody understands."""

    code = "UNREADABLE_PLAN"
