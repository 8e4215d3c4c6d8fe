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

    `actual` and `quantiles` are in usual distances from the smooth part of the forecast, `smooth`
    in units; what is not `known` says nothing. `classes` are those of the series.
    """

    actual: Doubles
    quantiles: Doubles
    smooth: Doubles
    known: Flags
    classes: Ints


def offsets_of(found: Sequence[Calibration]) -> Doubles:
    """Return by class, part of the horizon and level what has to be added to a quantile.

    It is in usual distances, as quantiles are.

    The median stays: WAPE judges it, not coverage. Where less than a unit is expected a cell counts
    as that part of one: a single sale of what hardly ever sells is a thousand times as much as
    expected, and would widen the bands of all that is lumpy a thousandfold.
    """
    offsets = no_offsets()
    parts = buckets(found[0].actual.shape[1])
    for group in range(CLASSES):
        for part in range(BUCKETS):
            cells = [_missed(one, group, parts == part) for one in found]
            missed, weight = (np.concatenate(each) for each in zip(*cells, strict=True))
            count = weight.sum()
            if count > 0:
                needed = [
                    weighted_quantile(missed[:, n], weight, one) for n, one in enumerate(QUANTILES)
                ]
                offsets[group, part] = np.array(needed) * _SHARED * count / (count + _DOUBT)
    offsets[:, :, MEDIAN] = 0
    return offsets


def _missed(one: Calibration, group: int, steps: Flags) -> tuple[Doubles, Doubles]:
    """Return by cell of a class and some steps what lies above each quantile, and its weight."""
    cells = one.known & (one.classes == group)[:, None] & steps
    return one.actual[cells][:, None] - one.quantiles[cells], np.minimum(one.smooth[cells], 1.0)


def weighted_quantile(values: Doubles, weight: Doubles, level: float) -> float:
    """Return the quantile of weighted values; of equal weights it is the usual one."""
    order = np.argsort(values)
    ends = np.cumsum(weight[order])
    middles = ends - weight[order] / 2
    first, last = middles[0], middles[-1]
    return float(np.interp(first + level * (last - first), middles, values[order]))
