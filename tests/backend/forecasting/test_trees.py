from dataclasses import replace

import numpy as np
import pytest

from backend.forecasting.errors import InvalidModel
from backend.forecasting.judging.backtesting import LIGHTGBM, Rolling, backtest, forecasters
from backend.forecasting.network.learning import fill_reservoir, learn_today
from backend.forecasting.network.model import forecast
from backend.forecasting.network.model_files import StoredModel, from_bytes, to_bytes
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import train, trees_of
from backend.forecasting.network.trees import Trees
from tests.backend.forecasting.panels import QUICK, counts, panel

pytest.importorskip("lightgbm")


@pytest.fixture(scope="module")
def known():
    return panel(counts(series=12, periods=203))


@pytest.fixture(scope="module")
def model(known):
    return train(known, Shape(14), 0, QUICK, trees_of)


def test_trees_tell_weekdays_apart(model, known):
    made = forecast(model, known)

    assert isinstance(model.networks[0], Trees)
    weekday, weekend = made.mean[:, [0, 1, 2, 3, 4]], made.mean[:, [5, 6]]
    assert weekend.mean() / weekday.mean() == pytest.approx(2.0, rel=0.12)
    assert (np.diff(made.quantiles, axis=2) >= 0).all()


def test_the_same_seed_grows_the_same_trees(model, known):
    again = train(known, Shape(14), 0, QUICK, trees_of)

    assert np.array_equal(forecast(again, known).quantiles, forecast(model, known).quantiles)


def test_trees_come_back_from_their_bytes(model, known):
    back = from_bytes(to_bytes(StoredModel(model))).model

    assert np.array_equal(forecast(back, known).quantiles, forecast(model, known).quantiles)


def test_trees_that_miss_a_head_are_refused(model):
    (trees,) = model.networks
    fewer = replace(model, networks=(Trees(trees.texts[:-1]),))

    with pytest.raises(InvalidModel):
        from_bytes(to_bytes(StoredModel(fewer)))


def test_trees_do_not_learn_on(model, known):
    with pytest.raises(InvalidModel):
        learn_today(model, known, fill_reservoir(model, known, 500), np.random.default_rng(0))


def test_too_few_rows_are_learned_by_networks():
    few = panel(counts(series=1, periods=60))

    model = train(few, Shape(7), 0, QUICK, trees_of)

    assert not any(isinstance(one, Trees) for one in model.networks)


def test_trees_are_judged_beside_the_network(known):
    found = backtest(known, Rolling(7, 1), {LIGHTGBM: forecasters()[LIGHTGBM]})

    assert (found[LIGHTGBM].accuracy.wape or 1) < 0.5
