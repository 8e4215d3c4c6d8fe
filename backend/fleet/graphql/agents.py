"""Root fields of agents."""

from typing import Self
from uuid import UUID

import strawberry
from strawberry.scalars import ID

from backend.core.scopes import Scope
from backend.fleet import access, lists, reports
from backend.fleet.errors import AgentNotFound
from backend.fleet.graphql.enums import AgentOrder, AgentState, AgentTrouble
from backend.fleet.graphql.inputs import ReportAgentInput
from backend.fleet.graphql.types import Agent
from backend.fleet.lists import AgentCriteria
from backend.fleet.rules import Answer, Pace
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import input_type, object_type
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import SortDirection, UserError
from backend.infra.api.scalars import Cursor


@input_type
class AgentFilter:
    """Which agents; what is left out does not limit."""

    ids: list[ID] | None = None
    """Only these."""
    states: list[AgentState] | None = None
    """Only in these states."""
    troubles: list[AgentTrouble] | None = None
    """Only with one of these troubles."""
    locations: list[str] | None = None
    """Only with devices at the locations with these codes."""
    text: str | None = None
    """Only with this in their name or that of their machine."""

    def criteria(self) -> AgentCriteria:
        """Return the filter as the service takes it."""
        return AgentCriteria(
            ids=None if self.ids is None else tuple(map(agent_id, self.ids)),
            states=None if self.states is None else frozenset(self.states),
            troubles=None if self.troubles is None else frozenset(self.troubles),
            locations=None if self.locations is None else tuple(self.locations),
            text=self.text,
        )


@input_type
class AgentSort:
    """How agents are sorted."""

    by: AgentOrder = AgentOrder.NAME
    """By what."""
    direction: SortDirection = SortDirection.ASC
    """Which end first."""


@input_type
class RevokeAgentInput:
    """Names the agent whose access ends for good."""

    id: ID
    """The agent."""


@seen_with(Scope.DEVICES_WRITE)
@object_type
class AgentPayload:
    """An agent as it is now."""

    agent: Agent
    """The agent."""


@seen_with(Scope.READS_WRITE)
@object_type
class WantedConfiguration:
    """A configuration that the agent is to try and then say what became of it."""

    version: int
    """Names it; 0 stands for the agent's own, with an empty document."""
    document: str
    """TOML, as it stands in the agent's file, without what is the agent's own."""
    trial_seconds: int
    """How long to try it before it is confirmed."""


@seen_with(Scope.READS_WRITE)
@object_type
class ReportAgentPayload:
    """What the agent is to do next."""

    heartbeat_seconds: int
    """When to report again."""
    configuration: WantedConfiguration | None
    """What to run with from now on; null: no change."""
    user_errors: list[UserError]
    """What is not as it should be; the report was kept."""

    @classmethod
    def of(cls, answer: Answer, pace: Pace) -> Self:
        """Return the answer to a report as clients see it."""
        wanted = answer.wanted
        return cls(
            heartbeat_seconds=int(pace.heartbeat.total_seconds()),
            configuration=wanted
            and WantedConfiguration(
                version=wanted.version,
                document=wanted.document,
                trial_seconds=wanted.trial_seconds,
            ),
            user_errors=[_unknown(index, code) for index, code in answer.unknown_devices],
        )


@strawberry.type
class Query:
    """Questions about agents."""

    @strawberry.field(extensions=[Requires(Scope.DEVICES_READ)])
    async def agents(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: AgentFilter | None = None,  # noqa: A002 - the contract's name
        sort: AgentSort | None = None,
    ) -> Connection[Agent]:
        """The agents in the shops, revoked ones included; by name unless sorted otherwise."""
        sort = sort or AgentSort()
        page = await lists.list_agents(
            await info.context.reading(),
            filter.criteria() if filter else AgentCriteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, Agent.of)


@strawberry.type
class Mutation:
    """Changes of agents."""

    @strawberry.mutation(extensions=[Requires(Scope.READS_WRITE)])
    async def report_agent(self, info: Info, input: ReportAgentInput) -> ReportAgentPayload:  # noqa: A002
        """Tells how the agent that asks is, and says what it is to do.

        Only for programs that act for themselves; one that reports for the first time becomes an
        agent with it.
        """
        pace = info.context.service(Pace)
        said = input.report()
        async with info.context.writing() as work:
            answer = await reports.report(work, said, pace)
        return ReportAgentPayload.of(answer, pace)

    @strawberry.mutation(extensions=[Requires(Scope.DEVICES_WRITE)])
    async def revoke_agent(self, info: Info, input: RevokeAgentInput) -> AgentPayload:  # noqa: A002
        """Ends an agent's access for good, within a second; it keeps its reads on its own disk."""
        async with info.context.writing() as work:
            agent = await access.revoke_agent(work, agent_id(input.id))
        return AgentPayload(agent=Agent.of(agent))


def agent_id(text: str) -> UUID:
    """Return the id of an agent as the service takes it.

    Raises:
        AgentNotFound: it cannot be one.
    """
    try:
        return UUID(text)
    except ValueError as exc:
        raise AgentNotFound("no such agent", field=["input", "id"], value=text[:60]) from exc


def _unknown(index: int, code: str) -> UserError:
    return UserError(
        code="UNKNOWN_DEVICE",
        message=f"no device {code!r}",
        field=["input", "devices", str(index), "code"],
    )
