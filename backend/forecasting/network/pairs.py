"""Series and origins whose rows are asked for, and how their columns are put together."""

from collections.abc import Callable
from functools import cached_property
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

    def pooled(self, rows: Ints, column: Callable[["Pairs"], Doubles]) -> Doubles:
        """Return a column of what series share, which are such `rows` of the pool.

        Forecasts are all made at one origin: there each row of the pool is looked up once.
        """
        if not self._is_one_moment:
            return column(Pairs(rows, self.origins, self._steps))
        found, which = np.unique(rows, return_inverse=True)
        few = Pairs(found, self.origins[: len(found)], self._steps[: len(found)])
        return column(few).reshape(len(found), self._steps.shape[1])[which].reshape(-1)

    @cached_property
    def _is_one_moment(self) -> bool:
        """Tell whether all pairs have one origin and the same steps."""
        alike = (self.origins == self.origins[:1]).all() and (self._steps == self._steps[:1]).all()
        return bool(alike)


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
