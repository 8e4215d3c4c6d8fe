"""Learns on from each new day, without forgetting the years before it.

Today alone is one shock that everything shares, and makes a network worse than none; so a step
mixes it with the weeks before and with a reservoir of the past (Vitter 1985; replay: Lin 1992).
"""

from typing import Final

import numpy as np

from backend.forecasting.arrays import Ints
from backend.forecasting.demand.panel import Panel
from backend.forecasting.errors import InvalidModel
from backend.forecasting.network.features import Features
from backend.forecasting.network.history import History, history
from backend.forecasting.network.model import Model, looked_back
from backend.forecasting.network.perceptron import Network, Pace
from backend.forecasting.network.sampling import Pairs, Sample, draw_series, observed, sample
from backend.forecasting.network.sizes import answers_of
from backend.forecasting.network.training import draw_sample

RESERVOIR: Final = 40_000
"""Rows of the past that are kept."""
_ROWS: Final = 2_000
"""Of today, of the weeks before, and of the reservoir: so many each, at most."""
_STEPS: Final = 6
"""Horizons of which today is the end."""
_WEEKS: Final = 4
_RENEWED: Final = 0.25
"""Share of today's rows that take the place of old ones."""
_PACE: Final = Pace(epochs=1, batch=512, rate=5e-4, last_rate=5e-4)


def fill_reservoir(model: Model, panel: Panel, rows: int = RESERVOIR) -> Sample:
    """Return rows of all the past, as a model sees them that was just trained on it."""
    rng = np.random.default_rng(model.seed)
    return draw_sample(model, panel, rows, rng)


def learn_today(model: Model, panel: Panel, reservoir: Sample, rng: np.random.Generator) -> Model:
    """Return the model that also knows the last observed period; some of it joins the reservoir.

    The smooth part and the correction of the quantiles stay as they were trained.

    Raises:
        InvalidModel: it forecasts totals, which end with no single day, or has trees.
    """
    if model.shape.is_total:
        raise InvalidModel("totals are trained anew, not updated", field=["model"])
    networks = [one.copy() for one in model.networks if isinstance(one, Network)]
    if len(networks) < len(model.networks):
        raise InvalidModel("trees are trained anew, not updated", field=["model"])
    recent = panel.last(looked_back(panel.rhythm) + model.horizon + _WEEKS * panel.rhythm.week)
    past = history(recent, 0, model.uplift)
    features = Features(past, model.horizon, yearly=model.yearly)
    today = _ending(model, past, features, np.array([recent.periods - 1]), rng)
    weeks = np.arange(max(1, recent.periods - _WEEKS * panel.rhythm.week), recent.periods - 1)
    window = _ending(model, past, features, weeks, rng)
    old = reservoir.of(rng.integers(0, len(reservoir.target), _ROWS))
    rows = today.with_rows(window).with_rows(old)
    answers = answers_of(rows, model.sizes)
    for network in networks:
        network.learn(rows.values, answers, _PACE, rng)
    _renew(reservoir, today, rng)
    return model.learned(tuple(networks), panel.through)


def _ending(
    model: Model, past: History, features: Features, periods: Ints, rng: np.random.Generator
) -> Sample:
    """Return rows that end in one of these periods, each made at some origin before it."""
    panel = past.panel
    count = min(_ROWS, panel.series * len(periods) * _STEPS)
    series, stands_for = draw_series(panel, count, rng)
    ends = periods[rng.integers(0, len(periods), count)]
    steps = np.minimum(rng.integers(0, model.horizon, count), ends - 1)
    drawn = observed(past, features, Pairs(series, ends - steps, stands_for), steps[:, None])
    return sample(model.coefficients, drawn, model.shape)


def _renew(reservoir: Sample, today: Sample, rng: np.random.Generator) -> None:
    """Let some of today's rows take the place of old ones."""
    count = int(len(today.target) * _RENEWED)
    fresh = today.of(rng.permutation(len(today.target))[:count])
    places = rng.permutation(len(reservoir.target))[:count]
    for kept, new in zip(reservoir.arrays(), fresh.arrays(), strict=True):
        kept[places] = new[: len(places)]
