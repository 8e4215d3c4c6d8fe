"""The end of an agent's access."""

from collections.abc import Sequence
from uuid import UUID

from backend.fleet import statements
from backend.fleet.errors import AgentNotFound
from backend.fleet.events import changes_of
from backend.fleet.lists import find_agents
from backend.fleet.models import Agent
from backend.fleet.reports import fact_of
from backend.identity import clients
from backend.identity.events import AccessChanged, Change, Subject
from backend.infra.work import Work


async def revoke_agent(work: Work, agent_id: UUID) -> Agent:
    """End an agent's access for good: its client is revoked, and `follow_access` does the rest.

    Raises:
        AgentNotFound: there is none of that id.
    """
    agent = (await find_agents(work, [agent_id])).get(agent_id)
    if agent is None:
        raise AgentNotFound("no such agent", field=["input", "id"], value=str(agent_id))
    await clients.revoke_client(work, agent.client_id)
    work.note("AGENT_REVOKED", agent_id, name=agent.name, client_id=agent.client_id)
    agent.state = "REVOKED"
    return agent


async def follow_access(work: Work, events: Sequence[AccessChanged]) -> None:
    """Take out of service the agents whose clients were revoked."""
    revoked = [
        event.key
        for event in events
        if event.subject is Subject.CLIENT and event.change is Change.REVOKED
    ]
    if not revoked:
        return
    rows = await work.rows(statements.REVOKE, work.principal.org_id, revoked, work.now)
    work.gather(change for row in rows for change in changes_of(fact_of(row), work.now))
