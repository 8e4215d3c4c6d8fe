"""Roll-outs: a configuration on its way to agents, started and steered by people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from backend.core.ids import new_id
from backend.fleet import configurations, progress, rollout_statements as statements
from backend.fleet.configurations import Draft
from backend.fleet.errors import AgentInRollout, InvalidRollout, RolloutNotFound
from backend.fleet.models import Agent, AgentRollout
from backend.fleet.rules import AgentState
from backend.fleet.stages import RolloutAction, RolloutState, waves_of
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work

MOST_AGENTS: Final = 500
SHORTEST_TRIAL: Final = 10
LONGEST_TRIAL: Final = 86_400
GRACE_SECONDS: Final = 120
"""How long after its trial an agent may still confirm."""


class AgentRolloutOrder(StrEnum):
    """By what roll-outs are sorted."""

    STARTED_AT = "STARTED_AT"
    """By when they were started."""


@dataclass(frozen=True, slots=True)
class Plan:
    """To whom a configuration goes: after the first agent up to each percentage of them."""

    agents: tuple[UUID, ...]
    percents: tuple[int, ...]
    trial_seconds: int


async def start(work: Work, draft: Draft, plan: Plan) -> UUID:
    """Keep a configuration and give it to the first agent; the others follow in waves.

    Raises:
        InvalidRollout: no agent, too many, one that was revoked, or waves that cannot be.
        AgentNotFound: an agent is not there.
        AgentInRollout: one of them is part of a roll-out that has not ended.
        InvalidConfiguration: it must not be given to them.
    """
    path = ["input", "agents"]
    _check(plan)
    waves = waves_of(len(set(plan.agents)), plan.percents)
    agents = await configurations.agents_named(work, plan.agents, path)
    org_id, ids = work.principal.org_id, [agent.id for agent in agents]
    locked = await work.rows(statements.LOCK_AGENTS, org_id, ids)
    for row in locked:
        if row["state"] == AgentState.REVOKED:
            raise InvalidRollout(f"{row['name']} was revoked", field=path, value=str(row["id"]))
    busy = await work.row(statements.BUSY, org_id, ids)
    if busy is not None:
        raise AgentInRollout(f"{busy['name']} is part of another roll-out", field=path)
    version = await configurations.add(work, draft, agents)
    rollout_id = await _add(work, version, plan, agents, waves)
    previous = {row["id"]: row["wanted_version"] for row in locked}
    places = list(range(len(ids)))
    members = (ids, places, waves, [previous[id_] for id_ in ids])
    await work.rows(statements.ADD_MEMBERS, org_id, rollout_id, *members)
    work.note("AGENT_ROLLOUT_STARTED", rollout_id, configuration=version, agents=len(ids))
    await progress.send_next_wave(work, await _locked(work, rollout_id))
    return rollout_id


async def steer(work: Work, rollout_id: UUID, action: RolloutAction) -> None:
    """Pause a roll-out, let it go on, end it, or take it back.

    Raises:
        RolloutNotFound: there is none of that id.
        RolloutOver: that cannot be done in its state.
    """
    rollout = await _locked(work, rollout_id)
    await progress.take_action(work, rollout, action, by_person=True)
    work.note(f"AGENT_ROLLOUT_{_DONE[action]}", rollout_id)


_DONE: Final = {
    RolloutAction.PAUSE: "PAUSED",
    RolloutAction.RESUME: "RESUMED",
    RolloutAction.CANCEL: "CANCELLED",
    RolloutAction.ROLL_BACK: "ROLLED_BACK",
}


async def members_of(work: Work, rollout_ids: list[UUID]) -> list[list[dict[str, Any]]]:
    """Return the agents of roll-outs with how far each is, in the order of their turns."""
    rows = await work.rows(statements.MEMBERS, work.principal.org_id, rollout_ids)
    return [[row for row in rows if row["rollout_id"] == id_] for id_ in rollout_ids]


async def list_rollouts(
    work: Work,
    states: Sequence[RolloutState] | None,
    ids: Sequence[UUID] | None,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[AgentRollout]:
    """Return a page of roll-outs; None does not limit.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    query = AgentRollout.all()
    if states is not None:
        query = query.filter(state__in=[state.value for state in states])
    if ids is not None:
        query = query.filter(id__in=list(ids))
    ordering = Ordering("rollouts", ("started_at", "id"), (datetime, UUID), descending)
    return await fetch_page(work, query, ordering, first, after)


async def _add(
    work: Work, version: int, plan: Plan, agents: Sequence[Agent], waves: Sequence[int]
) -> UUID:
    who, rollout_id = work.principal, new_id()
    places = sorted({place for agent in agents for place in agent.location_ids})
    await work.rows(
        statements.ADD_ROLLOUT,
        who.org_id,
        rollout_id,
        version,
        max(waves) + 1,
        plan.trial_seconds,
        GRACE_SECONDS,
        places,
        work.now,
        str(who.user_id or who.client_id),
    )
    return rollout_id


async def _locked(work: Work, rollout_id: UUID) -> dict[str, Any]:
    row = await work.row(statements.LOCK_ROLLOUT, work.principal.org_id, rollout_id)
    if row is None:
        raise RolloutNotFound("no such roll-out", field=["input", "id"], value=str(rollout_id))
    return row


def _check(plan: Plan) -> None:
    if not 1 <= len(plan.agents) <= MOST_AGENTS:
        raise InvalidRollout(f"name 1 to {MOST_AGENTS} agents", field=["input", "agents"])
    if not SHORTEST_TRIAL <= plan.trial_seconds <= LONGEST_TRIAL:
        raise InvalidRollout(
            f"trialSeconds is {SHORTEST_TRIAL} to {LONGEST_TRIAL}",
            field=["input", "trialSeconds"],
            value=plan.trial_seconds,
        )
