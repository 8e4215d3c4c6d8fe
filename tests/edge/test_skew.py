"""Learning the clock's error from whole seconds, and waiting without falling in step."""

from __future__ import annotations

import random
from email.utils import formatdate

from hypothesis import given, strategies as st

from edge_agent.backoff import Backoff
from edge_agent.clock import utc_text
from edge_agent.skew import SkewEstimator


def date_at(server_ms: int) -> str:
    return formatdate(server_ms // 1000, usegmt=True)


@given(skew_ms=st.integers(-(10**9), 10**9), starts=st.lists(st.integers(0, 10**6), min_size=1))
def test_the_true_skew_is_never_farther_away_than_the_answers_allow(skew_ms, starts):
    estimator = SkewEstimator()
    for start in starts:
        server_ms = 1_700_000_000_000 + start
        sent_ms = server_ms + skew_ms
        estimator.observe(date_at(server_ms + 10), sent_ms=sent_ms, received_ms=sent_ms + 20)

    assert abs(estimator.skew_ms - skew_ms) <= 1020


def test_without_an_answer_the_skew_is_unknown():
    assert SkewEstimator().skew_ms is None


def test_a_clock_that_may_be_right_counts_as_right():
    estimator = SkewEstimator()
    estimator.observe(date_at(1_700_000_000_900), sent_ms=1_700_000_000_900,
                      received_ms=1_700_000_000_950)  # fmt: skip

    assert estimator.skew_ms == 0


def test_a_clock_that_was_set_is_learnt_anew():
    estimator = SkewEstimator()
    for wall_ms in (1_700_000_000_000, 1_700_003_600_000):
        estimator.observe(date_at(1_700_000_000_000), sent_ms=wall_ms, received_ms=wall_ms)

    assert 3_599_000 < (estimator.skew_ms or 0) <= 3_600_000


def test_a_date_that_is_none_teaches_nothing():
    estimator = SkewEstimator()
    estimator.observe("yesterday", sent_ms=0, received_ms=0)
    estimator.observe(date_at(0), sent_ms=10_000, received_ms=0)

    assert estimator.skew_ms is None


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
