from dataclasses import replace

import numpy as np
import pytest

from backend.forecasting.demand.rhythm import Step
from backend.forecasting.network.conformal import no_offsets
from backend.forecasting.network.features import Features
from backend.forecasting.network.history import history
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import CLEARLY, Rehearsal, best_of, train
from tests.backend.forecasting.panels import QUICK, counts, panel

PROFILE, OWN_YEAR = 17, 18
"""Columns of the features."""


@pytest.fixture(scope="module")
def model():
    return train(panel(counts(series=2, periods=60)), Shape(7), 0, QUICK)


@pytest.mark.parametrize(
    ("loss", "yearly"),
    [(0.9, True), (1.01, True), (CLEARLY + 0.01, False)],
    ids=["better", "hardly worse", "clearly worse"],
)
def test_the_season_is_left_out_only_where_that_is_clearly_better(model, loss, yearly):
    with_it = Rehearsal(replace(model, yearly=True), no_offsets(), loss)
    without = Rehearsal(replace(model, yearly=False), no_offsets(), 1.0)

    assert best_of([with_it, without]).model.yearly is yearly
    assert best_of([without]).model.yearly is False


def ahead_of(known):
    """Return the features of the first period after a panel, row by row."""
    origins = np.full(known.series, known.periods)
    rows = Features(history(known, 1), 1, yearly=True).rows(
        np.arange(known.series), origins, np.zeros((known.series, 1), np.int64)
    )
    return rows.values


@pytest.mark.parametrize(("back", "share"), [(52, 0.5), (104, 0.5), (156, 0.0)])
def test_the_same_week_of_two_years_counts_alike(back, share):
    demand = np.full((2, 200), 1_000.0)
    demand[1, 200 - back] = 2_000

    plain, special = ahead_of(panel(demand, step=Step.WEEK))

    # One week is drawn halfway to the level it had.
    assert special[OWN_YEAR] - plain[OWN_YEAR] == pytest.approx(share * np.log(1.5), abs=0.02)


def test_the_profile_of_a_weekday_is_that_of_half_a_year():
    weeks = np.arange(420) // 7
    busy = np.where(np.arange(420) % 7 == 0, 2.0, 1.0)
    lately = np.where(weeks >= 60 - 13, busy, 1.0)

    # Of pieces by the thousand chance explains nothing.
    always, half, never = (
        ahead_of(panel(1e6 * one))[0, PROFILE] for one in (busy, lately, np.ones(420))
    )

    assert never < half < always
    assert half - never == pytest.approx((always - never) / 2, rel=0.25)
