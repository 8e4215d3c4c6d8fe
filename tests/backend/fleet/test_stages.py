from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from hypothesis import given, strategies as st

from backend.fleet.errors import InvalidRollout, RolloutOver
from backend.fleet.stages import (
    NEXT,
    OPEN,
    Member,
    RolloutAction,
    RolloutAgentState,
    RolloutState,
    after,
    due,
    failed,
    waves_of,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SENT, CONFIRMED = RolloutAgentState.SENT, RolloutAgentState.CONFIRMED
WAITING, FAILED = RolloutAgentState.WAITING, RolloutAgentState.FAILED


def member(wave, state, due_in=60):
    at = None if state is WAITING else NOW + timedelta(seconds=due_in)
    return Member(uuid4(), f"pi-{wave}", wave, state, at)


@pytest.mark.parametrize(("state", "action"), [*product(RolloutState, RolloutAction)])
def test_an_action_leads_where_the_table_says_or_is_refused(state, action):
    if (state, action) in NEXT:
        assert after(state, action) is NEXT[state, action]
    else:
        with pytest.raises(RolloutOver):
            after(state, action)


def test_every_open_roll_out_can_be_ended_and_nothing_leaves_a_roll_back():
    for state in OPEN:
        assert after(state, RolloutAction.CANCEL) is RolloutState.CANCELLED
        assert after(state, RolloutAction.FAIL) is RolloutState.ROLLED_BACK
    assert not any(state is RolloutState.ROLLED_BACK for state, _ in NEXT)
    assert not any(target in OPEN for (state, _), target in NEXT.items() if state not in OPEN)


@pytest.mark.parametrize(
    ("agents", "percents", "sizes"),
    [
        (1, [10, 100], [1]),
        (2, [10, 100], [1, 1]),
        (10, [10, 100], [1, 9]),
        (30, [10, 100], [1, 2, 27]),
        (100, [10, 50, 100], [1, 9, 40, 50]),
        (5, [100], [1, 4]),
    ],
)
def test_one_agent_goes_first_and_the_others_follow_in_waves(agents, percents, sizes):
    waves = waves_of(agents, percents)

    assert [waves.count(wave) for wave in range(max(waves) + 1)] == sizes


@given(
    st.integers(1, 500),
    st.sets(st.integers(1, 99), max_size=8).map(lambda found: [*sorted(found), 100]),
)
def test_every_agent_has_a_wave_and_no_wave_is_empty(agents, percents):
    waves = waves_of(agents, percents)

    assert len(waves) == agents
    assert waves == sorted(waves)
    assert set(waves) == set(range(max(waves) + 1))
    assert waves.count(0) == 1


@pytest.mark.parametrize(
    "percents", [[], [10], [0, 100], [50, 50, 100], [100, 10], [10, 101], [*range(90, 101)]]
)
def test_waves_that_cannot_be_are_refused(percents):
    with pytest.raises(InvalidRollout):
        waves_of(10, percents)


DUE = {
    "the first tries": ([(0, SENT), (1, WAITING)], 0, None),
    "the first confirmed": ([(0, CONFIRMED), (1, WAITING)], 0, RolloutAction.ADVANCE),
    "one of a wave tries": ([(0, CONFIRMED), (1, CONFIRMED), (1, SENT)], 1, None),
    "all confirmed": ([(0, CONFIRMED), (1, CONFIRMED)], 1, RolloutAction.FINISH),
    "one failed": ([(0, CONFIRMED), (1, FAILED), (1, SENT)], 1, RolloutAction.FAIL),
    "one was revoked": ([(0, RolloutAgentState.SKIPPED), (1, WAITING)], 0, RolloutAction.ADVANCE),
}


@pytest.mark.parametrize(("states", "wave", "action"), DUE.values(), ids=DUE)
def test_a_running_roll_out_does_what_its_agents_call_for(states, wave, action):
    members = [member(*one) for one in states]

    assert due(RolloutState.RUNNING, wave, members, NOW) is action


@pytest.mark.parametrize(("due_in", "action"), [(1, None), (-1, RolloutAction.FAIL)])
@pytest.mark.parametrize("state", sorted(OPEN))
def test_who_does_not_confirm_in_time_ends_it_even_while_it_is_paused(state, due_in, action):
    members = [member(0, SENT, due_in), member(1, WAITING)]

    assert due(state, 0, members, NOW) is action
    assert (failed(members, NOW) is None) == (action is None)


def test_a_paused_roll_out_begins_no_wave():
    members = [member(0, CONFIRMED), member(1, WAITING)]

    assert due(RolloutState.PAUSED, 0, members, NOW) is None


def test_who_confirmed_in_time_is_not_late_afterwards():
    assert failed([member(0, CONFIRMED, due_in=-1000)], NOW) is None
