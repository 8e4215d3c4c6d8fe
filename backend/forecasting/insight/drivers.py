"""What moved a forecast: how much of it is due to the weekday, the season, a promotion and so on.

A forecast is compared with the plain level of its product. Groups of features are put back to what
is usual, in all combinations, and each group gets the mean of what it adds (Shapley 1953); so the
effects add up to the difference exactly, whatever the networks make of the groups together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats, Ints
from backend.forecasting.demand.panel import Panel
from backend.forecasting.errors import InvalidModel, TooManySeries
from backend.forecasting.network.features import Rows
from backend.forecasting.network.groups import Column, Driver, columns
from backend.forecasting.network.model import Asking, Model, network_outputs
from backend.forecasting.network.pool_columns import Settled
from backend.forecasting.network.sampling import as_inputs

MOST_SERIES: Final = 50
"""Series explained at once: each is asked about in every combination of groups."""
Group = tuple[Driver, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """By series and step: the plain level, the mean forecast, and what each driver adds.

    `level` and all `effects` add up to `mean`. A day on which it is closed is all due to that.
    """

    level: Doubles
    mean: Doubles
    effects: dict[Driver, Doubles]


def explain(model: Model, panel: Panel, series: Ints, whole: Settled | None = None) -> Explained:
    """Return what moved the forecasts of some series of a panel.

    Raises:
        InvalidModel: it forecasts totals, or was made for another step or other plans.
        TooManySeries: more than are explained at once.
    """
    if model.shape.is_total:
        raise InvalidModel("days are explained, totals are not", field=["model"])
    if len(series) > MOST_SERIES:
        raise TooManySeries(f"at most {MOST_SERIES} series are explained at once", field=["series"])
    asking = Asking(model, panel, whole)
    rows, opened = asking.rows(series), asking.opened(series).reshape(-1)
    question = _Question(model, rows, opened.astype(np.float64), columns(panel))
    answers = {group: question.answer(group) for group in _groups(question.movers)}
    effects = {Driver.LEVEL: answers[()] - rows.level}
    effects |= {one: _effect(one, question.movers, answers) for one in question.movers}
    closed = opened <= 0
    effects = {one: np.where(closed, 0.0, effect) for one, effect in effects.items()}
    effects[Driver.OPENING] = np.where(closed, -rows.level, effects[Driver.OPENING])
    shape = (len(series), model.horizon)
    found = {one: effect.reshape(shape) for one, effect in effects.items()}
    mean = answers[question.movers]
    return Explained(rows.level.reshape(shape), mean.reshape(shape), found)


class _Question:
    """Asks what would be forecast if only some groups were as they are."""

    def __init__(
        self, model: Model, rows: Rows, opened: Doubles, about: tuple[Column, ...]
    ) -> None:
        self._model, self._rows, self._opened = model, rows, opened
        self._drivers = [column.driver for column in about]
        self._usual = np.array([column.usual for column in about], np.float32)
        self._uplift = np.where(opened > 0, rows.factor / np.where(opened > 0, opened, 1), 1.0)
        found = {*self._drivers, Driver.OPENING} - {Driver.LEVEL}
        self.movers: Group = tuple(one for one in Driver if one in found)

    def answer(self, group: Group) -> Doubles:
        """Return the mean with these drivers as they are, and the others as usual."""
        kept = np.array([one is Driver.LEVEL or one in group for one in self._drivers])
        values: Floats = np.where(kept, self._rows.values, self._usual)
        factor = np.ones_like(self._opened)
        factor *= self._opened if Driver.OPENING in group else 1.0
        factor *= self._uplift if Driver.PROMOTION in group else 1.0
        rows = Rows(values, self._rows.level, factor)
        inputs = as_inputs(self._model.coefficients, rows, self._model.shape)
        return inputs.smooth * network_outputs(self._model.networks, inputs.values)[:, -1]


def _groups(movers: Group) -> Iterator[Group]:
    for size in range(len(movers) + 1):
        yield from combinations(movers, size)


def _effect(one: Driver, movers: Group, answers: dict[Group, Doubles]) -> Doubles:
    """Return the mean of what a driver adds, over all orders in which drivers could come."""
    others = tuple(other for other in movers if other is not one)
    total = np.zeros_like(answers[()])
    for group in _groups(others):
        orders = factorial(len(group)) * factorial(len(others) - len(group))
        with_it = tuple(other for other in movers if other is one or other in group)
        total += (answers[with_it] - answers[group]) * (orders / factorial(len(movers)))
    return total
