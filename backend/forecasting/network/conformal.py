"""Corrects quantiles by how often they held on periods a model had not seen.

Conformalised quantile regression (Romano, Patterson and Candès 2019), for each level by itself: the
offset that would have made it hold, by class of demand and part of the horizon.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Flags, Ints
from backend.forecasting.rules import MEDIAN, QUANTILES

BUCKETS: Final = 4
"""Parts of the horizon that are corrected apart."""
CLASSES: Final = 4
_DOUBT: Final = 500
"""So many observations are believed by half."""
_SHARED: Final = 0.5
"""Periods of one month err together: so much of what they say is believed at most."""


def buckets(horizon: int) -> Ints:
    """Return for each step ahead which part of the horizon it lies in."""
    return np.arange(horizon) * BUCKETS // horizon


def no_offsets() -> Doubles:
    """Return the offsets of quantiles that nobody could judge."""
    return np.zeros((CLASSES, BUCKETS, len(QUANTILES)))


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What came beside what was said, by series and step ahead, from one origin.

    `actual` and `quantiles` are relative to the smooth part of the forecast; what is not `known`
    says nothing. `classes` are those of the series.
    """

    actual: Doubles
    quantiles: Doubles
    known: Flags
    classes: Ints


def offsets_of(found: Sequence[Calibration]) -> Doubles:
    """Return by class, part of the horizon and level what has to be added to a quantile.

    The median stays: WAPE judges it, not coverage.
    """
    offsets = no_offsets()
    parts = buckets(found[0].actual.shape[1])
    for group in range(CLASSES):
        for part in range(BUCKETS):
            missed = np.concatenate([_missed(one, group, parts == part) for one in found])
            count = len(missed)
            if count:
                needed = [np.quantile(missed[:, n], level) for n, level in enumerate(QUANTILES)]
                offsets[group, part] = np.array(needed) * _SHARED * count / (count + _DOUBT)
    offsets[:, :, MEDIAN] = 0
    return offsets


def _missed(one: Calibration, group: int, steps: Flags) -> Doubles:
    """Return by cell of a class and some steps, and by level, what lies above the quantile."""
    cells = one.known & (one.classes == group)[:, None] & steps
    return one.actual[cells][:, None] - one.quantiles[cells]
