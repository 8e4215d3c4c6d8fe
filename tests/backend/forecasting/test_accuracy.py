from dataclasses import asdict

import numpy as np
import pytest

from backend.forecasting.demand.rhythm import Step
from backend.forecasting.errors import InvalidHorizon, TooLittleHistory
from backend.forecasting.judging.accuracy import accuracy, errors_of, season
from backend.forecasting.judging.backtesting import (
    FORECASTERS,
    NETWORK,
    WEEKDAY_MEAN,
    Rolling,
    backtest,
    network,
)
from backend.forecasting.judging.baselines import seasonal_naive, weekday_mean
from backend.forecasting.network.model import Forecast
from backend.forecasting.rules import HIGH, LOW
from tests.backend.forecasting.panels import counts, panel


def said(median, *, low=0.0, high=1e9, mean=None):
    """Return a forecast of one series, all quantiles below the median at `low`."""
    median = np.atleast_2d(np.array(median, np.float32))
    around = [np.full_like(median, low)] * 4 + [median] + [np.full_like(median, high)] * 4
    return Forecast(median if mean is None else np.array(mean, np.float32), np.stack(around, 2))


def judged(past, actual, forecast, scored=None):
    actual = np.atleast_2d(np.array(actual, np.float32))
    scored = np.ones_like(actual, bool) if scored is None else np.atleast_2d(scored)
    return accuracy([errors_of(panel(past), actual, scored, forecast)])


def test_the_measures_are_what_their_sources_say():
    past = [1, 3] * 7  # a day apart: 2; a week apart: 2

    found = judged(past, [4, 6], said([5, 4], low=5, high=7))

    assert found.wape == pytest.approx(3 / 10)
    assert found.bias == pytest.approx(-1 / 10)
    assert found.mase == pytest.approx(1.5 / 2)
    assert found.rmsse == pytest.approx(np.sqrt(2.5 / 4))
    assert found.coverage90 == pytest.approx(1 / 2)


def test_pinball_is_the_mean_over_levels_relative_to_what_was_sold():
    found = judged(
        [1] * 14, [10], Forecast(*(np.full(shape, 8, np.float32) for shape in ((1, 1), (1, 1, 9))))
    )

    assert found.pinball == pytest.approx(2 * 0.5 / 10)


def test_the_mean_is_judged_by_its_squares_and_the_median_by_its_size():
    found = judged([1, 3] * 7, [4, 6], said([4, 6], mean=[[5, 7]]))

    assert (found.wape, found.bias) == (0, pytest.approx(0.2))
    assert found.rmsse == pytest.approx(0.5)


def test_what_is_not_scored_does_not_count():
    found = judged([1, 3] * 7, [4, 600], said([4, 6]), scored=[True, False])

    assert (found.wape, found.mase, found.bias) == (0, 0, 0)


def test_nothing_sold_has_no_ratio():
    found = judged([0] * 14, [0, 0], said([0, 0]))

    assert (found.wape, found.mase, found.rmsse, found.bias, found.pinball) == (None,) * 5
    assert found.coverage90 == 1
    assert accuracy([]).wape is None


@pytest.mark.parametrize(
    ("step", "periods", "expected"), [(Step.DAY, 900, 7), (Step.WEEK, 103, 1), (Step.WEEK, 104, 52)]
)
def test_the_season_is_a_week_or_a_year(step, periods, expected):
    assert season(panel(np.ones(periods), step=step)) == expected


def test_the_naive_forecast_says_last_week_again():
    demand = np.arange(70.0)

    made = seasonal_naive(panel(demand), 9)

    assert made.mean[0].tolist() == [63, 64, 65, 66, 67, 68, 69, 63, 64]


@pytest.mark.parametrize("weeks", [2, 8, 9])
def test_simple_forecasts_of_a_short_past_have_bands(weeks):
    demand = np.random.default_rng(0).poisson(20, 7 * weeks).astype(np.float64)

    made = weekday_mean(panel(demand), 7)

    assert (made.quantiles[:, :, HIGH] - made.quantiles[:, :, LOW] > 1).all()


def test_the_weekday_mean_is_of_eight_open_ones():
    demand = np.tile(np.arange(7.0), 20)
    exposure = np.ones(140)
    demand[133], exposure[133] = 99, 0

    made = weekday_mean(panel(demand, exposure=[exposure]), 7)

    assert made.mean[0] == pytest.approx(np.arange(7.0))


def test_baselines_cover_what_they_should():
    known = panel(counts(series=40, periods=328))

    for baseline in (seasonal_naive, weekday_mean):
        made = baseline(known.until(300), 28)
        found = errors_of(known.until(300), known.demand[:, 300:], np.ones((40, 28), bool), made)
        assert accuracy([found]).coverage90 == pytest.approx(0.9, abs=0.06)


def test_baselines_forecast_nothing_where_it_is_closed():
    opened = np.ones((1, 77))
    opened[0, 72] = 0

    made = weekday_mean(panel(np.full(70, 5.0), opened=opened), 7)

    assert (made.mean[0, 2], made.quantiles[0, 2].max()) == (0, 0)
    assert made.mean[0, 1] == 5


def test_every_forecaster_is_asked_at_every_origin_with_nothing_that_comes_later():
    known, asked = panel(counts(periods=120)), []

    def watched(past, horizon, seed):
        asked.append((past.periods, past.demand.shape[1]))
        return lambda later: weekday_mean(later, horizon)

    heard = []
    found = backtest(known, Rolling(10, 3), {"watched": watched}, tell=heard.append)

    assert asked == [(90, 90), (100, 100), (110, 110)]
    assert heard == ["watched"] * 3
    assert len(found["watched"].forecasts) == 3


def test_the_network_beats_the_baselines_on_counts_with_a_profile():
    found = backtest(panel(counts(series=30, periods=300)), Rolling(14, 2))

    measures = {name: asdict(one.accuracy) for name, one in found.items()}
    for name in ("seasonal_naive", "weekday_mean"):
        assert measures[NETWORK]["wape"] < measures[name]["wape"]
        assert measures[NETWORK]["pinball"] < measures[name]["pinball"]
    assert measures[NETWORK]["coverage90"] == pytest.approx(0.9, abs=0.05)


def pooled(panels, rolling):
    """Return the measures of network and weekday mean over tables judged one by one."""
    names = {"network": network, "weekday_mean": FORECASTERS[WEEKDAY_MEAN]}
    found = [backtest(one, rolling, names) for one in panels]
    return [asdict(accuracy([e for one in found for e in one[name].errors])) for name in names]


def test_a_table_of_a_single_series_is_forecast_and_covered_as_it_should_be():
    rng = np.random.default_rng(7)
    profile = rng.uniform(2, 7, (12, 7))
    tables = [panel(rng.poisson(np.tile(one, 18)).astype(float)) for one in profile]

    ours, mean = pooled(tables, Rolling(14, 1))

    assert ours["wape"] < 1.06 * mean["wape"]
    assert 0.85 <= ours["coverage90"] <= 0.98
    assert abs(ours["bias"]) < 0.15


def test_pauses_do_not_blow_up_what_hardly_ever_sells():
    rng = np.random.default_rng(3)
    level = np.exp(rng.uniform(-4, 2, (60, 1)))
    sold = rng.poisson(level * rng.gamma(0.3, 1 / 0.3, (60, 180))) * rng.integers(1, 9, (60, 180))
    sold[::3, 60:150] = 0

    ours, mean = pooled([panel(sold.astype(float), step=Step.WEEK)], Rolling(8, 2))

    assert ours["pinball"] < 1.05 * mean["pinball"]
    assert ours["bias"] < 0.5
    assert ours["coverage90"] > 0.85


def test_quantiles_of_a_few_pieces_are_whole():
    few = panel(counts(series=4, periods=120, mean=2.0))

    made = network(few, 7, 0)(few)

    small = made.quantiles[made.quantiles < 9]
    assert (small == np.round(small)).all()


@pytest.mark.parametrize(("horizon", "origins"), [(0, 1), (367, 1), (7, 0), (7, 53)])
def test_a_horizon_that_cannot_be_is_refused(horizon, origins):
    with pytest.raises(InvalidHorizon):
        Rolling(horizon, origins)


def test_too_many_origins_for_the_past_are_refused():
    with pytest.raises(TooLittleHistory):
        backtest(panel(counts(periods=60)), Rolling(14, 2), {"network": network})
