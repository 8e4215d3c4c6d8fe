"""What happens to agents."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from backend.core.events import Event, Topic
from backend.fleet.rules import AgentFact
from backend.fleet.stages import RolloutState


class AgentChanged(Event, frozen=True):
    """Something changed that a person would see; not the figures that each report brings.

    There is one for each place where the agent has devices, so that who sees only one of them is
    told of nothing else.
    """

    kind: ClassVar[str] = "AgentChanged"
    topic: ClassVar[Topic] = Topic.DEVICES

    agent: AgentFact
    changed_at: datetime

    def fact(self) -> dict[str, Any]:
        """Return which agent, and how it is: who may see more asks for it."""
        return {
            "key": str(self.agent.id),
            "occurredAt": self.changed_at,
            "version": self.agent.version,
            "agent": {
                "id": str(self.agent.id),
                "state": self.agent.state.value,
                "troubles": sorted(self.agent.troubles),
            },
        }


def changes_of(agent: AgentFact, changed_at: datetime) -> list[AgentChanged]:
    """Return the events of one change of an agent."""
    places = agent.location_ids or (None,)
    return [AgentChanged(place, agent, changed_at) for place in places]


class RolloutChanged(Event, frozen=True):
    """A roll-out went on, was paused, or ended; one event for each place where it has agents."""

    kind: ClassVar[str] = "AgentRolloutChanged"
    topic: ClassVar[Topic] = Topic.DEVICES

    rollout_id: UUID
    state: RolloutState
    wave: int
    version: int
    changed_at: datetime

    def fact(self) -> dict[str, Any]:
        """Return which roll-out, and how far it is."""
        return {
            "key": str(self.rollout_id),
            "occurredAt": self.changed_at,
            "version": self.version,
            "rollout": {
                "id": str(self.rollout_id),
                "state": self.state.value,
                "wave": self.wave,
            },
        }
