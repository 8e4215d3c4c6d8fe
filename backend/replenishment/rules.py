"""Safety stock and reorder points. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats, Ints
from backend.forecasting.rules import QUANTILES
from backend.replenishment.errors import InvalidServiceLevel

LEAST_SERVICE: Final = 0.5
MOST_SERVICE: Final = QUANTILES[-1]
_LEVELS: Final = np.array(QUANTILES)


@dataclass(frozen=True, slots=True, eq=False)
class ReorderPoints:
    """By series: what is expected in the lead time, and the buffer against more than that.

    The reorder point is their sum: what the inventory position is compared with.
    """

    expected: Doubles
    safety_stock: Doubles

    @property
    def reorder_point(self) -> Doubles:
        """At which inventory position to order."""
        return self.expected + self.safety_stock


def reorder_points(
    mean: Floats | Doubles, quantiles: Floats | Doubles, service_level: float | Doubles
) -> ReorderPoints:
    """Return the reorder points for the demand of a whole lead time.

    `mean` [series] and `quantiles` [series, level] forecast that demand as one total: the sum of
    daily quantiles would be too high. `service_level` is how often the lead time is to pass
    without a stockout, for all or by series.

    Raises:
        InvalidServiceLevel: below a half, or above the highest quantile.
    """
    wanted = np.broadcast_to(np.asarray(service_level, np.float64), mean.shape)
    if not np.all((wanted >= LEAST_SERVICE) & (wanted <= MOST_SERVICE)):
        raise InvalidServiceLevel(
            f"a service level is {LEAST_SERVICE} to {MOST_SERVICE}",
            field=["serviceLevel"],
            value=service_level if isinstance(service_level, float) else None,
        )
    needed = quantile_of(quantiles, wanted)
    expected = mean.astype(np.float64)
    return ReorderPoints(expected, np.maximum(needed - expected, 0.0))


def quantile_of(quantiles: Floats | Doubles, levels: Doubles) -> Doubles:
    """Return by series (rows of `quantiles`) what lies at its level, between the two around it."""
    above = np.searchsorted(_LEVELS, levels).clip(1, len(QUANTILES) - 1)
    share = (levels - _LEVELS[above - 1]) / (_LEVELS[above] - _LEVELS[above - 1])
    rows = np.arange(len(quantiles))
    below, beyond = quantiles[rows, above - 1], quantiles[rows, above]
    return (1 - share) * below.astype(np.float64) + share * beyond


def fixed_reorder_points(
    demand: Floats, lead_time: int | Ints, deviations: float | Doubles
) -> ReorderPoints:
    """Return the textbook's reorder points: mean and standard deviation of past periods.

    Demand counts as independent from period to period; `deviations` is the normal quantile of the
    service level, for all or by series (Silver, Pyke and Thomas 2017, 6.7).
    """
    mean = demand.mean(axis=1, dtype=np.float64)
    spread = demand.std(axis=1, dtype=np.float64)
    return ReorderPoints(mean * lead_time, deviations * spread * np.sqrt(lead_time))
