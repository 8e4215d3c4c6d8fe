"""What would have been forecast of past days by a model that saw nothing of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backend.forecasting.arrays import Doubles, Floats, Ints
from backend.forecasting.demand.panel import Panel
from backend.forecasting.network.model import forecast
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import train
from backend.forecasting.rules import QUANTILES


@dataclass(frozen=True, slots=True, eq=False)
class Rehearsing:
    """A past, of which a model sees the first `begin` days only.

    After each of the days that follow the totals of so many days ahead are forecast: `ends`
    [series, total], at most as many as `horizon`.
    """

    panel: Panel
    begin: int
    horizon: int
    ends: Ints
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Rehearsed:
    """What was said at the end of each day: mean [total, series, day], quantiles [… day, level]."""

    mean: Doubles
    quantiles: Floats


def rehearse(task: Rehearsing, tell: Callable[[float, str], None]) -> Rehearsed:
    """Train on the past before, then forecast day after day with what was known by then.

    Raises:
        TooLittleHistory: it is too little to learn from.
    """
    panel, (series, totals) = task.panel, task.ends.shape
    model = train(panel.until(task.begin), Shape(task.horizon, is_total=True), task.seed)
    days = panel.periods - task.begin
    mean = np.zeros((totals, series, days))
    quantiles = np.zeros((totals, series, days, len(QUANTILES)), np.float32)
    rows = np.arange(series)
    for day in range(days):
        tell(day / days, "forecasting")
        made = forecast(model, panel.until(task.begin + day + 1, task.horizon))
        for n in range(totals):
            mean[n, :, day] = made.mean[rows, task.ends[:, n] - 1]
            quantiles[n, :, day] = made.quantiles[rows, task.ends[:, n] - 1]
    return Rehearsed(mean, quantiles)
