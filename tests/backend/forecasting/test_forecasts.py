import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from backend.forecasting.demand.rhythm import Step
from backend.forecasting.errors import InvalidModel, TooLittleHistory
from backend.forecasting.network.features import Features
from backend.forecasting.network.history import history
from backend.forecasting.network.model import forecast
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import train
from backend.forecasting.rules import MEDIAN
from tests.backend.forecasting.panels import QUICK, counts, panel

WEEK = Shape(7)


def forecast_of(known, shape=WEEK, seed=0):
    return forecast(train(known, shape, seed, QUICK), known)


def shapes_of_demand(rng, kind, series, periods):
    days = np.arange(periods)
    made = {
        "zeros": np.zeros((series, periods)),
        "constant": np.full((series, periods), 7.0),
        "lumpy": rng.poisson(0.05, (series, periods)) * rng.lognormal(2, 1.5, (series, periods)),
        "trending": rng.poisson(1 + days / 5, (series, periods)),
        "huge": rng.lognormal(12, 2, (series, periods)),
        "tiny": rng.random((series, periods)) * 1e-4,
        "new": rng.poisson(4, (series, periods)) * (days > periods - 10),
        "gone": rng.poisson(4, (series, periods)) * (days < periods // 2),
        "once": (days == periods // 2) * np.ones((series, 1)) * 50,
    }
    return made[kind]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kinds=st.lists(
        st.sampled_from(
            ["zeros", "constant", "lumpy", "trending", "huge", "tiny", "new", "gone", "once"]
        ),
        min_size=1,
        max_size=4,
    ),
    step=st.sampled_from(Step),
    periods=st.integers(42, 130),
    horizon=st.integers(1, 30),
    hole=st.integers(0, 40),
    total=st.booleans(),
    seed=st.integers(0, 5),
)
def test_whatever_was_sold_a_forecast_is_finite_never_negative_and_increasing(
    kinds, step, periods, horizon, hole, total, seed
):
    rng = np.random.default_rng(seed)
    demand = np.concatenate([shapes_of_demand(rng, kind, 2, periods) for kind in kinds])
    exposure = rng.choice([0, 0.5, 1], demand.shape, p=[0.05, 0.05, 0.9])
    exposure[:, :hole] = 0
    known = panel(demand * (exposure > 0), step=step, exposure=exposure)

    made = forecast_of(known, Shape(horizon, total), seed)

    assert made.quantiles.shape == (len(demand), horizon, 9)
    for values in (made.mean, made.quantiles):
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    assert (np.diff(made.quantiles, axis=2) >= 0).all()


def test_the_same_seed_makes_the_same_forecast():
    known = panel(counts())

    one, same, other = (forecast_of(known, seed=seed) for seed in (1, 1, 2))

    assert np.array_equal(one.quantiles, same.quantiles)
    assert not np.array_equal(one.quantiles, other.quantiles)


def test_weekdays_are_told_apart():
    made = forecast_of(panel(counts(periods=203)), Shape(14))

    weekday, weekend = made.mean[:, [0, 1, 2, 3, 4]], made.mean[:, [5, 6]]
    assert weekend.mean() / weekday.mean() == pytest.approx(2.0, rel=0.12)


def test_features_of_an_origin_do_not_see_what_came_later():
    demand = counts(periods=900)
    later = demand.copy()
    later[:, 700:] = 999
    series, origins = np.arange(8), np.full(8, 700)
    steps = np.tile(np.arange(28), (8, 1))

    rows = [
        Features(history(panel(one), 0), 28, yearly=True).rows(series, origins, steps)
        for one in (demand, later)
    ]

    assert np.array_equal(rows[0].level, rows[1].level)
    # Pooled demand is relative to the mean of each series, the one thing taken of all time.
    assert rows[0].values == pytest.approx(rows[1].values, abs=0.06)


def test_hours_out_of_stock_are_not_zero_demand():
    demand, rng = counts(series=6, weekend=1.0), np.random.default_rng(1)
    half = (rng.random(demand.shape) < 0.5).astype(np.float32)
    exposure = 1 - 0.6 * half
    sold = rng.binomial(demand.astype(int), exposure).astype(np.float32)

    told = forecast_of(panel(sold, exposure=exposure))
    naive = forecast_of(panel(sold))

    truth = demand.mean()
    assert told.mean.mean() == pytest.approx(truth, rel=0.1)
    assert naive.mean.mean() < 0.8 * truth


def test_a_weekday_that_never_trades_gets_nothing():
    demand = counts(periods=203)
    demand[:, 6::7] = 0

    made = forecast_of(panel(demand), Shape(14))

    assert (made.quantiles[:, [6, 13]] == 0).all()
    assert (made.mean[:, [6, 13]] == 0).all()
    assert (made.mean[:, :6] > 1).all()


def test_who_sells_on_mondays_only_sells_on_mondays():
    demand = np.zeros((1, 203))
    demand[:, ::7] = np.random.default_rng(2).poisson(20, 29)

    made = forecast_of(panel(demand), Shape(14))

    assert (made.mean[:, [0, 7]] > 10).all()
    assert (np.delete(made.mean, [0, 7], axis=1) == 0).all()


@pytest.mark.parametrize(
    ("sold", "closed"),
    [
        ([0, 7], 0),  # twice, a week apart: as likely as not that they are luck
        ([7, 21, 42], 0),
        ([7, 14, 28, 35, 49], 6),
        ([*range(0, 56, 7), *range(3, 56, 7)], 5),
        ([1, 9, 16, 24, 31, 40], 0),  # on four weekdays, seldom
    ],
)
def test_weekdays_without_sales_are_closed_where_luck_hardly_explains_it(sold, closed):
    demand = np.zeros((1, 56))
    demand[:, sold] = 3

    assert panel(demand).closed_weekdays().sum() == closed


def test_a_day_planned_to_be_closed_gets_nothing():
    demand = counts(periods=200)
    opened = np.ones((8, 207))
    opened[:, 203] = 0

    made = forecast_of(panel(demand, opened=opened))

    assert (made.mean[:, 3] == 0).all()
    assert (made.mean[:, :3] > 1).all()


def test_a_planned_promotion_sells_as_much_more_as_it_used_to():
    rng = np.random.default_rng(0)
    promo = (rng.random((8, 214)) < 0.2).astype(np.float32)
    promo[:, 200:] = [0, 1] * 7
    demand = rng.poisson(8 * np.where(promo[:, :200] > 0, 2.5, 1.0))

    made = forecast_of(panel(demand, promo=promo), Shape(14))

    assert made.mean[:, 1::2].mean() / made.mean[:, ::2].mean() == pytest.approx(2.5, rel=0.15)


def test_a_lower_price_sells_more_where_it_used_to():
    rng = np.random.default_rng(0)
    price = np.where(rng.random((8, 214)) < 0.3, 1.5, 2.0)
    price[:, 200:] = [2.0, 1.5] * 7
    demand = rng.poisson(10 * (price[:, :200] / 2.0) ** -2)

    made = forecast_of(panel(demand, price=price), Shape(14))

    expected = (1.5 / 2.0) ** -2
    assert made.mean[:, 1::2].mean() / made.mean[:, ::2].mean() == pytest.approx(expected, rel=0.15)


def test_a_total_is_forecast_as_one():
    known = panel(counts(series=30, periods=300))

    made = forecast_of(known, Shape(14, is_total=True))

    each = forecast_of(known, Shape(14))
    totals = np.cumsum(each.mean, axis=1)
    assert made.mean[:, -1].sum() == pytest.approx(totals[:, -1].sum(), rel=0.06)
    # Days do not all turn out high at once: the sum of their quantiles is too high.
    assert made.quantiles[:, -1, -2].sum() < 0.95 * each.quantiles[:, :, -2].sum()
    assert (np.diff(made.quantiles[:, :, MEDIAN].sum(0)) > 0).all()


def test_too_short_a_past_is_refused():
    with pytest.raises(TooLittleHistory) as raised:
        train(panel(counts(periods=41)), WEEK, 0)

    assert raised.value.extensions["value"] == 41


def test_a_model_is_not_asked_about_what_it_was_not_made_for():
    daily = train(panel(counts()), WEEK, 0, QUICK)

    for other in (
        panel(counts(), step=Step.WEEK),
        panel(counts(), promo=np.zeros((8, 207))),
    ):
        with pytest.raises(InvalidModel):
            forecast(daily, other)


def test_nothing_is_forecast_for_no_series():
    model = train(panel(counts()), WEEK, 0, QUICK)

    made = forecast(model, panel(counts()).of(slice(0, 0)))

    assert made.quantiles.shape == (0, 7, 9)


@pytest.mark.parametrize("step", Step)
def test_a_pause_does_not_make_the_level_next_to_nothing(step):
    demand = np.zeros((1, 400))
    demand[0, :380:3] = 9.0
    demand[0, 200:380] *= step is Step.DAY
    known = history(panel(demand, step=step), 1)
    pairs = np.array([0]), np.array([220 if step is Step.WEEK else 400]), np.array([[0]])

    level = Features(known, 1, yearly=False).rows(*pairs).level[0]

    assert level >= 0.1 * 9 / 3 * 0.5


def test_weekly_demand_with_pauses_keeps_its_mean():
    rng = np.random.default_rng(0)
    demand = rng.lognormal(1, 1.2, (40, 208)) * (rng.random((40, 208)) < 0.25)
    known = panel(demand[:, :200], step=Step.WEEK)

    made = forecast(train(known, Shape(8), 0), known)

    assert made.mean.mean() == pytest.approx(demand.mean(), rel=0.35)
