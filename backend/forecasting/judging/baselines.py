"""The forecasts a network has to beat: the last week again, and the mean of equal weekdays."""

from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats
from backend.forecasting.demand.panel import Panel
from backend.forecasting.judging.accuracy import season
from backend.forecasting.network.model import Forecast
from backend.forecasting.rules import QUANTILES

_TIMES: Final = 8
"""Equal weekdays whose mean is forecast."""
_JUDGED_WEEKS: Final = 52
"""How far back errors are looked at for quantiles."""


def seasonal_naive(panel: Panel, horizon: int) -> Forecast:
    """Forecast what was last sold on the same weekday, or in the same week a year ago."""
    return _repeated(panel, horizon, season(panel), times=1)


def weekday_mean(panel: Panel, horizon: int) -> Forecast:
    """Forecast the mean of the last eight equal weekdays, or of the last eight weeks."""
    return _repeated(panel, horizon, panel.rhythm.week, times=_TIMES)


def _repeated(panel: Panel, horizon: int, lag: int, times: int) -> Forecast:
    opened = panel.opened(horizon)
    exposed = panel.exposure * opened[:, : panel.periods]
    wanted = panel.demand * (exposed > 0)
    latest = _latest_means(wanted, exposed, lag, times)
    turn = np.arange(horizon) % lag
    mean = latest[:, turn] * opened[:, panel.periods :]
    errors = _errors(panel, wanted, exposed, lag, times)
    spread = errors[:, None, :] * (opened[:, panel.periods :, None] > 0)
    quantiles = np.sort(np.maximum(mean[:, :, None] + spread, 0), axis=2)
    return Forecast(mean.astype(np.float32), quantiles.astype(np.float32))


def _latest_means(wanted: Floats, exposed: Floats, lag: int, times: int) -> Doubles:
    """Return by series and place in the season the mean of the last so many exposed periods."""
    series, periods = wanted.shape
    before = -periods % lag
    folded = [
        np.pad(one.astype(np.float64), ((0, 0), (before, 0))).reshape(series, -1, lag)[:, ::-1]
        for one in (wanted, exposed)
    ]
    among = np.cumsum(folded[1] > 0, axis=1) <= times
    sums = [(one * among).sum(1) for one in folded]
    overall = wanted.sum(1) / np.maximum(exposed.sum(1), 1e-9)
    return np.where(sums[1] > 0, sums[0] / np.maximum(sums[1], 1e-9), overall[:, None])


def _errors(panel: Panel, wanted: Floats, exposed: Floats, lag: int, times: int) -> Floats:
    """Return by series and level what such forecasts missed, one season ahead."""
    # Half of a short past: without any error the quantiles would all be the mean.
    begun = min(times, max(1, panel.periods // lag // 2))
    first = max(panel.periods - _JUDGED_WEEKS * panel.rhythm.week, lag * begun)
    seasons = [slice(n, min(n + lag, panel.periods)) for n in range(first, panel.periods, lag)]
    missed: list[Doubles] = []
    for one in seasons:
        known = slice(max(0, one.start - 2 * lag * times), one.start)
        means = _latest_means(wanted[:, known], exposed[:, known], lag, times)
        length = one.stop - one.start
        error = wanted[:, one] - means[:, :length] * exposed[:, one]
        missed.append(np.where(exposed[:, one] > 0, error, np.nan))
    if not missed:
        return np.zeros((panel.series, len(QUANTILES)), np.float32)
    found = np.concatenate(missed, axis=1)
    found[np.isnan(found).all(axis=1)] = 0
    return np.nanquantile(found, QUANTILES, axis=1).T.astype(np.float32)
