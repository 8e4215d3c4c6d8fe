"""A trained model, and the forecasts it makes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats, Ints
from backend.forecasting.demand.panel import Panel
from backend.forecasting.demand.rhythm import Rhythm, Step
from backend.forecasting.errors import InvalidModel
from backend.forecasting.network.conformal import buckets
from backend.forecasting.network.features import YEARS_BACK, Features, Rows
from backend.forecasting.network.history import history, part_of_pool, shared
from backend.forecasting.network.perceptron import HEADS, Predictor, put_in_order
from backend.forecasting.network.pool_columns import Settled
from backend.forecasting.network.pooling import PoolSums, pool
from backend.forecasting.network.sampling import Shape, as_inputs
from backend.forecasting.network.sizes import Sizes
from backend.forecasting.rules import demand_classes

AT_ONCE: Final = 500
"""Series forecast together: their rows fit into the processor's cache."""
_FEW: Final = 10
"""Quantiles below are whole numbers, where nothing else was ever sold."""


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """Demand of each series (rows) in each period ahead (columns), never negative.

    `quantiles` has the levels of QUANTILES as a third axis and increases along it. `mean` is what
    totals are made of; the median is lower where demand is skewed.
    """

    mean: Floats
    quantiles: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Everything a forecast is made with, and where it comes from.

    `yearly` models look at the season. `uplift` is what a promotion usually multiplies demand by.
    `offsets` correct the quantiles by class of demand, part of the horizon and level, in the usual
    distances of `sizes`. `trained_through` is the last period it learned from,
    `first_seen` the first.
    """

    step: Step
    shape: Shape
    yearly: bool
    coefficients: Doubles
    sizes: Sizes
    uplift: float
    networks: tuple[Predictor, ...]
    offsets: Doubles
    seed: int
    first_seen: date
    trained_through: date

    @property
    def horizon(self) -> int:
        """How many periods ahead it forecasts."""
        return self.shape.horizon

    def learned(self, networks: tuple[Predictor, ...], through: date) -> "Model":
        """Return this model with networks that learned on."""
        return replace(self, networks=networks, trained_through=through)


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What networks say of series and steps ahead, not yet corrected.

    `levels` [level, series, step] are quantiles in usual distances from the smooth part, which is
    in units, and never below nothing; `mean` and `distance` are multiples of it.
    """

    levels: Floats
    mean: Floats
    smooth: Doubles
    distance: Floats


_BY_SERIES: Final = ("mean", "smooth", "distance")


def forecast(model: Model, panel: Panel, whole: Settled | None = None) -> Forecast:
    """Return the forecast for the periods that follow those observed.

    `whole` is what is pooled where the panel is a part of one; None: it is the whole.

    Raises:
        InvalidModel: it was made for another step, or for other plans.
    """
    if not panel.series:
        shape = (0, model.horizon)
        return Forecast(np.zeros(shape, np.float32), np.zeros((*shape, HEADS - 1), np.float32))
    return Asking(model, panel, whole).forecasts(recent_classes(panel))


def cut(found: Forecast, horizon: int) -> Forecast:
    """Return the first periods of a forecast."""
    return Forecast(found.mean[:, :horizon], found.quantiles[:, :horizon])


def part_of(model: Model, panel: Panel) -> PoolSums:
    """Return what a part of a panel, which has whole locations, adds to what is pooled."""
    return part_of_pool(panel.last(looked_back(panel.rhythm)), model.uplift, model.horizon)


def settled(model: Model, parts: Iterable[PoolSums]) -> Settled | None:
    """Return what all series take from each other at the end of a panel; None: it has no parts."""
    whole = pool(parts)
    return whole and whole.settled(model.horizon, yearly=model.yearly)


def said_of(model: Model, panel: Panel) -> Said:
    """Return what the networks say of all series.

    Raises:
        InvalidModel: it was made for another step, or for other plans.
    """
    asking = Asking(model, panel)
    parts = [asking.said(some) for some in asking.parts()] or [asking.said(slice(0, 0))]
    return Said(
        np.concatenate([one.levels for one in parts], axis=1),
        *(np.concatenate([getattr(one, name) for one in parts]) for name in _BY_SERIES),
    )


class Asking:
    """A model that is asked about a panel; what all series take from each other is made once."""

    def __init__(self, model: Model, panel: Panel, whole: Settled | None = None) -> None:
        if panel.step is not model.step:
            raise InvalidModel(
                f"the model forecasts {model.step}s, not {panel.step}s", field=["step"]
            )
        self._model, self._corrections = model, model.offsets.astype(np.float32)
        self._recent = panel.last(looked_back(panel.rhythm))
        common = shared(self._recent, model.horizon, model.uplift, whole)
        pooled = common.pool.settled(model.horizon, yearly=model.yearly)
        self._common = replace(common, pool=pooled)
        # A quantile of few pieces is whole: a tenth of one as the 5 % quantile would rule out none.
        self._whole = (self._recent.demand == np.round(self._recent.demand)).all(1)

    def parts(self) -> Iterator[slice]:
        """Yield the series, so many together."""
        for begin in range(0, self._recent.series, AT_ONCE):
            yield slice(begin, begin + AT_ONCE)

    @property
    def settled(self) -> Settled:
        """What the series take from each other."""
        whole = self._common.pool.whole
        assert isinstance(whole, Settled), "it was settled as it was made"
        return whole

    def rows(self, some: slice | Ints) -> Rows:
        """Return the features of some series, step by step."""
        part, horizon = self._recent.of(some), self._model.horizon
        past = history(part, horizon, self._model.uplift, self._common.of(some))
        features = Features(past, horizon, yearly=self._model.yearly)
        origins = np.full(part.series, part.periods)
        steps = np.tile(np.arange(horizon), (part.series, 1))
        rows = features.rows(np.arange(part.series), origins, steps)
        if rows.values.shape[1] + 1 != len(self._model.coefficients):
            raise InvalidModel("the model knows other plans than these", field=["plans"])
        return rows

    def opened(self, some: slice | Ints) -> Floats:
        """Return how much of each step ahead some series' locations are open."""
        return self._common.opened[some, self._recent.periods :]

    def said(self, some: slice | Ints) -> Said:
        """Return what the networks say of some series."""
        model, shape = self._model, (-1, self._model.horizon)
        inputs = as_inputs(model.coefficients, self.rows(some), model.shape)
        heads = network_outputs(model.networks, inputs.values).T
        levels, mean = heads[:-1], heads[-1]
        levels += model.sizes.usual(inputs.smooth)
        distance = model.sizes.distance(inputs.smooth).astype(np.float32)
        np.maximum(levels, -1 / distance, out=levels)
        put_in_order(levels)
        smooth = inputs.smooth.reshape(shape)
        levels = levels.reshape(len(levels), *smooth.shape)
        return Said(levels, mean.reshape(shape), smooth, distance.reshape(shape))

    def forecasts(self, classes: Ints) -> Forecast:
        """Return the forecasts of all series, of these classes."""
        shape = (self._recent.series, self._model.horizon)
        mean, quantiles = np.zeros(shape, np.float32), np.zeros((*shape, HEADS - 1), np.float32)
        for some in self.parts():
            made = self.forecast(some, classes[some])
            mean[some], quantiles[some] = made.mean, made.quantiles
        return Forecast(mean, quantiles)

    def forecast(self, some: slice | Ints, classes: Ints) -> Forecast:
        """Return the forecast of some series of these classes."""
        said = self.said(some)
        corrections = self._corrections[classes][:, buckets(self._model.horizon)]
        levels = said.levels + np.moveaxis(corrections, 2, 0)
        put_in_order(levels.reshape(HEADS - 1, -1))
        levels *= said.distance
        levels += 1
        np.maximum(levels, 0, out=levels)
        levels *= said.smooth
        few = self._whole[some][:, None] & (levels < _FEW)
        np.rint(levels, out=levels, where=few)
        return Forecast((said.mean * said.smooth).astype(np.float32), np.moveaxis(levels, 0, 2))


def looked_back(rhythm: Rhythm) -> int:
    """Return how many periods features look back: years, and at the level before them."""
    return YEARS_BACK[rhythm.step] * rhythm.year + 16 * rhythm.week


def network_outputs(networks: tuple[Predictor, ...], values: Floats) -> Floats:
    """Return the mean of what the networks say."""
    first, *others = networks
    standard = first.standardised(values)
    total = first.answers(standard)
    for one in others:
        alike = one.is_asked_like(first)
        total += one.answers(standard if alike else one.standardised(values))
    total /= len(networks)
    return total


def recent_classes(panel: Panel) -> Ints:
    """Return the class of demand of each series in the last year."""
    recent = panel.last(panel.rhythm.year)
    return demand_classes(recent.demand, recent.exposure)
