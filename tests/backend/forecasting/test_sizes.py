"""What is usual at the size of what sells, and what that is good for."""

from dataclasses import replace

import numpy as np
import pytest

from backend.forecasting.network.model import forecast
from backend.forecasting.network.sampling import Sample, Shape, draw_series
from backend.forecasting.network.sizes import Sizes, one_size, sizes_of
from backend.forecasting.network.training import SMALL, train
from backend.forecasting.rules import HIGH, LOW, MEDIAN, QUANTILES
from tests.backend.forecasting.panels import panel

RARE, OFTEN = 0.03, 4.0
BEST = 8
LEVELS = len(QUANTILES)


def rows(size, target):
    """Return rows of a sample that weigh alike."""
    count = len(target)
    none = np.zeros((count, 1), np.float32)
    ones = np.ones(count, np.float32)
    return Sample(none, target.astype(np.float32), ones, np.broadcast_to(np.float32(size), count))


def shop(series=1_500, periods=280):
    """Return demand of a shop: a few things sell every day, all others once a month."""
    rng = np.random.default_rng(3)
    mean = np.append(np.full(BEST, OFTEN), np.full(series - BEST, RARE))
    return rng.poisson(mean[:, None], (series, periods)).astype(np.float32)


def test_each_size_has_its_own_quantiles():
    rng = np.random.default_rng(0)
    much = rows(400.0, rng.poisson(400, 5_000) / 400)
    little = rows(0.5, rng.poisson(0.5, 5_000) / 0.5)

    sizes = sizes_of(little.with_rows(much), 500)

    assert np.exp(sizes.logs) == pytest.approx([0.5, 30])
    relative = 1 + sizes.usual(np.array([400.0])) * sizes.distance(np.array([400.0]))
    assert relative[[LOW, MEDIAN, HIGH], 0] == pytest.approx([0.918, 1.0, 1.082], abs=0.01)
    at_nothing = 1 + sizes.usual(np.array([0.5])) * sizes.distance(np.array([0.5]))
    assert at_nothing[[LOW, MEDIAN, HIGH], 0] == pytest.approx([0, 0, 4], abs=0.01)


def test_a_few_series_are_one_size():
    rng = np.random.default_rng(0)
    sample = rows(400.0, rng.gamma(9, 1 / 9, 5_000)).with_rows(rows(2.0, rng.gamma(1, 1, 5_000)))

    assert len(sizes_of(sample, 19).logs) == 1


def test_between_sizes_what_is_usual_changes_evenly_and_beyond_them_no_more():
    sizes = Sizes(np.log([1.0, 100.0]), np.array([np.zeros(LEVELS), np.ones(LEVELS)]))

    found = sizes.usual(np.array([0.0, 1.0, 10.0, 100.0, 5_000.0]))[0]

    assert found == pytest.approx([0, 0, 0.5, 1, 1])


def test_what_never_sold_has_a_distance_too():
    assert np.isfinite(one_size().distance(np.array([0.0]))).all()


def test_of_many_that_hardly_sell_and_few_that_do_these_are_drawn_often_and_weigh_less():
    known = panel(shop())

    series, stands_for = draw_series(known, 20_000, np.random.default_rng(0))

    is_best = series < BEST
    assert is_best.mean() > 0.1
    assert stands_for[is_best].max() < stands_for[~is_best].min()
    assert stands_for.sum() == pytest.approx(20_000, rel=0.05)


def test_totals_of_the_few_that_sell_have_bands_of_their_own():
    demand, horizon = shop(), 28
    known = panel(demand[:, :-horizon])
    effort = replace(SMALL, rows=60_000, networks=2)

    said = forecast(train(known, Shape(horizon, is_total=True), 1, effort), known)

    low, high = (said.quantiles[:BEST, -1, one] for one in (LOW, HIGH))
    expected = OFTEN * horizon
    assert np.median(low) > 0.5 * expected
    assert np.median(high) < 1.6 * expected
