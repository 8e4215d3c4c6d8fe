"""What will be wanted from tomorrow on until some day, as one total with quantiles. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats, Ints
from backend.forecasting.rules import QUANTILES

MOST_DAYS: Final = 365
"""Nothing is said of days further ahead."""
_DEVIATIONS: Final = np.array([NormalDist().inv_cdf(level) for level in QUANTILES])
_EDGES: Final = np.array([0.0, *QUANTILES, 1.0])


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """By series and day: the demand of all days up to it, the first being tomorrow.

    `mean` [series, day], `quantiles` [series, day, level]. Beyond the last day the mean goes on as
    it was, and what quantiles are off it grows with the root of time.
    """

    mean: Floats
    quantiles: Floats

    @property
    def days(self) -> int:
        """How many days are known."""
        return self.mean.shape[1]

    def of(self, rows: Ints) -> "Totals":
        """Return those of some series."""
        return Totals(self.mean[rows], self.quantiles[rows])

    def after(self, days: Ints) -> tuple[Doubles, Doubles]:
        """Return mean [series] and quantiles [series, level] after so many days, at least one."""
        rows, last = np.arange(len(self.mean)), np.minimum(days, self.days) - 1
        mean = self.mean[rows, last].astype(np.float64)
        quantiles = self.quantiles[rows, last].astype(np.float64)
        return carried_on(mean, quantiles, days / self.days)

    def days_until(self, units: Doubles) -> Doubles:
        """Return after how many days, in part, so many units are expected to be gone.

        Infinite where that takes more than a year.
        """
        begun = np.concatenate([np.zeros((len(self.mean), 1)), self.mean], axis=1)
        reached = begun > units[:, None]
        day = np.where(reached.any(1), reached.argmax(1), self.days + 1)
        inside = np.clip(day, 1, self.days)
        rows = np.arange(len(begun))
        before, after = begun[rows, inside - 1], begun[rows, inside]
        part = (units - before) / np.maximum(after - before, 1e-9)
        daily = begun[:, -1] / self.days
        beyond = units / np.maximum(daily, 1e-9)
        found = np.where(day > self.days, beyond, inside - 1 + np.clip(part, 0, 1))
        return np.where(units <= 0, 0.0, np.where(found > MOST_DAYS, np.inf, found))


def carried_on(mean: Doubles, quantiles: Doubles, times: Doubles) -> tuple[Doubles, Doubles]:
    """Return mean and quantiles of a total that is so many times longer than what is known."""
    longer = np.maximum(times, 1.0)
    off = (quantiles - mean[..., None]) * np.sqrt(longer)[..., None]
    return mean * longer, np.maximum((mean * longer)[..., None] + off, 0.0)


def totals_of_past(mean: Doubles, deviation: Doubles, days: int) -> Totals:
    """Return totals as the textbook has them: past days, each like the others and by itself.

    Mean and standard deviation of a day by series; normal (Silver, Pyke and Thomas 2017, 6.7).
    """
    ahead = np.arange(1, days + 1)
    total = mean[:, None] * ahead
    spread = deviation[:, None] * np.sqrt(ahead)
    quantiles = np.maximum(total[..., None] + spread[..., None] * _DEVIATIONS, 0.0)
    return Totals(total.astype(np.float32), quantiles.astype(np.float32))


def stacked(parts: Sequence[Totals]) -> Totals:
    """Return the totals of several parts below one another; all know the same days."""
    return Totals(
        np.concatenate([one.mean for one in parts]),
        np.concatenate([one.quantiles for one in parts]),
    )


def expected_shortfall(quantiles: Doubles, units: Doubles) -> Doubles:
    """Return by series how much of the demand so many units are expected not to serve.

    The mean of what demand is above `units`, between the quantiles taken as straight.
    """
    curve = _curve(quantiles)
    over = np.maximum(curve - units[:, None], 0.0)
    low, high = over[:, :-1], over[:, 1:]
    width = np.diff(_EDGES)
    rise = np.maximum(np.diff(curve, axis=1), 1e-12)
    reach = np.where(low > 0, 1.0, np.clip(high / rise, 0.0, 1.0))
    return ((low + high) / 2 * reach * width).sum(1)


def expected_served(quantiles: Doubles, units: Doubles) -> Doubles:
    """Return by series how much of the demand so many units are expected to serve."""
    nothing = np.zeros(len(units))
    wanted = expected_shortfall(quantiles, nothing)
    return wanted - expected_shortfall(quantiles, np.maximum(units, 0.0))


def _curve(quantiles: Doubles) -> Doubles:
    """Return the quantiles with both ends, each as far out as the two next to it are apart."""
    rising = np.maximum.accumulate(quantiles, axis=1)
    least = np.maximum(2 * rising[:, :1] - rising[:, 1:2], 0.0)
    most = 2 * rising[:, -1:] - rising[:, -2:-1]
    return np.concatenate([least, rising, most], axis=1)
