from itertools import pairwise

import numpy as np
import pytest

from backend.forecasting.network.loglinear import fit_loglinear, loglinear
from backend.forecasting.network.perceptron import HEADS, Answers, Network, Pace
from backend.forecasting.rules import QUANTILES

SIZES = (5, 7, 6, HEADS)
PACE = Pace(3, batch=64, rate=5e-3, last_rate=1e-4)


def rows(count=400, seed=0):
    rng = np.random.default_rng(seed)
    inputs = rng.standard_normal((count, 5)).astype(np.float32)
    target = (np.exp(0.4 * inputs[:, 0]) * rng.gamma(2, 0.5, count)).astype(np.float32)
    return inputs, target


def answers(target, distance=None, weight=None):
    """Return answers whose quantiles usually lie at what is expected."""
    ones = np.ones_like(target)
    distance = ones if distance is None else distance
    away = np.repeat(((target - 1) / distance)[:, None], len(QUANTILES), axis=1)
    return Answers(away, target, ones if weight is None else weight, distance)


def trained(seed):
    inputs, target = rows()
    rng = np.random.default_rng(seed)
    network = Network.new(inputs, (16,), rng)
    network.learn(inputs, answers(target), PACE, rng)
    return network


def test_the_gradient_is_the_slope_of_the_loss():
    rng = np.random.default_rng(3)
    inputs, target = (one[:40].astype(np.float64) for one in rows())
    came = answers(target, rng.uniform(1, 9, 40), rng.uniform(0.5, 2, 40))
    length = sum(a * b + b for a, b in pairwise(SIZES))
    network = Network(SIZES, rng.standard_normal(length) * 0.4, np.zeros(5), np.ones(5))
    standard = network.standardised(inputs)

    _, gradient = network.loss(standard, came)

    for n in rng.permutation(length)[:60]:
        kept, slopes = network.parameters[n], []
        for moved in (kept + 1e-5, kept - 1e-5):
            network.parameters[n] = moved
            slopes.append(network.loss(standard, came)[0])
        network.parameters[n] = kept
        assert gradient[n] == pytest.approx((slopes[0] - slopes[1]) / 2e-5, rel=1e-3, abs=1e-6)


def test_the_same_seed_makes_the_same_network():
    one, same, other = trained(1), trained(1), trained(2)

    assert np.array_equal(one.parameters, same.parameters)
    assert not np.array_equal(one.parameters, other.parameters)


def test_heads_learn_quantiles_and_the_mean():
    inputs, target = rows(20_000)
    rng = np.random.default_rng(0)
    network = Network.new(inputs, (16,), rng)
    network.learn(inputs, answers(target, np.full_like(target, 2)), Pace(6, 256, 1e-2, 1e-4), rng)

    fresh, came = rows(20_000, seed=9)
    said = network.outputs(fresh)

    below = (came[:, None] <= 1 + 2 * said[:, :-1]).mean(0)
    assert below == pytest.approx([0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975], abs=0.025)
    assert said[:, -1].mean() == pytest.approx(came.mean(), rel=0.03)


def test_what_it_says_far_from_all_it_saw_is_finite():
    network = trained(4)

    said = network.outputs(rows(300, seed=5)[0] * 50)

    assert np.isfinite(said).all()
    assert (said[:, -1] >= 0).all()


def test_a_copy_learns_by_itself():
    network = trained(1)
    before = network.parameters.copy()
    inputs, target = rows(seed=8)

    learner = network.copy()
    learner.learn(inputs, answers(target), PACE, np.random.default_rng(0))

    assert np.array_equal(network.parameters, before)
    assert not np.array_equal(learner.parameters, before)
    assert learner.steps > network.steps


def test_what_never_varied_says_nothing():
    inputs, target = rows()
    inputs[:, 3] = 1.0
    network = Network.new(inputs, (16,), np.random.default_rng(0))
    network.learn(inputs, answers(target), PACE, np.random.default_rng(0))
    coefficients = fit_loglinear(inputs, target.astype(np.float64), np.ones(400), 30.0, np.zeros(5))
    other = inputs.copy()
    other[:, 3] = 0.0

    assert np.array_equal(network.outputs(inputs), network.outputs(other))
    assert np.array_equal(loglinear(coefficients, inputs), loglinear(coefficients, other))


def test_a_smooth_part_that_little_is_known_of_stays_as_usual():
    inputs, target = rows(3)
    usual = np.array([1.0, 0.0, 0.0, 0.0, 0.0])

    found = fit_loglinear(inputs, target.astype(np.float64), np.ones(3), 1e6, usual)

    assert found[1:] == pytest.approx(usual, abs=1e-3)


def test_a_smooth_part_fits_no_worse_than_a_constant_whatever_lies_far_out():
    inputs, target = rows(2_000)
    target = target.astype(np.float64)
    target[inputs[:, 1] > 2] = 300.0

    found = fit_loglinear(inputs, target, np.ones(2_000), 30.0, np.zeros(5))

    line = np.log(loglinear(found, inputs))
    constant = np.log(target.mean())
    assert (np.exp(line) - target * line).sum() < (target.mean() - target * constant).sum()
