import importlib.util
import os
import signal
import time

import pytest

from backend.forecasting.errors import InvalidHorizon, PartFailed
from backend.forecasting.scale.executors import AHEAD, Here, LocalProcesses
from backend.forecasting.scale.on_ray import OnRay

HAS_RAY = importlib.util.find_spec("ray") is not None
WITH_RAY = pytest.mark.skipif(not HAS_RAY, reason="the extra ray is not installed")


@pytest.fixture
def on_ray():
    ray = pytest.importorskip("ray")
    yield OnRay(ahead=4, processes=2)
    ray.shutdown()


def times(factor, number):
    return factor * number


def process_of(_common, _number):
    return os.getpid()


def refuse(_common, number):
    raise InvalidHorizon("it is always wrong", field=["horizon"], value=number)


def die(_common, _number):
    os.kill(os.getpid(), signal.SIGKILL)


def sleep(_common, _number):
    time.sleep(60)


@pytest.mark.parametrize("executor", [Here(), LocalProcesses(2)], ids=["here", "processes"])
def test_answers_come_in_the_order_of_the_parts(executor):
    found = list(executor.each(times, 3, range(12)))

    assert found == [3 * n for n in range(12)]


def test_processes_are_others_than_this_one():
    found = set(LocalProcesses(2).each(process_of, None, range(8)))

    assert os.getpid() not in found
    assert 1 <= len(found) <= 2


def test_no_more_parts_are_drawn_than_are_worked_on():
    drawn = []
    answers = LocalProcesses(2).each(times, 1, (drawn.append(n) or n for n in range(1_000)))

    first = next(answers)

    assert (first, len(drawn)) == (0, 2 * AHEAD)
    answers.close()


def test_what_is_refused_there_is_refused_here():
    with pytest.raises(InvalidHorizon) as raised:
        list(LocalProcesses(1).each(refuse, None, [7]))

    assert raised.value.extensions["value"] == 7


def test_a_process_that_dies_is_said_aloud():
    with pytest.raises(PartFailed):
        list(LocalProcesses(1).each(die, None, range(3)))


def test_a_part_that_never_ends_is_given_up_with_its_process():
    began = time.monotonic()

    with pytest.raises(PartFailed):
        list(LocalProcesses(1, patience=0.2).each(sleep, None, range(3)))

    assert time.monotonic() - began < 50


@WITH_RAY
def test_on_ray_answers_come_in_the_order_of_the_parts(on_ray):
    found = list(on_ray.each(times, 3, range(12)))

    assert found == [3 * n for n in range(12)]


@WITH_RAY
def test_on_ray_no_more_parts_are_drawn_than_are_worked_on(on_ray):
    drawn = []
    answers = on_ray.each(times, 1, (drawn.append(n) or n for n in range(1_000)))

    next(answers)

    assert len(drawn) == 4
    answers.close()


@WITH_RAY
def test_on_ray_what_is_refused_there_is_refused_here(on_ray):
    with pytest.raises(InvalidHorizon) as raised:
        list(on_ray.each(refuse, None, [7]))

    assert raised.value.extensions["value"] == 7


@WITH_RAY
def test_on_ray_a_part_that_never_ends_is_given_up(on_ray):
    patient = OnRay(ahead=2, processes=2, patience=0.2)

    with pytest.raises(PartFailed):
        list(patient.each(sleep, None, range(3)))
