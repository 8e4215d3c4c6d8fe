"""Rows to learn from: what was known at an origin, and what came of it."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats, Ints
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
    """Rows with what was wanted in their periods, and how far it could be bought there."""

    rows: Rows
    wanted: Doubles
    exposed: Doubles

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
        return Drawn(rows, self.wanted[some], self.exposed[some])


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What a network learns: inputs, the answer relative to the smooth part, and its weight."""

    values: Floats
    target: Floats
    weight: Floats

    def of(self, some: Ints) -> "Sample":
        """Return some of the rows."""
        return Sample(self.values[some], self.target[some], self.weight[some])

    def with_rows(self, other: "Sample") -> "Sample":
        """Return the rows of both."""
        return Sample(
            np.concatenate([self.values, other.values]),
            np.concatenate([self.target, other.target]),
            np.concatenate([self.weight, other.weight]),
        )


def draw_pairs(
    series: int, origins: tuple[int, int], most: int, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Return series and origins in `range(*origins)`: all where they are few, else by chance."""
    begin, end = origins
    if series * (end - begin) <= most:
        return np.repeat(np.arange(series), end - begin), np.tile(np.arange(begin, end), series)
    return rng.integers(0, series, most), rng.integers(begin, end, most)


def observed(past: History, features: Features, series: Ints, origins: Ints, steps: Ints) -> Drawn:
    """Return the rows of these pairs and steps; what lies beyond the last period is not exposed."""
    period = origins[:, None] + steps
    inside = (period < past.panel.periods).reshape(-1)
    found = features.rows(series, origins, np.where(period < past.panel.periods, steps, 0))
    # Whoever learns draws rows, not columns.
    rows = replace(found, values=np.ascontiguousarray(found.values))
    who = np.repeat(series, steps.shape[1])
    when = np.minimum(period.reshape(-1), past.panel.periods - 1)
    wanted = past.panel.demand[who, when].astype(np.float64)
    exposed = past.panel.exposure[who, when] * inside
    return Drawn(rows, wanted, exposed.astype(np.float64))


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
    weight = share[good] * surety(kept.rows.level[good])
    if len(good):
        target = cut_down(target)
        weight /= weight.mean()
    return Sample(inputs.values[good], target.astype(np.float32), weight.astype(np.float32))


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
