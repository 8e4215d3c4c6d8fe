"""How roll-outs go on: wave after wave, back at the first agent that cannot use what it got."""

from datetime import timedelta
from typing import Any

from backend.fleet import rollout_statements as statements
from backend.fleet.events import RolloutChanged, changes_of
from backend.fleet.reports import fact_of
from backend.fleet.rules import AgentState, Pace
from backend.fleet.stages import (
    Member,
    RolloutAction,
    RolloutAgentState,
    RolloutState,
    after,
    due,
    failed,
)
from backend.infra.work import Work

NOT_IN_TIME = "it did not confirm in time"


async def go_on(work: Work, pace: Pace) -> int:
    """Do what is due in the open roll-outs; return in how many something was.

    One that another process holds is passed over.
    """
    org_id, done = work.principal.org_id, 0
    for rollout in await work.rows(statements.DUE_ROLLOUTS, org_id):
        if await _due(work, rollout, pace) is None:
            continue
        # Looked at again under the locks of its agents: one may have confirmed just now.
        members = await _members(work, rollout, pace)
        await work.rows(statements.LOCK_AGENTS, org_id, [one.agent_id for one in members])
        action = await _due(work, rollout, pace)
        if action is not None:
            gone = [one.agent_id for one in members if one.state is RolloutAgentState.SKIPPED]
            await work.rows(statements.SKIP, org_id, rollout["id"], work.now, gone)
            await _take(work, rollout, action, pace)
            done += 1
    return done


async def send_next_wave(work: Work, rollout: dict[str, Any]) -> None:
    """Give the configuration to the next wave of a locked roll-out whose agents are locked."""
    wave = rollout["wave"] + 1
    rows = await work.rows(
        statements.SEND_WAVE,
        work.principal.org_id,
        rollout["id"],
        wave,
        work.now,
        rollout["configuration_version"],
    )
    _tell_of_agents(work, rows)
    await _set(work, rollout, RolloutState(rollout["state"]), wave, None)


async def take_action(
    work: Work,
    rollout: dict[str, Any],
    action: RolloutAction,
    *,
    reason: str | None = None,
    by_person: bool = False,
) -> None:
    """Do what an action means for a locked roll-out.

    Raises:
        RolloutOver: it cannot be done in its state.
    """
    state = after(RolloutState(rollout["state"]), action)
    org_id, rollout_id = work.principal.org_id, rollout["id"]
    if by_person and action is RolloutAction.ROLL_BACK:
        rows = await work.rows(statements.MEMBERS, org_id, [rollout_id])
        await work.rows(statements.LOCK_AGENTS, org_id, [row["agent_id"] for row in rows])
    if state is RolloutState.ROLLED_BACK:
        values = (work.now, rollout["configuration_version"])
        _tell_of_agents(work, await work.rows(statements.TAKE_BACK, org_id, rollout_id, *values))
    if state in (RolloutState.ROLLED_BACK, RolloutState.CANCELLED):
        await work.rows(statements.SKIP, org_id, rollout_id, work.now, None)
    await _set(work, rollout, state, rollout["wave"], reason)


async def _take(work: Work, rollout: dict[str, Any], action: RolloutAction, pace: Pace) -> None:
    if action is RolloutAction.ADVANCE:
        await send_next_wave(work, rollout)
        work.note("AGENT_ROLLOUT_ADVANCED", rollout["id"], wave=rollout["wave"] + 1)
        return
    reason = None
    if action is RolloutAction.FAIL:
        culprit = failed(await _members(work, rollout, pace), work.now)
        assert culprit is not None, "that is why it fails"
        values = (rollout["id"], culprit.agent_id, work.now, NOT_IN_TIME)
        await work.rows(statements.FAIL_MEMBER, work.principal.org_id, *values)
        reason = f"{culprit.name}: {culprit.error or NOT_IN_TIME}"
        work.note("AGENT_ROLLOUT_ROLLED_BACK", rollout["id"], reason=reason)
    else:
        work.note("AGENT_ROLLOUT_COMPLETED", rollout["id"])
    await take_action(work, rollout, action, reason=reason)


async def _due(work: Work, rollout: dict[str, Any], pace: Pace) -> RolloutAction | None:
    members = await _members(work, rollout, pace)
    return due(RolloutState(rollout["state"]), rollout["wave"], members, work.now)


async def _members(work: Work, rollout: dict[str, Any], pace: Pace) -> list[Member]:
    """Return the agents of a roll-out; those that were revoked no longer count."""
    rows = await work.rows(statements.MEMBERS, work.principal.org_id, [rollout["id"]])
    patience = timedelta(seconds=rollout["trial_seconds"] + rollout["grace_seconds"])
    return [
        Member(
            row["agent_id"],
            row["name"],
            row["wave"],
            _member_state(row),
            row["sent_at"] and row["sent_at"] + patience + pace.heartbeat,
            row["error"],
        )
        for row in rows
    ]


def _member_state(row: dict[str, Any]) -> RolloutAgentState:
    is_gone = row["agent_state"] == AgentState.REVOKED
    state = RolloutAgentState(row["state"])
    open_ = (RolloutAgentState.WAITING, RolloutAgentState.SENT)
    return RolloutAgentState.SKIPPED if is_gone and state in open_ else state


async def _set(
    work: Work, rollout: dict[str, Any], state: RolloutState, wave: int, reason: str | None
) -> None:
    values = (rollout["id"], state, wave, work.now, reason)
    row = await work.row(statements.SET_STATE, work.principal.org_id, *values)
    assert row is not None, "it is locked"
    work.gather(
        RolloutChanged(place, row["id"], state, wave, row["version"], work.now)
        for place in row["location_ids"] or (None,)
    )


def _tell_of_agents(work: Work, rows: list[dict[str, Any]]) -> None:
    work.gather(change for row in rows for change in changes_of(fact_of(row), work.now))
