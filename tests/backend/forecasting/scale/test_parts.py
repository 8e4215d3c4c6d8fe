from dataclasses import replace

import numpy as np
import pytest

from backend.forecasting.network.model import forecast
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import train
from backend.forecasting.scale.executors import Here, LocalProcesses
from backend.forecasting.scale.on_ray import OnRay
from backend.forecasting.scale.parts import Parts, by_location, forecast_parts
from tests.backend.forecasting.panels import QUICK, counts, panel


def shops():
    """Return twelve products at five locations, one of which is closed on Sundays."""
    demand = counts(series=60, periods=500)
    demand[12:24, 6::7] = 0
    promo = (np.random.default_rng(2).random((60, 514)) < 0.2).astype(np.float32)
    made = panel(demand, locations=np.repeat(np.arange(5), 12), promo=promo)
    return replace(made, products=np.tile(np.arange(12), 5))


@pytest.fixture(scope="module")
def known():
    return shops()


@pytest.fixture(scope="module")
def model(known):
    return train(known, Shape(14), 0, QUICK)


def as_one(forecasts):
    made = list(forecasts)
    return [np.concatenate([getattr(one, name) for one in made]) for name in ("mean", "quantiles")]


def location_of_shops(number):
    return shops().of(np.arange(12 * number, 12 * number + 12))


@pytest.mark.parametrize("executor", [Here(), LocalProcesses(2)], ids=["here", "processes"])
@pytest.mark.parametrize("series", [1, 20, 1_000])
def test_parts_are_forecast_as_the_whole_is(executor, series, known, model):
    whole = forecast(model, known)

    mean, quantiles = as_one(forecast_parts(model, by_location(known, series), executor))

    assert mean == pytest.approx(whole.mean, rel=1e-5)
    assert quantiles == pytest.approx(whole.quantiles, rel=1e-5, abs=1e-6)


def test_a_part_by_itself_would_be_forecast_otherwise(known, model):
    whole = forecast(model, known)

    alone = forecast(model, known.of(slice(0, 12)))

    assert np.abs(alone.mean / whole.mean[:12] - 1).max() > 1e-3


def test_parts_are_read_where_they_are_worked_on(known, model):
    parts = Parts(lambda: range(5), location_of_shops)

    mean, _ = as_one(forecast_parts(model, parts, LocalProcesses(2)))

    assert mean == pytest.approx(forecast(model, known).mean, rel=1e-5)


def test_on_ray_parts_are_forecast_as_the_whole_is(known, model):
    ray = pytest.importorskip("ray")

    mean, _ = as_one(forecast_parts(model, by_location(known, 12), OnRay(4, processes=2)))
    ray.shutdown()

    assert mean == pytest.approx(forecast(model, known).mean, rel=1e-5)


def test_nothing_is_forecast_of_no_parts(known, model):
    nothing = known.of(slice(0, 0))

    assert list(forecast_parts(model, by_location(nothing, 10), Here())) == []
