"""Roll-outs of configurations in the schema."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

import strawberry
from strawberry.scalars import ID

from backend.core.scopes import Scope
from backend.fleet import rollouts
from backend.fleet.configurations import Draft
from backend.fleet.errors import RolloutNotFound
from backend.fleet.graphql.agents import agent_id
from backend.fleet.graphql.configurations import actor
from backend.fleet.graphql.enums import AgentRolloutOrder, RolloutAgentState, RolloutState
from backend.fleet.orders import DEFAULT_TRIAL
from backend.fleet.rollouts import Plan
from backend.fleet.stages import RolloutAction
from backend.identity import audit
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import input_type, object_type
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Cursor, Long


@seen_with(Scope.DEVICES_READ)
@object_type
class AgentRolloutMember:
    """An agent in a roll-out."""

    agent: ID
    """The agent."""
    name: str
    """Its name."""
    wave: int
    """Its wave, from 0."""
    state: RolloutAgentState
    """How far it is."""
    previous_version: int | None
    """What it was to run with before; null: its own."""
    sent_at: datetime | None
    """When its turn came."""
    delivered_at: datetime | None
    """When it was told."""
    settled_at: datetime | None
    """When it was over for it."""
    error: str | None
    """Why it failed."""

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """Return a stored member as clients see it."""
        return cls(
            agent=ID(str(row["agent_id"])),
            name=row["name"],
            wave=row["wave"],
            state=RolloutAgentState(row["state"]),
            previous_version=row["previous_version"],
            sent_at=row["sent_at"],
            delivered_at=row["delivered_at"],
            settled_at=row["settled_at"],
            error=row["error"],
        )


@seen_with(Scope.DEVICES_READ)
@object_type
class AgentRollout:
    """A configuration on its way to agents, wave after wave."""

    id: ID
    """Identifies it."""
    configuration_version: int
    """The configuration."""
    state: RolloutState
    """How far it is."""
    wave: int
    """The wave that has it by now, from 0."""
    waves: int
    """How many waves there are."""
    trial_seconds: int
    """How long each agent tries it before it confirms."""
    grace_seconds: int
    """How long after that it may still confirm."""
    started_at: datetime
    """When it was started."""
    started_by: str
    """Id of who started it."""
    finished_at: datetime | None
    """When it ended."""
    reason: str | None
    """Why it was rolled back."""
    version: Long
    """Grows with every change."""
    row_id: strawberry.Private[Any]

    @strawberry.field
    async def started_by_name(self, info: Info) -> str | None:
        """Present name of who started it; null where there is none, or no more."""
        return await info.context.loader(audit.actor_names).load(actor(self.started_by))

    @strawberry.field
    async def agents(self, info: Info) -> list[AgentRolloutMember]:
        """Its agents, in the order of their turns."""
        rows = await info.context.loader(rollouts.members_of).load(self.row_id)
        return list(map(AgentRolloutMember.of, rows))

    @classmethod
    def of(cls, row: Any) -> Self:
        """Return a stored roll-out as clients see it."""
        return cls(
            id=ID(str(row.id)),
            configuration_version=row.configuration_version,
            state=RolloutState(row.state),
            wave=row.wave,
            waves=row.waves,
            trial_seconds=row.trial_seconds,
            grace_seconds=row.grace_seconds,
            started_at=row.started_at,
            started_by=row.started_by,
            finished_at=row.finished_at,
            reason=row.reason,
            version=Long(row.version),
            row_id=row.id,
        )


@input_type
class AgentRolloutFilter:
    """Which roll-outs; what is left out does not limit."""

    states: list[RolloutState] | None = None
    """Only in these states."""


@input_type
class AgentRolloutSort:
    """How roll-outs are sorted."""

    by: AgentRolloutOrder = AgentRolloutOrder.STARTED_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


@input_type
class StartAgentRolloutInput:
    """A configuration, and to which agents it goes in which waves."""

    agents: list[ID]
    """The agents, in the order of their turns; at most 500."""
    document: str
    """TOML, at most 64 KB, without secrets and what is the agent's own."""
    note: str | None = None
    """Why, in at most 400 characters."""
    based_on: int | None = None
    """The version that was changed; null where it began empty."""
    wave_percents: list[int] = strawberry.field(default_factory=lambda: [10, 100])
    """One agent goes first; then so many percent of them have it, up to 100."""
    trial_seconds: int = DEFAULT_TRIAL
    """How long each tries it before it confirms: 10 seconds to a day."""


@input_type
class AgentRolloutInput:
    """Names a roll-out."""

    id: ID
    """The roll-out."""


@seen_with(Scope.DEVICES_WRITE)
@object_type
class AgentRolloutPayload:
    """A roll-out as it is now."""

    rollout: AgentRollout
    """The roll-out."""


@strawberry.type
class Query:
    """Questions about roll-outs."""

    @strawberry.field(extensions=[Requires(Scope.DEVICES_READ)])
    async def agent_rollouts(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: AgentRolloutFilter | None = None,  # noqa: A002 - the contract's name
        sort: AgentRolloutSort | None = None,
    ) -> Connection[AgentRollout]:
        """Roll-outs of configurations, latest first unless sorted otherwise."""
        sort = sort or AgentRolloutSort()
        page = await rollouts.list_rollouts(
            await info.context.reading(),
            filter.states if filter else None,
            None,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, AgentRollout.of)


@strawberry.type
class Mutation:
    """Changes of roll-outs."""

    @strawberry.mutation(extensions=[Requires(Scope.DEVICES_WRITE)])
    async def start_agent_rollout(
        self,
        info: Info,
        input: StartAgentRolloutInput,  # noqa: A002 - the contract's name
    ) -> AgentRolloutPayload:
        """Gives agents a configuration: to one first, to the next wave once all before confirmed.

        All go back as soon as one rejects it, goes back itself, or does not confirm in time.
        """
        draft = Draft(input.document, input.note, input.based_on)
        plan = Plan(
            tuple(map(agent_id, input.agents)), tuple(input.wave_percents), input.trial_seconds
        )
        async with info.context.writing() as work:
            rollout_id = await rollouts.start(work, draft, plan)
            return await _payload(work, rollout_id)

    @strawberry.mutation(extensions=[Requires(Scope.DEVICES_WRITE)])
    async def pause_agent_rollout(
        self,
        info: Info,
        input: AgentRolloutInput,  # noqa: A002 - the contract's name
    ) -> AgentRolloutPayload:
        """Lets no further wave begin; those that have the configuration go on with it."""
        return await _steer(info, input, RolloutAction.PAUSE)

    @strawberry.mutation(extensions=[Requires(Scope.DEVICES_WRITE)])
    async def resume_agent_rollout(
        self,
        info: Info,
        input: AgentRolloutInput,  # noqa: A002 - the contract's name
    ) -> AgentRolloutPayload:
        """Lets a paused roll-out go on."""
        return await _steer(info, input, RolloutAction.RESUME)

    @strawberry.mutation(extensions=[Requires(Scope.DEVICES_WRITE)])
    async def cancel_agent_rollout(
        self,
        info: Info,
        input: AgentRolloutInput,  # noqa: A002 - the contract's name
    ) -> AgentRolloutPayload:
        """Ends a roll-out; agents that have the configuration keep it."""
        return await _steer(info, input, RolloutAction.CANCEL)

    @strawberry.mutation(extensions=[Requires(Scope.DEVICES_WRITE)])
    async def roll_back_agent_rollout(
        self,
        info: Info,
        input: AgentRolloutInput,  # noqa: A002 - the contract's name
    ) -> AgentRolloutPayload:
        """Lets all agents go back to what they had before, also after the roll-out ended."""
        return await _steer(info, input, RolloutAction.ROLL_BACK)


async def _steer(
    info: Info, named: AgentRolloutInput, action: RolloutAction
) -> AgentRolloutPayload:
    rollout_id = _rollout_id(named.id)
    async with info.context.writing() as work:
        await rollouts.steer(work, rollout_id, action)
        return await _payload(work, rollout_id)


async def _payload(work: Any, rollout_id: UUID) -> AgentRolloutPayload:
    page = await rollouts.list_rollouts(
        work, None, [rollout_id], descending=False, first=1, after=None
    )
    return AgentRolloutPayload(rollout=AgentRollout.of(page.rows[0][1]))


def _rollout_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as exc:
        raise RolloutNotFound("no such roll-out", field=["input", "id"], value=text[:60]) from exc
