"""Sums of forecasts: by location, product, category, region, or everything.

Means add up exactly. Quantiles do not: products do not all sell well on one day, but the weather is
everybody's. Deviations from the mean add up between as if independent and as if all moved together,
as far apart as past misses of such sums say:

    deviation of a sum = √((1 − r) Σ deviation² + r (Σ deviation)²)

which is exact where deviations are normal and each two of them have the correlation r.
"""

from dataclasses import dataclass

import numpy as np

from backend.forecasting.arrays import Doubles, Flags, Floats, Ints
from backend.forecasting.network.model import Forecast
from backend.forecasting.rules import HIGH, LOW

_SPREAD = 2 * 1.6449
"""Standard deviations between the 5 % and the 95 % quantile of a normal distribution."""


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Sums over groups of series; groups are numbered from 0 without gaps."""

    groups: Ints
    count: int

    @classmethod
    def by(cls, keys: Ints) -> "Sums":
        """Return sums over the series that have the same key, in the order of the keys."""
        found, groups = np.unique(keys, return_inverse=True)
        return cls(groups, len(found))

    def of(self, values: Doubles | Floats) -> Doubles:
        """Return the sums of values whose first axis is the series."""
        total = np.zeros((self.count, *values.shape[1:]))
        np.add.at(total, self.groups, values)
        return total


def summed(forecast: Forecast, sums: Sums, correlation: float) -> Forecast:
    """Return the forecast of each group; `correlation` is that of the misses of its series."""
    mean = sums.of(forecast.mean)
    deviation = forecast.quantiles.astype(np.float64) - forecast.mean[:, :, None]
    together = sums.of(deviation)
    alone = sums.of(deviation * np.abs(deviation))
    # The square of each way keeps its sign: low quantiles lie below the mean, high ones above.
    square = (1 - correlation) * alone + correlation * together * np.abs(together)
    levels = mean[:, :, None] + np.sign(square) * np.sqrt(np.abs(square))
    levels = np.sort(np.maximum(levels, 0), axis=2)
    return Forecast(mean.astype(np.float32), levels.astype(np.float32))


def correlation(forecast: Forecast, actual: Floats, known: Flags, sums: Sums) -> float:
    """Return how far the misses of series in one group go together, 0 to 1.

    Independent misses of a sum have the variance of all its parts, equal ones the square of the
    sum of their deviations: r says where between what was missed lies, over all groups and periods.
    """
    spread = (forecast.quantiles[:, :, HIGH] - forecast.quantiles[:, :, LOW]) / _SPREAD
    spread = spread.astype(np.float64) * known
    missed = sums.of((actual - forecast.mean).astype(np.float64) * known)
    alone, together = sums.of(spread**2), sums.of(spread) ** 2
    # Relative to what would be missed at most, so that large groups do not decide alone.
    weight = np.where(together > 0, 1 / np.maximum(together, 1e-12), 0.0)
    apart = ((together - alone) * weight).sum()
    if apart <= 0:
        return 0.0
    return float(np.clip(((missed**2 - alone) * weight).sum() / apart, 0, 1))
