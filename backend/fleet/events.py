"""What happens to agents."""

from datetime import datetime
from typing import Any, ClassVar

from backend.core.events import Event, Topic
from backend.fleet.rules import AgentFact


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
