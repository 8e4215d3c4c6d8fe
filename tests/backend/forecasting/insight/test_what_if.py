import numpy as np
import pytest

from backend.forecasting.errors import InvalidPlan
from backend.forecasting.insight.what_if import Change, what_if
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import train
from tests.backend.forecasting.panels import QUICK, counts, panel

PERIODS, AHEAD = 203, 14
DAYS = frozenset({3, 4})
SOME = np.array([1, 5])


@pytest.fixture(scope="module")
def shop():
    rng = np.random.default_rng(0)
    promo = (rng.random((8, PERIODS)) < 0.2).astype(np.float32)
    price = np.where(rng.random((8, PERIODS)) < 0.2, 1.5, 2.0)
    demand = rng.poisson(10 * np.where(promo > 0, 2.5, 1.0) * (price / 2.0) ** -2)
    return panel(demand, promo=promo, price=price)


@pytest.fixture(scope="module")
def model(shop):
    return train(shop, Shape(AHEAD), 0, QUICK)


def ratio(model, shop, **change):
    found = what_if(model, shop, SOME, Change(DAYS, **change))
    return found.changed.mean / found.planned.mean


def test_a_promotion_raises_what_it_used_to_raise(model, shop):
    found = ratio(model, shop, promo=1.0)

    assert found[:, sorted(DAYS)] == pytest.approx(2.5, rel=0.25)
    assert found[:, :3] == pytest.approx(1.0)


def test_a_lower_price_raises_what_it_used_to_raise(model, shop):
    found = ratio(model, shop, price=1.5)

    assert found[:, sorted(DAYS)].mean() == pytest.approx((1.5 / 2.0) ** -2, rel=0.25)


def test_a_closed_day_sells_nothing(model, shop):
    found = what_if(model, shop, SOME, Change(DAYS, opened=0.0))

    days = sorted(DAYS)
    assert (found.changed.mean[:, days] == 0).all()
    assert (found.changed.quantiles[:, days] == 0).all()
    assert (found.changed.mean[:, :3] > 1).all()


def test_a_day_planned_to_be_closed_can_be_opened():
    opened = np.ones((8, PERIODS + AHEAD))
    opened[:, [50, 120, PERIODS + 3]] = 0
    demand = counts(periods=PERIODS) * opened[:, :PERIODS]
    shop = panel(demand, exposure=opened[:, :PERIODS], opened=opened)
    model = train(shop, Shape(AHEAD), 0, QUICK)

    found = what_if(model, shop, SOME, Change(frozenset({3}), opened=1.0))

    assert (found.planned.mean[:, 3] == 0).all()
    assert (found.changed.mean[:, 3] > 1).all()


def test_nothing_else_changes(model, shop):
    before = shop.plans.promo.copy()

    found = what_if(model, shop, SOME, Change(frozenset(), promo=1.0))

    assert np.array_equal(found.planned.mean, found.changed.mean)
    assert np.array_equal(shop.plans.promo, before)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (Change(frozenset({AHEAD}), promo=1.0), "days"),
        (Change(DAYS, promo=1.5), "promotion"),
        (Change(DAYS, price=0.0), "price"),
        (Change(DAYS, price=float("nan")), "price"),
        (Change(DAYS, opened=-0.1), "opened"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(change, field, model, shop):
    with pytest.raises(InvalidPlan) as raised:
        what_if(model, shop, SOME, change)

    assert raised.value.extensions["field"] == [field]


@pytest.mark.parametrize("change", [Change(DAYS, promo=1.0), Change(DAYS, price=1.5)])
def test_nobody_says_what_was_never_seen(change):
    plans = {"promo": np.zeros((8, PERIODS)), "price": np.full((8, PERIODS), 2.0)}
    shop = panel(counts(periods=PERIODS), **plans)
    model = train(shop, Shape(AHEAD), 0, QUICK)

    with pytest.raises(InvalidPlan):
        what_if(model, shop, SOME, change)
