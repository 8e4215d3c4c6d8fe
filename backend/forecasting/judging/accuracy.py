"""How good forecasts were: the measures, and the sums they are made of.

WAPE, MASE (Hyndman and Koehler 2006), RMSSE (Makridakis, Spiliotis and Assimakopoulos 2022),
pinball loss and coverage. Absolute errors are those of the median, squared errors and bias those
of the mean: each of what minimises it (Gneiting 2011).
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Flags, Floats
from backend.forecasting.demand.panel import Panel
from backend.forecasting.demand.rhythm import Step
from backend.forecasting.network.model import Forecast
from backend.forecasting.rules import HIGH, LOW, MEDIAN, QUANTILES

_LEVELS: Final = np.array(QUANTILES)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Measures of forecasts; None where nothing was sold or nothing can be compared with.

    `wape`, `bias` and `pinball` are relative to what was sold, `bias` positive where too much was
    forecast; `pinball` is the mean over all levels; `coverage90` the share of periods between the
    5 % and the 95 % quantile.
    """

    wape: float | None
    mase: float | None
    rmsse: float | None
    bias: float | None
    pinball: float | None
    coverage90: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """What forecasts missed, by series (rows), summed over the periods scored.

    `absolute_scale` and `squared_scale` are the mean errors of naive forecasts in the past, NaN
    where there is none.
    """

    sold: Doubles
    absolute: Doubles
    squared: Doubles
    signed: Doubles
    pinball: Doubles
    covered: Doubles
    scored: Doubles
    absolute_scale: Doubles
    squared_scale: Doubles

    def of(self, rows: Flags) -> "Errors":
        """Return those of some series."""
        return Errors(*(getattr(self, one.name)[rows] for one in fields(self)))


def season(panel: Panel) -> int:
    """Return how many periods ago the seasonal naive forecast looks.

    A week; with weekly periods a year, where there are two of them, else one period.
    """
    rhythm = panel.rhythm
    if panel.step is Step.DAY or panel.periods < 2 * rhythm.year:
        return rhythm.week
    return rhythm.year


def errors_of(past: Panel, actual: Floats, scored: Flags, forecast: Forecast) -> Errors:
    """Return what a forecast made after `past` missed of what came, where it is scored."""
    median = forecast.quantiles[:, :, MEDIAN]
    over = (forecast.mean - actual) * scored
    missed = actual[:, :, None] - forecast.quantiles
    pinball = np.maximum(_LEVELS * missed, (_LEVELS - 1) * missed).mean(2)
    low, high = forecast.quantiles[:, :, LOW], forecast.quantiles[:, :, HIGH]
    inside = (actual >= low) & (actual <= high)
    rows: dict[str, Floats | Flags] = {
        "sold": actual * scored,
        "absolute": np.abs(actual - median) * scored,
        "squared": over**2,
        "signed": over,
        "pinball": pinball * scored,
        "covered": inside & scored,
        "scored": scored,
    }
    sums = {name: values.sum(1, dtype=np.float64) for name, values in rows.items()}
    return Errors(
        **sums,
        absolute_scale=_naive_error(past, season(past), 1),
        squared_scale=_naive_error(past, 1, 2),
    )


def accuracy(errors: list[Errors]) -> Accuracy:
    """Return the measures over several forecasts: sums first, then ratios."""
    sums = {
        name: float(sum(getattr(one, name).sum() for one in errors))
        for name in ("sold", "absolute", "signed", "pinball", "covered", "scored")
    }
    scaled = [(_scaled(one.absolute, one.scored, one.absolute_scale)) for one in errors]
    squared = [np.sqrt(_scaled(one.squared, one.scored, one.squared_scale)) for one in errors]
    return Accuracy(
        wape=_ratio(sums["absolute"], sums["sold"]),
        mase=_mean(scaled),
        rmsse=_mean(squared),
        bias=_ratio(sums["signed"], sums["sold"]),
        pinball=_ratio(sums["pinball"], sums["sold"]),
        coverage90=_ratio(sums["covered"], sums["scored"]),
    )


def _naive_error(past: Panel, lag: int, power: int) -> Doubles:
    """Return the mean error of the naive forecast since each series first sold; NaN: none."""
    demand, exposure = past.demand.astype(np.float64), past.exposure
    began = np.maximum.accumulate(demand > 0, axis=1)[:, :-lag]
    both = (exposure[:, lag:] > 0) & (exposure[:, :-lag] > 0) & began
    error = np.abs(demand[:, lag:] - demand[:, :-lag]) ** power * both
    mean = error.sum(1) / np.maximum(both.sum(1), 1)
    return np.where(mean > 0, mean, np.nan)


def _scaled(errors: Doubles, scored: Doubles, scale: Doubles) -> Doubles:
    return np.where(scored > 0, errors / np.maximum(scored, 1), np.nan) / scale


def _mean(values: list[Doubles]) -> float | None:
    flat = np.concatenate(values) if values else np.zeros(0)
    known = flat[~np.isnan(flat)]
    return float(known.mean()) if len(known) else None


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
