"""Levels of quantiles and classes of demand. Pure."""

from enum import IntEnum
from typing import Final

import numpy as np

from backend.forecasting.arrays import Floats, Ints

QUANTILES: Final = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
"""The levels of every forecast."""
MEDIAN: Final = QUANTILES.index(0.5)
LOW: Final = QUANTILES.index(0.05)
HIGH: Final = QUANTILES.index(0.95)
MOST_INTERVAL: Final = 1.32
MOST_VARIATION: Final = 0.49


class DemandClass(IntEnum):
    """How regular demand is in time and size (Syntetos, Boylan and Croston 2005)."""

    SMOOTH = 0
    """Sells nearly every period, in like amounts."""
    ERRATIC = 1
    """Sells nearly every period, in unlike amounts."""
    INTERMITTENT = 2
    """Pauses, sells in like amounts."""
    LUMPY = 3
    """Pauses, sells in unlike amounts."""


def demand_classes(demand: Floats, exposure: Floats) -> Ints:
    """Return the class of each series (rows) by its demand in the periods exposed.

    ADI, the mean distance of sales, divides at 1.32; CV², the squared coefficient of variation of
    their sizes, at 0.49. What never sold is lumpy.
    """
    sold = (demand > 0) & (exposure > 0)
    times = sold.sum(1)
    interval = (exposure > 0).sum(1) / np.maximum(times, 1)
    sizes = np.where(sold, demand, 0.0).astype(np.float64)
    mean = sizes.sum(1) / np.maximum(times, 1)
    square = (sizes**2).sum(1) / np.maximum(times, 1)
    variation = square / np.maximum(mean**2, 1e-12) - 1
    pauses = (interval >= MOST_INTERVAL) | (times == 0)
    varies = (variation >= MOST_VARIATION) | (times == 0)
    return pauses * DemandClass.INTERMITTENT.value + varies * DemandClass.ERRATIC.value
