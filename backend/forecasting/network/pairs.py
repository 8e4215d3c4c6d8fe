"""Series and origins whose rows are asked for, and how their columns are put together."""

from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats, Ints

_WIDEST: Final = 4.0
"""Features are cut off there."""


class Pairs:
    """Pairs of series and origin, and the rows of their steps: who, when and which period."""

    def __init__(self, series: Ints, origins: Ints, steps: Ints) -> None:
        self.series, self.origins, self._steps = series, origins, steps
        self.who, self.when = self.each(series), self.each(origins)
        self.period = self.when + steps.reshape(-1)

    def each(self, values: np.ndarray) -> np.ndarray:
        """Return the value of a pair for each of its rows."""
        return np.repeat(values, self._steps.shape[1])

    def of(self, rows: Ints) -> "Pairs":
        """Return the same origins and steps of other rows, one for each pair."""
        return Pairs(rows, self.origins, self._steps)

    def latest(self, week: int) -> Ints:
        """Return the last equal weekday that was observed."""
        return self.period - week * ((self.period - self.when) // week + 1)


def side_by_side(
    columns: list[Doubles], tables: tuple[tuple[Floats, Ints], ...], step: Doubles
) -> Floats:
    """Return columns, the columns of tables at these places, and the step, cut off far out.

    A column lies together in memory: it is written in one go.
    """
    width = len(columns) + sum(len(table) for table, _ in tables) + 1
    values = np.empty((width, len(step)), np.float32)
    for n, column in enumerate(columns):
        values[n] = column
    end = len(columns)
    for table, places in tables:
        begin, end = end, end + len(table)
        np.take(table, places, axis=1, out=values[begin:end])
    values[-1] = step
    return np.clip(values, -_WIDEST, _WIDEST, out=values).T


def seen(middle: Ints, reach: int, origins: Ints) -> tuple[Ints, Ints]:
    """Return begin and end of the window around a period, as far as it lies before the origin."""
    begin = np.minimum(middle - reach, origins)
    return begin, np.minimum(middle + reach + 1, origins)


def log_ratio(part: Doubles, whole: Doubles) -> Doubles:
    """Return the logarithm of a ratio; 0 where either is nothing or not known."""
    known = (part > 0) & (whole > 0)
    return np.log(np.where(known, part, 1.0) / np.where(known, whole, 1.0))
