"""Levels of quantiles, classes of demand, and what models and runs may be. Pure."""

from enum import IntEnum, StrEnum
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


class ModelFamily(StrEnum):
    """How a model forecasts."""

    NETWORK = "NETWORK"
    """The network."""
    WEEKDAY_MEAN = "WEEKDAY_MEAN"
    """The mean of the last eight equal weekdays."""
    SEASONAL_NAIVE = "SEASONAL_NAIVE"
    """The last week again."""
    LIGHTGBM = "LIGHTGBM"
    """Boosted trees, where they are installed."""


SIMPLE: Final = frozenset({ModelFamily.WEEKDAY_MEAN, ModelFamily.SEASONAL_NAIVE})
"""What forecasts without having learned anything: nothing of it is kept."""


class ModelKind(StrEnum):
    """What a model forecasts."""

    PERIODS = "PERIODS"
    """Each day."""
    TOTALS = "TOTALS"
    """The sums from the first day to each."""


class ModelOrigin(StrEnum):
    """Where a model comes from."""

    TRAINED = "TRAINED"
    """From all the past."""
    UPDATED = "UPDATED"
    """From another model, which learned on."""


class ModelStatus(StrEnum):
    """What a model is for now."""

    CHAMPION = "CHAMPION"
    """It makes the forecasts."""
    CHALLENGER = "CHALLENGER"
    """It was trained and is not judged yet."""
    RETIRED = "RETIRED"
    """It made them before."""
    REJECTED = "REJECTED"
    """It was judged, and lost."""


class RunKind(StrEnum):
    """What a run does."""

    TRAIN = "TRAIN"
    """Train from all the past."""
    RETRAIN = "RETRAIN"
    """Train anew, because something changed."""
    UPDATE = "UPDATE"
    """Learn on from what was sold since."""


class RunReason(StrEnum):
    """Why a run was asked for."""

    ASKED_FOR = "ASKED_FOR"
    """Somebody wanted it."""
    NIGHTLY = "NIGHTLY"
    """It is done every night."""
    FIRST_SALES = "FIRST_SALES"
    """Something was sold, and nothing forecasts yet."""
    NEW_SALES = "NEW_SALES"
    """Something was sold."""
    DRIFT = "DRIFT"
    """The forecast became worse than it used to be."""
    PROMOTED = "PROMOTED"
    """Another model makes the forecasts now."""


class RunStatus(StrEnum):
    """How far a run is."""

    WAITING = "WAITING"
    """For a worker."""
    RUNNING = "RUNNING"
    """A worker has it."""
    SUCCEEDED = "SUCCEEDED"
    """Done; whether its model forecasts now is another question: `promoted`."""
    FAILED = "FAILED"
    """Given up."""


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
