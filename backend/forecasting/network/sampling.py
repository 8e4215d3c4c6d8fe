"""Rows to learn from: what was known at an origin, and what came of it."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats, Ints
from backend.forecasting.demand.panel import Panel
from backend.forecasting.network.features import Features, Rows
from backend.forecasting.network.history import History
from backend.forecasting.network.loglinear import loglinear

LEAST_EXPOSURE: Final = 0.25
"""A period in which less than this share could be bought says too little."""
_MOST: Final = 0.999
"""What is larger than all but a thousandth of what was sold is cut down to that."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a model forecasts: each period ahead, or the total from the first one to it."""

    horizon: int
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the network is asked, and what it is relative to: the smooth part in units."""

    values: Floats
    smooth: Doubles


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Rows with what was wanted in their periods, and how far it could be bought there.

    `stands_for` is how many rows of its series each makes up for.
    """

    rows: Rows
    wanted: Doubles
    exposed: Doubles
    stands_for: Doubles

    @property
    def usable(self) -> Ints:
        """The rows that say something."""
        rows = self.rows
        return np.flatnonzero(
            (self.exposed >= LEAST_EXPOSURE) & (rows.level > 0) & (rows.factor > 0)
        )

    def of(self, some: Ints) -> "Drawn":
        """Return some of the rows."""
        rows = Rows(self.rows.values[some], self.rows.level[some], self.rows.factor[some])
        return Drawn(rows, self.wanted[some], self.exposed[some], self.stands_for[some])


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What a network learns: inputs, the answer relative to what was expected, and its weight.

    `size` is what the smooth part expects, in units.
    """

    values: Floats
    target: Floats
    weight: Floats
    size: Floats

    def arrays(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Return what it is made of, in order."""
        return self.values, self.target, self.weight, self.size

    def of(self, some: Ints) -> "Sample":
        """Return some of the rows."""
        return Sample(*(one[some] for one in self.arrays()))

    def with_rows(self, other: "Sample") -> "Sample":
        """Return the rows of both."""
        pairs = zip(self.arrays(), other.arrays(), strict=True)
        return Sample(*map(np.concatenate, pairs))


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Series and origins to learn from; `stands_for` makes up for how often a series is drawn."""

    series: Ints
    origins: Ints
    stands_for: Doubles


def draw_pairs(panel: Panel, origins: Ints, most: int, rng: np.random.Generator) -> Pairs:
    """Return pairs of any series and one of these origins: all if they are few, else by chance."""
    if panel.series * len(origins) > most:
        series, stands_for = draw_series(panel, most, rng)
        return Pairs(series, rng.choice(origins, most), stands_for)
    everything = np.repeat(np.arange(panel.series), len(origins))
    return Pairs(everything, np.tile(origins, panel.series), np.ones(len(everything)))


def draw_series(panel: Panel, count: int, rng: np.random.Generator) -> tuple[Ints, Doubles]:
    """Return so many series drawn by chance, and what each draw stands for.

    Half are drawn from all alike, half from each as much as it tells (`surety`): among thousands
    that hardly ever sell, the few that matter would else be seen a handful of times, with a great
    weight each. What is drawn alike bounds the weights (Hesterberg 1995).
    """
    exposed = np.maximum(panel.exposure.sum(1, dtype=np.float64), 1.0)
    told = surety(panel.demand.sum(1, dtype=np.float64) / exposed)
    odds = 0.5 + 0.5 * told / told.mean() if told.any() else np.ones(panel.series)
    ends = np.cumsum(odds)
    series = np.searchsorted(ends, rng.random(count) * ends[-1], side="right")
    return series, 1 / odds[series]


def observed(past: History, features: Features, pairs: Pairs, steps: Ints) -> Drawn:
    """Return the rows of these pairs and steps; what lies beyond the last period is not exposed."""
    series, origins = pairs.series, pairs.origins
    period = origins[:, None] + steps
    inside = (period < past.panel.periods).reshape(-1)
    found = features.rows(series, origins, np.where(period < past.panel.periods, steps, 0))
    # Whoever learns draws rows, not columns.
    rows = replace(found, values=np.ascontiguousarray(found.values))
    who = np.repeat(series, steps.shape[1])
    when = np.minimum(period.reshape(-1), past.panel.periods - 1)
    wanted = past.panel.demand[who, when].astype(np.float64)
    exposed = past.panel.exposure[who, when] * inside
    return Drawn(
        rows, wanted, exposed.astype(np.float64), np.repeat(pairs.stands_for, steps.shape[1])
    )


def as_inputs(coefficients: Doubles, rows: Rows, shape: Shape) -> Inputs:
    """Return what networks are asked; the rows of a total are those of all steps in order."""
    smooth = rows.level * rows.factor * loglinear(coefficients, rows.values)
    if not shape.is_total:
        return Inputs(rows.values, smooth)
    count = np.arange(1, shape.horizon + 1)
    values = rows.values.reshape(-1, shape.horizon, rows.values.shape[1])
    values = np.cumsum(values, axis=1) / count[:, None]
    values[:, :, -1] = count / shape.horizon
    flat = values.reshape(rows.values.shape).astype(np.float32)
    return Inputs(flat, running(smooth, shape))


def running(values: Doubles, shape: Shape) -> Doubles:
    """Return the sums from the first step to each, where the shape is a total."""
    if not shape.is_total:
        return values
    return np.cumsum(values.reshape(-1, shape.horizon), axis=1).reshape(-1)


def sample(coefficients: Doubles, drawn: Drawn, shape: Shape) -> Sample:
    """Return what a network learns from these rows."""
    kept = drawn if shape.is_total else drawn.of(drawn.usable)
    inputs = as_inputs(coefficients, kept.rows, shape)
    single = as_inputs(coefficients, kept.rows, Shape(shape.horizon)).smooth
    expected = running(single * kept.exposed, shape)
    share = expected / np.where(inputs.smooth > 0, inputs.smooth, 1)
    good = np.flatnonzero(share >= LEAST_EXPOSURE)
    target = running(kept.wanted, shape)[good] / expected[good]
    weight = share[good] * surety(kept.rows.level[good]) * kept.stands_for[good]
    if len(good):
        target = cut_down(target)
        weight /= weight.mean()
    answers = (one.astype(np.float32) for one in (target, weight, inputs.smooth[good]))
    return Sample(inputs.values[good], *answers)


def surety(level: Doubles) -> Doubles:
    """Return how much what was sold beside such a level tells.

    The root keeps what sells much from telling everything; below one unit it is the level itself,
    so that one sale of what hardly ever sells is not a thousand times as much as expected.
    """
    return np.minimum(level, np.sqrt(level))


def cut_down(ratio: Doubles) -> Doubles:
    """Return ratios of what was sold to what was expected without the few that lie far out."""
    sold = ratio[ratio > 0]
    return np.minimum(ratio, np.quantile(sold, _MOST)) if len(sold) else ratio
