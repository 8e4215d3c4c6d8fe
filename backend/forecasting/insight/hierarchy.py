"""Sums of forecasts: by location, product, category, region, or everything.

Means add up exactly. Quantiles do not: products do not all sell well on one day, but the weather is
everybody's. Deviations from the mean add up between as if independent and as if all moved together,
as far apart as past misses of such sums say:

    deviation of a sum = √((1 − r) Σ deviation² + r (Σ deviation)²)

which is exact where deviations are normal and each two of them have the correlation r. What is
skewed by itself is the less so the more of it is added up and the less it moves together.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Flags, Floats, Ints
from backend.forecasting.network.model import Forecast
from backend.forecasting.rules import QUANTILES

_DEVIATIONS: Final = np.array([NormalDist().inv_cdf(level) for level in QUANTILES])
_STEPS: Final = np.diff([0.0, *QUANTILES, 1.0])

PLACES: Final = 4
"""Decimals of a mean: each series is rounded as it is shown, so that what is shown adds up."""


@dataclass(frozen=True, slots=True, eq=False)
class Added:
    """Mean [group, period] and quantiles [group, period, level] of sums."""

    mean: Doubles
    quantiles: Doubles


class Sums:
    """Sums over groups of series; groups are numbered from 0 without gaps."""

    def __init__(self, groups: Ints) -> None:
        self.groups = groups
        self._order = np.argsort(groups, kind="stable")
        _, self._begins = np.unique(groups[self._order], return_index=True)
        self.count = len(self._begins)

    @classmethod
    def by(cls, keys: Ints) -> "Sums":
        """Return sums over the series that have the same key, in the order of the keys."""
        return cls(np.unique(keys, return_inverse=True)[1])

    def of(self, values: Doubles | Floats) -> Doubles:
        """Return the sums of values whose first axis is the series."""
        if not self.count:
            return np.zeros((0, *values.shape[1:]))
        return np.add.reduceat(values[self._order], self._begins, axis=0, dtype=np.float64)


def summed(forecast: Forecast, sums: Sums, correlation: float) -> Added:
    """Return the forecast of each group; `correlation` is that of the misses of its series."""
    each = forecast.mean.astype(np.float64).round(PLACES)
    mean, deviation = sums.of(each), forecast.quantiles.astype(np.float64) - each[:, :, None]
    together = sums.of(deviation)
    alone = sums.of(deviation * np.abs(deviation))
    # The square of each way keeps its sign: low quantiles lie below the mean, high ones above.
    square = (1 - correlation) * alone + correlation * together * np.abs(together)
    skewed = np.sign(square) * np.sqrt(np.abs(square))
    spread, share = _spread(forecast, sums, correlation)
    levels = share * skewed + (1 - share) * spread * _DEVIATIONS
    # Rounded, so that the sum of a single one that is 0 is no more than that.
    quantiles = np.maximum((mean[:, :, None] + levels).round(2 * PLACES), 0)
    return Added(mean, np.sort(quantiles, axis=2))


def _spread(forecast: Forecast, sums: Sums, correlation: float) -> tuple[Doubles, Doubles]:
    """Return the standard deviation of each sum, and how much of its skewness is left.

    All of it where there is one series or all move together; of n alike and independent ones 1/n.
    """
    each = deviations(forecast)
    alone, together = sums.of(each**2), sums.of(each) ** 2
    spread = np.sqrt((1 - correlation) * alone + correlation * together)
    left = alone / np.maximum(together, 1e-12)
    share = np.where(together > 0, correlation + (1 - correlation) * left, 1.0)
    return spread[:, :, None], share[:, :, None]


def deviations(forecast: Forecast) -> Doubles:
    """Return the standard deviation of each forecast [series, period], as its quantiles have it.

    What is seldom sold has quantiles of whole units, whose distance says little: all of them count,
    straight in between. Exact for normal ones.
    """
    off = forecast.quantiles.astype(np.float64) - forecast.mean[:, :, None]
    return np.sqrt(_square(off) / _NORMAL)


def _square(off: Doubles) -> Doubles:
    ends = np.concatenate([off[..., :1], off, off[..., -1:]], axis=-1)
    low, high = ends[..., :-1], ends[..., 1:]
    return ((low * low + low * high + high * high) / 3) @ _STEPS


_NORMAL: Final = float(_square(_DEVIATIONS))


def correlation(forecast: Forecast, actual: Floats, known: Flags, sums: Sums) -> float:
    """Return how far the misses of series in one group go together, 0 to 1."""
    missed = (actual - forecast.mean).astype(np.float64)
    return togetherness(missed * known, deviations(forecast) * known, sums)


def togetherness(missed: Doubles, spread: Doubles, sums: Sums) -> float:
    """Return how far what was missed [series, period] goes together within groups, 0 to 1.

    Independent misses of a sum have the variance of all its parts, equal ones the square of the
    sum of their deviations, `spread`: r says where between what was missed lies, over all groups
    and periods.
    """
    alone, together = sums.of(spread**2), sums.of(spread) ** 2
    # Relative to what would be missed at most, so that large groups do not decide alone.
    weight = np.where(together > 0, 1 / np.maximum(together, 1e-12), 0.0)
    apart = ((together - alone) * weight).sum()
    if apart <= 0:
        return 0.0
    return float(np.clip(((sums.of(missed) ** 2 - alone) * weight).sum() / apart, 0, 1))
