"""Running sums by row, so that the mean of any window is two look-ups."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats, Ints

_MOST_DRAW: Final = 0.5
"""Exposed periods that what is usual weighs as much as, among equal weekdays."""


class Sums:
    """Sums of one quantity over windows, by row; columns are periods."""

    def __init__(self, values: Floats | Doubles, stride: int = 1) -> None:
        rows, periods = values.shape
        self._stride, self._columns = stride, periods + stride
        sums = np.zeros((rows, self._columns))
        sums[:, stride:] = values
        if stride == 1:
            np.cumsum(sums, axis=1, out=sums)
        else:
            for first in range(stride, self._columns, stride):
                end = min(first + stride, self._columns)
                sums[:, first:end] += sums[:, first - stride : end - stride]
        self._sums = sums.reshape(-1)

    def between(self, rows: Ints, begin: Ints, end: Ints) -> Doubles:
        """Return the sum over periods `begin` to before `end`; what lies outside counts nothing."""
        return self._before(rows, end) - self._before(rows, begin)

    def every(self, rows: Ints, latest: Ints, times: int) -> Doubles:
        """Return the sum over the period `latest` and those a stride apart before it."""
        n = self._stride
        first = latest + n - n * times
        before = np.where(first >= 0, self._before(rows, first), 0.0)
        return self._before(rows, latest + n) - before

    def _before(self, rows: Ints, columns: Ints) -> Doubles:
        # One index into a flat array takes half the time of two into a table.
        inside = np.minimum(np.maximum(columns, 0), self._columns - 1)
        return self._sums.take(rows * self._columns + inside)


@dataclass(frozen=True, slots=True)
class Track:
    """Demand and exposure of some rows, summed up.

    `draw` is how many exposed periods weigh as much as what is usual.
    """

    wanted: Sums
    exposed: Sums
    wanted_weekly: Sums
    exposed_weekly: Sums
    draw: float

    def mean(self, rows: Ints, begin: Ints, end: Ints, usual: Doubles) -> Doubles:
        """Return the mean of a window, drawn towards what is `usual` where it saw little."""
        wanted = self.wanted.between(rows, begin, end)
        exposed = self.exposed.between(rows, begin, end)
        return (wanted + self.draw * usual) / (exposed + self.draw)

    def same_weekday(self, rows: Ints, latest: Ints, times: int, usual: Doubles) -> Doubles:
        """Return the mean of the last so many equal weekdays, drawn towards what is `usual`."""
        wanted = self.wanted_weekly.every(rows, latest, times)
        exposed = self.exposed_weekly.every(rows, latest, times)
        draw = min(self.draw, _MOST_DRAW)
        return (wanted + draw * usual) / (exposed + draw)


def track(wanted: Floats | Doubles, exposed: Floats | Doubles, week: int) -> Track:
    """Sum up demand and exposure."""
    return Track(
        Sums(wanted),
        Sums(exposed),
        Sums(wanted, week),
        Sums(exposed, week),
        draw=max(week / 4, 1.0),
    )
