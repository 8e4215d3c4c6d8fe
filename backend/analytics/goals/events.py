"""What happens to goals."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from backend.analytics.goals.rules import Goal, GoalStanding
from backend.core.events import Event, Topic


class GoalChanged(Event, frozen=True):
    """A goal was set, changed or deleted, or its standing turned.

    `latched` is what alerts are to say from now on (None: nothing), `was` what they said; `value`
    and `threshold` are the figures that call for it.
    """

    kind: ClassVar[str] = "GoalChanged"
    topic: ClassVar[Topic] = Topic.GOALS

    goal: Goal
    changed_at: datetime
    latched: GoalStanding | None
    was: GoalStanding | None
    is_deleted: bool = False
    value: Decimal | None = None
    threshold: Decimal | None = None

    def fact(self) -> dict[str, Any]:
        """Return which goal, without figures: who may see more asks for it."""
        key = self.goal.key
        return {
            "key": str(self.goal.id),
            "occurredAt": self.changed_at,
            "version": self.goal.version,
            "goal": {
                "id": str(self.goal.id),
                "period": key.period,
                "dimension": key.dimension.value,
                "isDeleted": self.is_deleted,
            },
        }


def place_of(goal: Goal, org_id: UUID) -> UUID:
    """Return where events of a goal belong: its location, else the whole organisation alone."""
    return goal.location_id or org_id
