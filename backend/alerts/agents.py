"""Alerts about agents: one that is silent, and those in trouble."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from backend.alerts.rules import AlertKind, Concern
from backend.alerts.service import open_concerns, settle
from backend.fleet.events import AgentChanged
from backend.fleet.rules import AgentFact, AgentState, AgentTrouble
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef

KIND_OF: Final = {
    AgentTrouble.LOSES_READS: AlertKind.AGENT_LOSES_READS,
    AgentTrouble.HOLDS_READS: AlertKind.AGENT_HOLDS_READS,
    AgentTrouble.CLOCK_WRONG: AlertKind.AGENT_CLOCK_WRONG,
    AgentTrouble.DEVICE_QUARANTINED: AlertKind.DEVICE_QUARANTINED,
}
KINDS: Final = frozenset({AlertKind.AGENT_SILENT, *KIND_OF.values()})


async def react(work: Work, events: Sequence[AgentChanged]) -> None:
    """Bring the alerts of agents in line with how each is now; their names are the subjects."""
    agents = {event.agent.id: event.agent for event in events}.values()
    wanted: dict[frozenset[AlertKind], list[AgentFact]] = defaultdict(list)
    for agent in agents:
        wanted[kinds_for(agent)].append(agent)
    for kinds, those in wanted.items():
        await settle(work, sorted(KINDS - kinds), [agent.name for agent in those])
    ids = {agent.location_ids[0] for agent in agents if len(agent.location_ids) == 1}
    places = await locations.locations_by_id(work, ids)
    await open_concerns(
        work,
        [
            Concern(kind, agent.name, location=_place(agent, places))
            for kinds, those in wanted.items()
            for agent in those
            for kind in sorted(kinds)
        ],
    )


def kinds_for(agent: AgentFact) -> frozenset[AlertKind]:
    """Return the alerts that an agent calls for; what is silent or was stopped keeps its others."""
    if agent.state is AgentState.REVOKED:
        return frozenset()
    kinds = {KIND_OF[trouble] for trouble in agent.troubles}
    return frozenset(
        kinds | ({AlertKind.AGENT_SILENT} if agent.state is AgentState.SILENT else set())
    )


def _place(agent: AgentFact, places: Mapping[UUID, LocationRef]) -> LocationRef | None:
    """Return where an agent is; None for one with devices at several places."""
    return places.get(agent.location_ids[0]) if len(agent.location_ids) == 1 else None
