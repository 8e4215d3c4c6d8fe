"""Safety stock and reorder points. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats
from backend.forecasting.rules import QUANTILES
from backend.replenishment.errors import InvalidServiceLevel

LEAST_SERVICE: Final = 0.5
MOST_SERVICE: Final = QUANTILES[-1]


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


def reorder_points(mean: Floats, quantiles: Floats, service_level: float) -> ReorderPoints:
    """Return the reorder points for the demand of a whole lead time.

    `mean` [series] and `quantiles` [series, level] forecast that demand as one total: the sum of
    daily quantiles would be too high. `service_level` is how often the lead time is to pass
    without a stockout.

    Raises:
        InvalidServiceLevel: below a half, or above the highest quantile.
    """
    if not LEAST_SERVICE <= service_level <= MOST_SERVICE:
        raise InvalidServiceLevel(
            f"a service level is {LEAST_SERVICE} to {MOST_SERVICE}",
            field=["serviceLevel"],
            value=service_level,
        )
    above = int(np.searchsorted(QUANTILES, service_level))
    share = (service_level - QUANTILES[above - 1]) / (QUANTILES[above] - QUANTILES[above - 1])
    needed = (1 - share) * quantiles[:, above - 1] + share * quantiles[:, above]
    expected = mean.astype(np.float64)
    return ReorderPoints(expected, np.maximum(needed - expected, 0.0))


def fixed_reorder_points(demand: Floats, lead_time: int, deviations: float) -> ReorderPoints:
    """Return the textbook's reorder points: mean and standard deviation of past periods.

    Demand counts as independent from period to period; `deviations` is the normal quantile of the
    service level (Silver, Pyke and Thomas 2017, 6.7).
    """
    mean = demand.mean(axis=1, dtype=np.float64)
    spread = demand.std(axis=1, dtype=np.float64)
    return ReorderPoints(mean * lead_time, deviations * spread * np.sqrt(lead_time))
