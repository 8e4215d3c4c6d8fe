"""Which configuration runs after which step, and what the backend hears of it."""

from __future__ import annotations

import pytest

from edge_agent.clock import Stamp
from edge_agent.rollout import MAX_STARTS, ConfigurationState, Rollout, Said

START = Stamp("boot", 0, 1_000)


def at(seconds, boot="boot"):
    return Stamp(boot, 0, 1_000 + int(seconds * 1000))


def said(rollout):
    told = rollout.says()
    return told.version, told.state.value


def test_an_agent_runs_its_own_file_until_it_is_offered_another():
    assert said(Rollout()) == (None, "CONFIRMED")
    assert Rollout().wants(7)
    assert not Rollout().wants(0)


def test_a_trial_that_is_proven_is_confirmed():
    rollout = Rollout().tried(7, 60, START)

    assert said(rollout) == (7, "TRIAL")
    assert said(rollout.confirmed()) == (7, "CONFIRMED")
    assert not rollout.confirmed().wants(7)


def test_a_trial_that_failed_is_told_once_and_what_ran_before_runs_again():
    rollout = Rollout(version=6).tried(7, 60, START).rolled_back("silence")

    assert rollout.says() == Said(7, ConfigurationState.ROLLED_BACK, "silence")
    assert said(rollout.told()) == (6, "CONFIRMED")
    assert not rollout.told().wants(7)
    assert rollout.told().wants(8)


def test_a_rejected_version_is_told_once_and_never_asked_for_again():
    rollout = Rollout(version=6).rejected(7, "no")

    assert said(rollout) == (7, "REJECTED")
    assert said(rollout.told()) == (6, "CONFIRMED")
    assert not rollout.wants(7)


def test_an_earlier_version_may_be_offered_again_and_so_may_the_own_file():
    rollout = Rollout(version=7, previous=6)

    assert rollout.wants(6)
    assert said(rollout.tried(0, 60, START).confirmed()) == (None, "CONFIRMED")


def test_behind_what_was_gone_back_to_there_is_only_the_own_file():
    rollout = Rollout(version=7, previous=6).rolled_back("broken").rolled_back("broken too")

    assert rollout.version == 0


@pytest.mark.parametrize(
    ("now", "has_run_out"),
    [(at(59.9), False), (at(60), True), (at(9999, "other boot"), False)],
)
def test_a_trial_runs_out_by_the_monotonic_clock_of_its_boot(now, has_run_out):
    trial = Rollout().tried(7, 60, START).trial

    assert trial.has_run_out(now) == has_run_out


def test_after_a_power_cut_the_time_of_a_trial_starts_anew():
    rollout = Rollout().tried(7, 60, START).started(at(5, "next boot"))

    assert not rollout.trial.has_run_out(at(64, "next boot"))
    assert rollout.trial.has_run_out(at(65, "next boot"))


def test_a_process_that_ends_again_and_again_during_a_trial_goes_back():
    rollout = Rollout(version=6).tried(7, 60, START)

    for _ in range(MAX_STARTS):
        rollout = rollout.started(START)
        assert said(rollout) == (7, "TRIAL")
    rollout = rollout.started(START)

    assert said(rollout) == (7, "ROLLED_BACK")
    assert rollout.version == 6


def test_starts_without_a_trial_change_nothing():
    rollout = Rollout(version=6)

    assert rollout.started(START) is rollout
