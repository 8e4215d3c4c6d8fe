"""Learning the clock's error from whole seconds, and waiting without falling in step."""

from __future__ import annotations

import random
from email.utils import formatdate

import pytest
from hypothesis import given, strategies as st

from edge_agent.backoff import Backoff
from edge_agent.clock import Stamp, utc_text
from edge_agent.skew import Offset, SkewEstimator

HOUR_MS = 3_600_000


def date_at(server_ms: int) -> str:
    return formatdate(server_ms // 1000, usegmt=True)


def at(wall_ms: int, mono_ms: int) -> Stamp:
    return Stamp("boot", wall_ms, mono_ms)


@given(skew_ms=st.integers(-(10**9), 10**9), starts=st.lists(st.integers(0, 10**6), min_size=1))
def test_the_true_skew_is_never_farther_away_than_the_answers_allow(skew_ms, starts):
    estimator, received = SkewEstimator(), at(0, 0)
    for start in starts:
        server_ms = 1_700_000_000_000 + start
        sent = at(server_ms + skew_ms, start)
        received = at(server_ms + skew_ms + 20, start + 20)
        estimator.observe(date_at(server_ms + 10), sent=sent, received=received)

    assert abs((estimator.skew_ms(received) or 0) - skew_ms) <= 1020


def test_without_an_answer_the_skew_is_unknown():
    assert SkewEstimator().skew_ms(at(0, 0)) is None


def test_a_clock_that_may_be_right_counts_as_right():
    estimator = SkewEstimator()
    now = at(1_700_000_000_900, 5)
    estimator.observe(date_at(1_700_000_000_900), sent=now, received=at(1_700_000_000_950, 55))

    assert estimator.skew_ms(now) == 0


@pytest.mark.parametrize("jump_ms", [-3_600_000, 3_600_000, 40 * 365 * 86_400_000])
def test_a_clock_that_was_set_is_known_to_be_wrong_before_the_next_answer(jump_ms):
    estimator = SkewEstimator()
    before = at(1_700_000_000_000, 1000)
    estimator.observe(date_at(before.wall_ms), sent=before, received=before)

    after = at(before.wall_ms + jump_ms + 5000, before.mono_ms + 5000)

    assert abs((estimator.skew_ms(after) or 0) - jump_ms) <= 1000
    assert estimator.skew_ms(before) == 0


def test_a_boot_that_never_heard_the_server_has_the_skew_of_now():
    estimator = SkewEstimator()
    now = at(1_700_003_600_000, 5000)
    estimator.observe(date_at(1_700_000_000_000), sent=now, received=now)

    then = Stamp("before", now.wall_ms - 60_000, 7_000_000)

    assert estimator.skew_then_ms(then, now) == estimator.skew_ms(now)


def test_without_an_answer_in_this_boot_an_unknown_one_stays_unknown():
    now, then = at(1_700_000_000_000, 0), Stamp("before", 0, 0)

    assert SkewEstimator().skew_then_ms(then, now) is None


@pytest.mark.parametrize(("bases", "age_ms"), [({"before": 0, "boot": 900_000}, 605_000), ({}, 0)])
def test_no_boot_is_put_later_than_the_time_since_then_allows(bases, age_ms):
    estimator = SkewEstimator()
    now = at(1_700_000_000_000, 5000)
    estimator.recall(bases, {})
    estimator.observe(date_at(now.wall_ms), sent=now, received=now)

    ahead = Stamp("before", now.wall_ms + 7 * HOUR_MS, 300_000)
    placed_ms = ahead.wall_ms - (estimator.skew_then_ms(ahead, now) or 0)

    assert now.wall_ms - age_ms <= placed_ms <= now.wall_ms - age_ms + 1000


def test_what_was_learnt_meanwhile_is_not_forgotten_for_what_was_noted():
    estimator = SkewEstimator()
    now = at(1_700_000_000_000, 0)
    estimator.observe(date_at(now.wall_ms), sent=now, received=now)

    estimator.recall({"boot": 0}, {"boot": Offset(0, 1)})

    assert estimator.skew_ms(now) == 0


def test_a_server_whose_clock_was_set_is_learnt_anew():
    estimator = SkewEstimator()
    now = at(1_700_000_000_000, 0)
    for server_ms in (1_700_000_000_000, 1_700_003_600_000):
        estimator.observe(date_at(server_ms), sent=now, received=now)

    assert -3_601_000 <= (estimator.skew_ms(now) or 0) <= -3_600_000


def test_a_date_that_is_none_teaches_nothing():
    estimator = SkewEstimator()
    estimator.observe("yesterday", sent=at(0, 0), received=at(0, 0))
    estimator.observe(date_at(0), sent=at(10_000, 10_000), received=at(0, 0))

    assert estimator.skew_ms(at(0, 0)) is None


def test_waits_double_up_to_the_cap_and_never_pass_it():
    backoff = Backoff(1.0, 300.0, random.Random(7))

    delays = [backoff.next_delay_s() for _ in range(2000)]

    assert all(delay <= min(300.0, 2.0**n) for n, delay in enumerate(delays[:9]))
    assert 250 < max(delays) <= 300
    assert min(delays[9:]) < 30


def test_a_success_makes_the_next_wait_short_again():
    backoff = Backoff(1.0, 300.0)
    for _ in range(20):
        backoff.next_delay_s()

    backoff.reset()

    assert backoff.next_delay_s() <= 1.0


def test_times_are_written_as_the_contract_wants_them():
    assert utc_text(1_763_664_000_005) == "2025-11-20T18:40:00.005Z"
