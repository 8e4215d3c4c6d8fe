import numpy as np
import pytest

from backend.forecasting.demand.rhythm import Step
from backend.forecasting.errors import InvalidModel, TooManySeries
from backend.forecasting.insight.drivers import MOST_SERIES, explain
from backend.forecasting.network.features import Features
from backend.forecasting.network.groups import Driver, columns
from backend.forecasting.network.history import history
from backend.forecasting.network.model import forecast
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import train
from tests.backend.forecasting.panels import QUICK, counts, panel

PERIODS, AHEAD = 203, 14


def plans(seed=0):
    """Return a fifth of days promoted, a tenth cheaper, Christmas closed."""
    rng = np.random.default_rng(seed)
    shape = (8, PERIODS + AHEAD)
    promo = (rng.random(shape) < 0.2).astype(np.float32)
    price = np.where(rng.random(shape) < 0.1, 1.5, 2.0)
    opened = np.ones(shape)
    opened[:, PERIODS + 4] = 0
    promo[:, PERIODS:], price[:, PERIODS:] = 0, 2.0
    promo[:, PERIODS + 2], price[:, PERIODS + 7] = 1, 1.5
    return {"promo": promo, "price": price, "opened": opened}


@pytest.fixture(scope="module")
def shop():
    said, rng = plans(), np.random.default_rng(1)
    weekend = np.where(np.arange(PERIODS) % 7 >= 5, 2.0, 1.0)
    effect = np.where(said["promo"][:, :PERIODS] > 0, 2.5, 1.0)
    effect = effect * (said["price"][:, :PERIODS] / 2.0) ** -2
    return panel(rng.poisson(10 * weekend * effect), **said)


@pytest.fixture(scope="module")
def model(shop):
    return train(shop, Shape(AHEAD), 0, QUICK)


@pytest.fixture(scope="module")
def found(model, shop):
    return explain(model, shop, np.arange(3))


def test_level_and_effects_add_up_to_the_forecast(found, model, shop):
    said = forecast(model, shop).mean[:3]

    assert found.level + sum(found.effects.values()) == pytest.approx(found.mean, rel=1e-6)
    assert found.mean == pytest.approx(said, rel=1e-5, abs=1e-6)


def test_a_promotion_is_seen_on_its_day(found):
    effect = found.effects[Driver.PROMOTION]

    # Two and a half times as much as else: one and a half levels more.
    assert effect[:, 2] / found.level[:, 2] == pytest.approx(1.5, rel=0.35)
    quiet = [day for day in range(AHEAD) if day not in (2, 3, 4)]
    assert np.abs(effect[:, quiet] / found.level[:, quiet]).max() < 0.25


def test_a_lower_price_is_seen_on_its_day(found):
    effect = found.effects[Driver.PRICE] / found.level

    assert effect[:, 7].min() > 0.3
    assert effect.argmax(axis=1).tolist() == [7, 7, 7]


def test_the_weekend_is_seen(found):
    effect = found.effects[Driver.WEEKDAY] / found.level

    weekend, others = [5, 6, 12, 13], [0, 1, 8, 9, 10]
    assert effect[:, weekend].min() > 0.2
    assert effect[:, others].max() < 0


def test_a_closed_day_is_all_due_to_its_opening(found):
    on_it = {one: effect[:, 4] for one, effect in found.effects.items()}

    assert on_it.pop(Driver.OPENING) == pytest.approx(-found.level[:, 4])
    assert all((effect == 0).all() for effect in on_it.values())


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize(
    "known", [(), ("promo",), ("price", "opened"), ("promo", "price", "opened")]
)
def test_every_feature_is_about_something(step, known):
    said = {name: plan for name, plan in plans().items() if name in known}
    made = panel(counts(periods=PERIODS), step=step, **said)

    rows = Features(history(made, AHEAD), AHEAD, yearly=False).rows(
        np.array([0]), np.array([PERIODS]), np.array([[0]])
    )

    assert rows.values.shape[1] == len(columns(made))


def test_totals_are_not_explained(shop):
    model = train(shop, Shape(7, is_total=True), 0, QUICK)

    with pytest.raises(InvalidModel):
        explain(model, shop, np.array([0]))


def test_no_more_series_are_explained_than_can_be(model, shop):
    with pytest.raises(TooManySeries):
        explain(model, shop, np.zeros(MOST_SERIES + 1, np.int64))
