from dataclasses import replace

import numpy as np
import pytest

from backend.forecasting.demand.panel import begun, known_weeks
from backend.forecasting.demand.rhythm import Step
from backend.forecasting.network.conformal import no_offsets
from backend.forecasting.network.features import Features
from backend.forecasting.network.history import history
from backend.forecasting.network.model import forecast
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


def preceded(few, weeks, *, known=0):
    """Return the same demand after so many weeks, in which some of the series sold already."""
    demand = np.pad(few.demand, ((0, 0), (weeks * 7, 0)))
    exposure = np.pad(few.exposure, ((0, 0), (weeks * 7, 0)))
    demand[:known, : weeks * 7], exposure[:known, : weeks * 7] = 3, 1
    start = few.rhythm.later(few.start, -weeks * 7)
    return replace(few, start=start, demand=demand, exposure=exposure)


def test_years_of_which_nobody_knows_anything_change_no_forecast():
    short = panel(counts(series=4, periods=200))
    long = preceded(short, 200)

    one, other = (train(of, Shape(7), 0, QUICK) for of in (short, long))

    assert (other.yearly, other.first_seen) == (False, short.start)
    assert forecast(other, long).mean.tolist() == pytest.approx(forecast(one, short).mean, rel=1e-4)


def test_a_season_that_one_of_many_saw_is_none_that_all_did():
    few = panel(counts(series=20, periods=400))

    assert train(preceded(few, 100, known=20), Shape(7), 0, QUICK).yearly is True
    assert train(preceded(few, 100, known=2), Shape(7), 0, QUICK).yearly is False


def test_weeks_are_known_as_far_as_what_sells_was_sold_then():
    few = panel(np.full((4, 91), 2.0))

    weeks = known_weeks(preceded(few, 2, known=1))

    assert weeks.tolist() == pytest.approx([0.25, 0.25, *[1.0] * 13], abs=0.05)


def test_a_past_begins_where_something_is_known_and_is_half_a_year_at_least():
    long, short = (panel(np.full((4, periods), 2.0)) for periods in (200, 91))

    assert begun(preceded(long, 3)).start == long.start
    assert begun(long) is long
    assert begun(preceded(short, 30)).periods == 26 * 7
