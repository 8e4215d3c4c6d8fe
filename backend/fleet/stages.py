"""The life of a roll-out, and of one agent in it, as tables. Pure."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from backend.fleet.errors import InvalidRollout, RolloutOver


class RolloutState(StrEnum):
    """How far a roll-out is."""

    RUNNING = "RUNNING"
    """Wave after wave gets the configuration."""
    PAUSED = "PAUSED"
    """Somebody paused it: no wave follows; one that fails still ends it."""
    COMPLETED = "COMPLETED"
    """All agents confirmed the configuration."""
    CANCELLED = "CANCELLED"
    """Somebody ended it: who has the configuration keeps it."""
    ROLLED_BACK = "ROLLED_BACK"
    """An agent could not use it, or somebody took it back: all went back."""


class RolloutAction(StrEnum):
    """What happens to a roll-out."""

    ADVANCE = "ADVANCE"
    FINISH = "FINISH"
    FAIL = "FAIL"
    PAUSE = "PAUSE"
    RESUME = "RESUME"
    CANCEL = "CANCEL"
    ROLL_BACK = "ROLL_BACK"


class RolloutAgentState(StrEnum):
    """How far an agent is in a roll-out."""

    WAITING = "WAITING"
    """Its wave has not come."""
    SENT = "SENT"
    """It is to try the configuration."""
    CONFIRMED = "CONFIRMED"
    """It runs with it for good."""
    FAILED = "FAILED"
    """It rejected it, went back, or was not heard of in time."""
    SKIPPED = "SKIPPED"
    """The roll-out ended before its turn, or the agent was revoked."""
    TAKEN_BACK = "TAKEN_BACK"
    """It was told to go back."""


NEXT: Final = {
    (RolloutState.RUNNING, RolloutAction.ADVANCE): RolloutState.RUNNING,
    (RolloutState.RUNNING, RolloutAction.FINISH): RolloutState.COMPLETED,
    (RolloutState.RUNNING, RolloutAction.FAIL): RolloutState.ROLLED_BACK,
    (RolloutState.RUNNING, RolloutAction.PAUSE): RolloutState.PAUSED,
    (RolloutState.RUNNING, RolloutAction.CANCEL): RolloutState.CANCELLED,
    (RolloutState.RUNNING, RolloutAction.ROLL_BACK): RolloutState.ROLLED_BACK,
    (RolloutState.PAUSED, RolloutAction.RESUME): RolloutState.RUNNING,
    (RolloutState.PAUSED, RolloutAction.FAIL): RolloutState.ROLLED_BACK,
    (RolloutState.PAUSED, RolloutAction.CANCEL): RolloutState.CANCELLED,
    (RolloutState.PAUSED, RolloutAction.ROLL_BACK): RolloutState.ROLLED_BACK,
    (RolloutState.COMPLETED, RolloutAction.ROLL_BACK): RolloutState.ROLLED_BACK,
    (RolloutState.CANCELLED, RolloutAction.ROLL_BACK): RolloutState.ROLLED_BACK,
}
"""What is not here cannot happen."""
OPEN: Final = frozenset({RolloutState.RUNNING, RolloutState.PAUSED})
MOST_WAVES: Final = 10
_ALL: Final = 100


@dataclass(frozen=True, slots=True)
class Member:
    """An agent in a roll-out; `due_at` is until when it must have confirmed, once it was sent."""

    agent_id: UUID
    name: str
    wave: int
    state: RolloutAgentState
    due_at: datetime | None = None
    error: str | None = None


def after(state: RolloutState, action: RolloutAction) -> RolloutState:
    """Return the state that an action leads to.

    Raises:
        RolloutOver: it is not possible in this state.
    """
    try:
        return NEXT[state, action]
    except KeyError:
        verb = action.value.lower().replace("_", " ")
        raise RolloutOver(f"a roll-out that is {state.value.lower()} cannot {verb}") from None


def waves_of(agents: int, percents: Sequence[int]) -> list[int]:
    """Return the wave of each of so many agents: one goes first, then up to each percentage.

    Raises:
        InvalidRollout: the percentages do not grow up to 100.
    """
    path = ["input", "wavePercents"]
    is_growing = all(one < other for one, other in itertools.pairwise(percents))
    if not percents or not is_growing or percents[0] < 1 or percents[-1] != _ALL:
        raise InvalidRollout("percentages grow, and the last is 100", field=path)
    if len(percents) > MOST_WAVES:
        raise InvalidRollout(f"at most {MOST_WAVES} waves after the first agent", field=path)
    ends = sorted({1, *(math.ceil(agents * percent / _ALL) for percent in percents)})
    return [next(wave for wave, end in enumerate(ends) if place < end) for place in range(agents)]


def failed(members: Iterable[Member], now: datetime) -> Member | None:
    """Return an agent that ends a roll-out: it failed, or did not confirm in time."""
    for member in members:
        if member.state is RolloutAgentState.FAILED:
            return member
        is_late = member.due_at is not None and member.due_at < now
        if member.state is RolloutAgentState.SENT and is_late:
            return member
    return None


def due(
    state: RolloutState, wave: int, members: Sequence[Member], now: datetime
) -> RolloutAction | None:
    """Return what the clock and the agents call for; None: there is nothing to do yet."""
    if failed(members, now):
        return RolloutAction.FAIL
    if state is not RolloutState.RUNNING:
        return None
    if any(one.state is RolloutAgentState.SENT for one in members if one.wave <= wave):
        return None
    is_last = all(one.wave <= wave for one in members)
    return RolloutAction.FINISH if is_last else RolloutAction.ADVANCE
