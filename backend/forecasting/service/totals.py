"""Forecasts of many series added up: errors of one day go together in part. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats
from backend.forecasting.rules import HIGH, LOW, QUANTILES
from backend.forecasting.service.answers import SeriesForecast

USUAL_CORRELATION: Final = 0.2
"""How far errors go together where no test has told it."""
_LEVELS: Final = np.array([NormalDist().inv_cdf(level) for level in QUANTILES])
_WIDTH: Final = _LEVELS[HIGH] - _LEVELS[LOW]


@dataclass(frozen=True, slots=True, eq=False)
class Added:
    """Mean and quantiles [day, level] of a sum."""

    mean: Doubles
    quantiles: Doubles


def add_days(series: Sequence[SeriesForecast], correlation: float) -> Added:
    """Return the sum over series of each day."""
    return _added([(one.mean, one.quantiles) for one in series], correlation)


def add_totals(series: Sequence[SeriesForecast], correlation: float) -> Added:
    """Return the sum over series of what is sold from the first day to each."""
    return _added([(one.total_mean, one.total_quantiles) for one in series], correlation)


def _added(pairs: Sequence[tuple[Floats, Floats]], correlation: float) -> Added:
    mean = np.asarray(np.sum([mean for mean, _ in pairs], axis=0, dtype=np.float64))
    spread = [(one[:, HIGH] - one[:, LOW]) / _WIDTH for _, one in pairs]
    fully = np.sum(spread, axis=0, dtype=np.float64) ** 2
    alone = np.sum(np.square(spread), axis=0, dtype=np.float64)
    deviation = np.sqrt(correlation * fully + (1 - correlation) * alone)
    quantiles = np.maximum(mean[:, None] + deviation[:, None] * _LEVELS, 0)
    return Added(mean, quantiles)
