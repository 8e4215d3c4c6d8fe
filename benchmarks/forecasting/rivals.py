"""What others forecast with, where it is installed: `uv pip install --group bench-forecasting`."""

import importlib.util
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from backend.forecasting.demand.panel import Panel
from backend.forecasting.judging.accuracy import season
from backend.forecasting.judging.backtesting import Fitted, Forecaster
from backend.forecasting.network.model import Forecast
from backend.forecasting.rules import QUANTILES

_LAGS: Final = (1, 2, 3, 4, 5, 6, 7, 14, 21, 28, 364)
_MEANS: Final = (7, 28, 91)
_ORIGINS: Final = 250_000
_LEAST: Final = 16
"""Periods a series must have begun before: else its mean is all that is said."""


def rivals() -> Mapping[str, Forecaster]:
    """Return the forecasters whose packages are installed."""
    found = dict(local_rivals())
    if importlib.util.find_spec("lightgbm"):
        found["LightGBM, recursive"] = _recursive
    return found


def local_rivals() -> Mapping[str, Forecaster]:
    """Return those of them that learn from each series by itself."""
    if not importlib.util.find_spec("statsforecast"):
        return {}
    return {name: _local(name) for name in ("AutoETS", "DynamicOptimizedTheta")}


def _local(name: str) -> Forecaster:
    """Return a model of statsforecast, one for each series."""
    models: Any = importlib.import_module("statsforecast.models")

    def fit(_panel: Panel, horizon: int, _seed: int) -> Fitted:
        def ahead(panel: Panel) -> Forecast:
            lag, opened = season(panel), panel.opened(horizon)
            said = [
                _asked(getattr(models, name)(season_length=lag), past, horizon)
                for past in _without_gaps(panel, opened, lag)
            ]
            mean, quantiles = (np.array(part) for part in zip(*said, strict=True))
            open_then = opened[:, panel.periods :]
            return _forecast(mean * open_then, quantiles * open_then[:, :, None])

        return ahead

    return fit


def _without_gaps(panel: Panel, opened: np.ndarray, lag: int) -> Iterator[np.ndarray]:
    """Yield what each series sold since it began; where it could not, what it did a season ago."""
    known = (panel.exposure > 0) & (opened[:, : panel.periods] > 0)
    for sold, could in zip(panel.demand.astype(np.float64), known, strict=True):
        filled = sold.copy()
        begin = int(np.argmax(could))
        for period in np.flatnonzero(~could[begin + lag :]) + begin + lag:
            filled[period] = filled[period - lag]
        yield filled[begin:]


def _asked(model: Any, past: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    if len(past) < _LEAST or not past.any():
        mean = np.full(horizon, past.mean())
        return mean, np.repeat(mean[:, None], len(QUANTILES), axis=1)
    made = model.forecast(y=past, h=horizon, level=[50, 80, 90, 95])
    bands = [made[f"lo-{level}"] for level in (95, 90, 80, 50)]
    above = [made[f"hi-{level}"] for level in (50, 80, 90, 95)]
    return made["mean"], np.stack([*bands, made["mean"], *above], axis=1)


def _recursive(panel: Panel, horizon: int, seed: int) -> Fitted:
    """Train trees on lags of log demand relative to the series' mean; they ask themselves."""
    lightgbm: Any = importlib.import_module("lightgbm")
    level = np.log1p(panel.demand).mean(1, keepdims=True)
    values = np.log1p(panel.demand) - level
    rng = np.random.default_rng(seed)
    series = rng.integers(0, panel.series, _ORIGINS)
    periods = rng.integers(max(_LAGS), panel.periods, _ORIGINS)
    inputs = _inputs(panel, values, series, periods)
    data = lightgbm.Dataset(inputs, values[series, periods])
    settings = {"objective": "l2", "verbose": -1, "num_threads": 1, "seed": seed}
    trees = lightgbm.train({**settings, "learning_rate": 0.05, "num_leaves": 63}, data, 300)

    def ahead(later: Panel) -> Forecast:
        known = np.log1p(later.demand) - level
        every = np.arange(later.series)
        for _ in range(horizon):
            now = np.full(later.series, known.shape[1])
            said = trees.predict(_inputs(later, known, every, now), num_threads=1)
            known = np.concatenate([known, said[:, None]], axis=1)
        mean = np.maximum(np.expm1(known[:, -horizon:] + level), 0)
        return _forecast(mean, np.repeat(mean[:, :, None], len(QUANTILES), axis=2))

    return ahead


def _inputs(panel: Panel, values: np.ndarray, series: np.ndarray, now: np.ndarray) -> np.ndarray:
    lags = [values[series, now - lag] for lag in _LAGS]
    sums = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    means = [(sums[series, now] - sums[series, now - size]) / size for size in _MEANS]
    days = np.datetime64(panel.start, "D") + now
    month = days.astype("M8[M]").astype(np.int64) % 12
    return np.stack([*lags, *means, panel.weekday(now), month], axis=1)


def _forecast(mean: np.ndarray, quantiles: np.ndarray) -> Forecast:
    increasing = np.sort(np.maximum(quantiles, 0), axis=2)
    return Forecast(np.maximum(mean, 0).astype(np.float32), increasing.astype(np.float32))
