"""How far demand usually lies from what is expected, by how much that is.

What sells a hundred a day is off by a tenth, what sells a hundredth by a hundred times as much as
expected. So quantiles are learned and corrected as distances from what is usual at that size: the
many that hardly ever sell say nothing wrong of the few that matter.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats
from backend.forecasting.network.conformal import weighted_quantile
from backend.forecasting.network.perceptron import Answers
from backend.forecasting.network.sampling import Sample
from backend.forecasting.rules import QUANTILES

_WIDTH: Final = float(np.log(3.0))
"""Of one size: what sells three times as much is another."""
_LEAST_ROWS: Final = 400
"""Of one size: fewer say too little of its outer quantiles."""
_LEAST_SERIES: Final = 20
_MUCH: Final = 30.0
"""Units from which on all is one size: that they are counts does not matter any more."""
_LEAST: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Sizes:
    """Where quantiles usually lie, by the size of what is expected.

    `logs` are natural logarithms of units and increase; `levels` [size, level] are those of
    QUANTILES, in usual distances from what is expected. Between sizes they are interpolated.

    The usual distance is √(`counts` / size + 1) times what is expected: with little that of
    counts, with much a share. `counts` is 1; 0 where distances are shares at any size.
    """

    logs: Doubles
    levels: Doubles
    counts: float = 1.0

    def distance(self, size: Doubles) -> Doubles:
        """Return how far demand usually lies from what is expected, relative to that."""
        return np.sqrt(self.counts / np.maximum(size, _LEAST) + 1)

    def usual(self, size: Doubles) -> Floats:
        """Return where each level usually lies [level, *size], in usual distances."""
        logs = np.log(np.maximum(size, _LEAST))
        upper = np.minimum(np.searchsorted(self.logs, logs), len(self.logs) - 1)
        lower = np.maximum(upper - 1, 0)
        width = np.maximum(self.logs[upper] - self.logs[lower], _LEAST)
        part = np.clip((logs - self.logs[lower]) / width, 0, 1).astype(np.float32)
        levels = self.levels.T.astype(np.float32)
        found = levels[:, lower]
        found += (levels[:, upper] - found) * part
        return found


def one_size(counts: float = 1.0) -> Sizes:
    """Return that all quantiles lie at what is expected, whatever its size."""
    return Sizes(np.zeros(1), np.zeros((1, len(QUANTILES))), counts)


def sizes_of(rows: Sample, series: int) -> Sizes:
    """Return where quantiles lie in rows of so many series, by the size of what they sell.

    Each size has enough rows, and as large a share of them as twenty series have: quirks of a few
    are the network's to learn.
    """
    if not len(rows.size):
        return one_size()
    size = np.log(np.clip(rows.size.astype(np.float64), _LEAST, _MUCH))
    away = (rows.target - 1) / one_size().distance(rows.size.astype(np.float64))
    order = np.argsort(size, kind="stable")
    least = max(_LEAST_ROWS, len(order) // max(series // _LEAST_SERIES, 1))
    parts = [order[begin:end] for begin, end in pairwise(_ends(size[order], least))]
    middles = np.array([np.median(size[part]) for part in parts])
    weight = rows.weight.astype(np.float64)
    levels = [
        [weighted_quantile(away[part], weight[part], level) for level in QUANTILES]
        for part in parts
    ]
    return Sizes(middles, np.array(levels))


def _ends(logs: Doubles, least: int) -> list[int]:
    """Part increasing logarithms into sizes, each as wide and as many as it has to be."""
    ends = [0]
    while ends[-1] < len(logs):
        begin = ends[-1]
        wide = int(np.searchsorted(logs, logs[begin] + _WIDTH, side="right"))
        end = max(wide, begin + least)
        # What is left over would be the quirks of a few.
        is_last = len(logs) - end < least or logs[-1] - logs[begin] < 2 * _WIDTH
        ends.append(len(logs) if is_last else end)
    return ends


def answers_of(rows: Sample, sizes: Sizes) -> Answers:
    """Return what a network learns from rows: how far off what came is from what is usual."""
    size = rows.size.astype(np.float64)
    distance = sizes.distance(size)
    away = ((rows.target - 1) / distance)[:, None] - sizes.usual(size).T
    return Answers(away.astype(np.float32), rows.target, rows.weight, distance.astype(np.float32))
