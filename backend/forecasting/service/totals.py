"""Forecasts of many series added up, so that every level of sums has the same total. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.forecasting.arrays import Floats, Ints
from backend.forecasting.insight.hierarchy import Added, Sums, summed
from backend.forecasting.insight.levels import DAYS, TOTALS, ForecastLevel, correlation_at
from backend.forecasting.network.model import Forecast
from backend.forecasting.service.answers import SeriesForecast


@dataclass(frozen=True, slots=True, eq=False)
class Totalled:
    """By group: so many series, what each day is expected to sell, and all days together."""

    series: Ints
    days: Added
    totals: Added


def added_up(
    found: Sequence[SeriesForecast],
    groups: Ints,
    metrics: Mapping[str, Any],
    by: Collection[ForecastLevel],
) -> Totalled:
    """Return the sums of series that are in the same group, groups being those of these levels.

    `metrics` are those of the model that forecast: they say how far errors go together.
    """
    sums = Sums.by(groups)
    days = _stacked([(one.mean, one.quantiles) for one in found])
    totals = _stacked([(one.total_mean[-1:], one.total_quantiles[-1:]) for one in found])
    return Totalled(
        np.bincount(sums.groups, minlength=sums.count),
        summed(days, sums, correlation_at(metrics, by, DAYS)),
        summed(totals, sums, correlation_at(metrics, by, TOTALS)),
    )


def _stacked(pairs: Sequence[tuple[Floats, Floats]]) -> Forecast:
    means, quantiles = zip(*pairs, strict=True)
    return Forecast(np.stack(means), np.stack(quantiles))
