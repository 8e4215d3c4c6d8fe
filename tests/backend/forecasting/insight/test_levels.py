from itertools import product
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from backend.forecasting.insight.hierarchy import Sums, summed
from backend.forecasting.insight.levels import (
    DAYS,
    TOTALS,
    USUAL_CORRELATION,
    ForecastLevel,
    correlation_at,
    learned,
    name_of,
    together,
)
from backend.forecasting.network.model import Forecast
from backend.forecasting.rules import HIGH, LOW, QUANTILES
from tests.backend.forecasting.panels import panel

CATEGORY, PRODUCT, COUNTRY, REGION, STATE, LOCATION = ForecastLevel
LEVELS = [
    tuple(one for one in pair if one is not None)
    for pair in product((None, CATEGORY, PRODUCT), (None, REGION, STATE, LOCATION))
]
GOODS, PLACES, PERIODS = 12, 10, 168


def keys():
    """Twelve products in three categories at ten locations in five states in two regions."""
    goods, places = np.divmod(np.arange(GOODS * PLACES), PLACES)
    return {
        PRODUCT: goods, CATEGORY: goods % 3,
        LOCATION: places, STATE: places // 2, REGION: places // 6,
    }  # fmt: skip


def world(seed, mean):
    """Return a forecast that is right for each series, and demand: states have their own weather.

    Counts whose mean is moved by the day (10 %), the weather of the state (20 %) and what is
    special about the day in each category (15 %).
    """
    rng, known = np.random.default_rng(seed), keys()
    level = mean * np.linspace(0.5, 1.5, GOODS * PLACES)[:, None]
    shock = 0.1 * rng.standard_normal((1, PERIODS))
    shock = shock + 0.2 * rng.standard_normal((5, PERIODS))[known[STATE]]
    shock = shock + 0.15 * rng.standard_normal((3, PERIODS))[known[CATEGORY]]
    demand = rng.poisson(np.maximum(level * (1 + shock), 0)).astype(np.float32)
    many = rng.poisson(
        np.maximum(level[:, :, None] * (1 + 0.27 * rng.standard_normal((1, 1, 4_000))), 0)
    )
    quantiles = np.quantile(many[:, 0], QUANTILES, axis=1).T.astype(np.float32)
    shape = (len(level), PERIODS, len(QUANTILES))
    said = Forecast(
        np.broadcast_to(level, demand.shape).astype(np.float32),
        np.broadcast_to(quantiles[:, None], shape),
    )
    return said, demand


@settings(max_examples=30, deadline=None)
@given(
    series=st.integers(1, 40),
    seed=st.integers(0, 10_000),
    scale=st.sampled_from([1e-3, 1.0, 1e5]),
    by=st.lists(st.sampled_from(ForecastLevel), max_size=6),
    correlation=st.floats(0, 1),
)
def test_sums_of_every_level_are_the_total(series, seed, scale, by, correlation):
    rng = np.random.default_rng(seed)
    known = {level: rng.integers(0, 5, series) for level in ForecastLevel}
    quantiles = np.sort(rng.gamma(0.3, scale, (series, 7, len(QUANTILES))), axis=2)
    said = Forecast(quantiles.mean(2).astype(np.float32), quantiles.astype(np.float32))

    groups = summed(said, Sums(together(known, by, series)), correlation)

    total = summed(said, Sums(np.zeros(series, np.int64)), correlation)
    assert groups.mean.sum(0).round(4).tolist() == total.mean[0].round(4).tolist()
    assert (np.diff(groups.quantiles, axis=2) >= 0).all()
    assert (groups.quantiles >= 0).all()


@pytest.mark.parametrize("mean", [0.3, 20.0], ids=["seldom sold", "often sold"])
def test_the_bands_of_every_level_hold_on_days_it_did_not_learn_from(mean):
    said, demand = world(0, mean)
    _, later = world(1, mean)

    found = learned(keys(), panel(demand), [0], [said])

    for by in LEVELS[:-1]:
        sums = Sums(together(keys(), by, len(demand)))
        band = summed(said, sums, found[name_of(by)][DAYS]).quantiles
        came = sums.of(later)
        inside = ((came >= band[:, :, LOW]) & (came <= band[:, :, HIGH])).mean()
        assert 0.85 <= inside <= 0.97, (by, inside)


def test_every_level_learns_its_own():
    said, demand = world(0, 20.0)

    found = learned(keys(), panel(demand), [0], [said])

    assert set(found) == {name_of(by) for by in LEVELS}
    assert found["LOCATION"][DAYS] > found["REGION"][DAYS] > found["EVERYTHING"][DAYS] > 0
    assert found["CATEGORY_STATE"][DAYS] > found["CATEGORY"][DAYS]
    assert found["PRODUCT_LOCATION"] == {DAYS: 0, TOTALS: 0}


def test_errors_that_last_count_more_in_totals_than_in_a_day():
    rng, shape = np.random.default_rng(2), (GOODS * PLACES, PERIODS)
    weekly = np.repeat(2 * rng.standard_normal((1, PERIODS // 7)), 7, axis=1)
    demand = 50 + weekly + 6 * rng.standard_normal(shape)
    levels = 50 + np.sqrt(40) * np.array([NormalDist().inv_cdf(one) for one in QUANTILES])
    said = Forecast(
        np.full(shape, 50, np.float32), np.broadcast_to(levels, (*shape, 9)).astype(np.float32)
    )

    found = learned(keys(), panel(demand), [0], [said])["EVERYTHING"]

    # A week has 7 × 6² of days by themselves and (7 × 2)² in common.
    assert found[DAYS] == pytest.approx(4 / 40, abs=0.05)
    assert found[TOTALS] == pytest.approx(196 / 448, abs=0.2)


@pytest.mark.parametrize(
    ("by", "name"),
    [
        ((), "EVERYTHING"),
        ((CATEGORY,), "CATEGORY"),
        ((STATE, CATEGORY, REGION), "CATEGORY_STATE"),
        ((LOCATION, COUNTRY, PRODUCT, CATEGORY), "PRODUCT_LOCATION"),
    ],
)
def test_sums_go_by_the_finest_of_what_they_are_made_by(by, name):
    assert name_of(by) == name


def test_what_no_test_told_is_taken_from_the_next_who_knows():
    told = {"EVERYTHING": {DAYS: 0.1, TOTALS: 0.2}, "STATE": {DAYS: 0.3, TOTALS: 0.4}}

    assert correlation_at({"correlations": told}, (STATE,), TOTALS) == 0.4
    assert correlation_at({"correlations": told}, (LOCATION,), DAYS) == 0.1
    assert correlation_at({"correlation": 0.5}, (STATE,), DAYS) == 0.5
    assert correlation_at({}, (), DAYS) == USUAL_CORRELATION
