"""The network: a small perceptron with a head for each quantile and one for the mean.

It learns what demand is relative to the smooth part of the forecast. Quantile heads minimise the
pinball loss (Koenker and Bassett 1978), rounded off where the error is small; the mean head is the
logarithm of a Poisson mean. Adam (Kingma and Ba 2015) with decoupled decay of the weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from backend.forecasting.arrays import Floats
from backend.forecasting.rules import QUANTILES

Array = NDArray[Any]
"""float32; float64 where gradients are checked."""

HEADS: Final = len(QUANTILES) + 1
_LEVELS: Final = np.array(QUANTILES)
_ROUND: Final = 0.02
"""Errors smaller than this cost their square."""
_MOST_LOG: Final = 3.0
_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-8
_WIDEST: Final = 5.0
"""Inputs are cut off so many standard deviations from their mean."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What came of each row.

    `away` is how far that lies from where each quantile usually does, in usual distances [row,
    level]; `ratio` what came to what was expected; `distance` the usual distance to it.
    """

    away: Array
    ratio: Array
    weight: Array
    distance: Array

    def of(self, some: NDArray[np.int64]) -> "Answers":
        """Return those of some rows."""
        return Answers(self.away[some], self.ratio[some], self.weight[some], self.distance[some])


@dataclass(frozen=True, slots=True)
class Pace:
    """How training goes: passes over the rows, rows at once, the first and the last step size."""

    epochs: int
    batch: int
    rate: float
    last_rate: float
    decay: float = 1e-4


class Predictor(Protocol):
    """What says quantiles and a mean relative to the smooth part of a forecast."""

    def standardised(self, inputs: Array) -> Array:
        """Return inputs as `answers` takes them; the argument stays as it is."""
        ...

    def answers(self, standard: Array) -> Array:
        """Return by row how far quantiles lie from where they usually do, and the mean ratio."""
        ...

    def is_asked_like(self, other: "Predictor") -> bool:
        """Tell whether what one takes as `standard` is what the other does."""
        ...


class Network:
    """One perceptron; its parameters lie in one vector, which training changes in place."""

    def __init__(self, sizes: Sequence[int], parameters: Array, shift: Array, scale: Array) -> None:
        self.sizes = tuple(sizes)
        self.parameters = parameters
        self.shift, self.scale = shift, scale
        self.first = np.zeros_like(parameters)
        self.second = np.zeros_like(parameters)
        self.steps = 0

    @classmethod
    def new(cls, inputs: Floats, hidden: Sequence[int], rng: np.random.Generator) -> "Network":
        """Return an untrained network for such inputs: all is as usual to it."""
        sizes = (inputs.shape[1], *hidden, HEADS)
        parts: list[Array] = []
        for before, after in pairwise(sizes):
            spread = np.sqrt(2 / before) * (0.0 if after == HEADS else 1.0)
            parts += [(rng.standard_normal(before * after) * spread), np.zeros(after)]
        vector = np.concatenate(parts).astype(np.float32)
        spread = inputs.std(0)
        # What never varied says nothing, whatever it is one day.
        scale = np.where(spread > 0, spread + np.float32(1e-3), np.float32(np.inf))
        return cls(sizes, vector, inputs.mean(0), scale)

    def copy(self) -> "Network":
        """Return a network that learns on without changing this one."""
        made = Network(self.sizes, self.parameters.copy(), self.shift, self.scale)
        made.first, made.second, made.steps = self.first.copy(), self.second.copy(), self.steps
        return made

    def outputs(self, inputs: Array) -> Array:
        """Return what `answers` does of inputs as they are."""
        return self.answers(self.standardised(inputs))

    def answers(self, standard: Array) -> Array:
        """Return by row how far quantiles lie from where they usually do, and the mean ratio."""
        matrix, bias = self._layers(self.parameters)[-1]
        # Head by head in memory: neighbours are compared, not the heads of one row.
        heads = matrix.T @ self._hidden(standard)[-1].T
        heads += bias[:, None]
        mean = heads[-1]
        np.exp(np.clip(mean, -_MOST_LOG, _MOST_LOG, out=mean), out=mean)
        return heads.T

    def is_asked_like(self, other: Predictor) -> bool:
        """Tell whether both standardise inputs alike."""
        if not isinstance(other, Network):
            return False
        return np.array_equal(self.shift, other.shift) and np.array_equal(self.scale, other.scale)

    def learn(self, inputs: Floats, answers: Answers, pace: Pace, rng: np.random.Generator) -> None:
        """Go through the rows as the pace says, in an order the generator chooses."""
        standard = self.standardised(inputs)
        batches = -(-len(inputs) // pace.batch)
        for epoch in range(pace.epochs):
            order = rng.permutation(len(inputs))
            for n in range(batches):
                done = (epoch * batches + n) / (pace.epochs * batches)
                swing = 0.5 + 0.5 * np.cos(np.pi * done)
                rate = pace.last_rate + (pace.rate - pace.last_rate) * swing
                some = order[n * pace.batch : (n + 1) * pace.batch]
                _, slope = self.loss(standard[some], answers.of(some))
                self._step(slope, rate, pace.decay)

    def standardised(self, inputs: Array) -> Array:
        """Return inputs with mean nothing and spread one, cut off far out."""
        standard = inputs - self.shift
        standard /= self.scale
        return np.clip(standard, -_WIDEST, _WIDEST, out=standard)

    def loss(self, standard: Array, answers: Answers) -> tuple[float, Array]:
        """Return the mean loss over rows, and its gradient for the vector of parameters."""
        layers = self._forward(standard)
        value, slope = _loss(layers[-1], answers)
        gradient = np.empty_like(self.parameters)
        views = self._layers(gradient)
        for n, (matrix, _) in reversed(list(enumerate(self._layers(self.parameters)))):
            views[n][0][...] = layers[n].T @ slope
            views[n][1][...] = slope.sum(0)
            if n:
                slope = (slope @ matrix.T) * (layers[n] > 0)
        return value, gradient

    def _forward(self, standard: Array) -> list[Array]:
        layers = self._hidden(standard)
        matrix, bias = self._layers(self.parameters)[-1]
        layers.append(layers[-1] @ matrix + bias)
        return layers

    def _hidden(self, standard: Array) -> list[Array]:
        layers = [standard]
        for matrix, bias in self._layers(self.parameters)[:-1]:
            layer = layers[-1] @ matrix
            layer += bias
            layers.append(np.maximum(layer, 0, out=layer))
        return layers

    def _layers(self, vector: Array) -> list[tuple[Array, Array]]:
        """Return the matrices and biases that lie in a vector, as views of it."""
        views: list[tuple[Array, Array]] = []
        at = 0
        for before, after in pairwise(self.sizes):
            end = at + before * after
            views.append((vector[at:end].reshape(before, after), vector[end : end + after]))
            at = end + after
        return views

    def _step(self, slope: Array, rate: float, decay: float) -> None:
        self.steps += 1
        self.first += (1 - _FIRST) * (slope - self.first)
        self.second += (1 - _SECOND) * (slope * slope - self.second)
        mean = self.first / (1 - _FIRST**self.steps)
        size = np.sqrt(self.second / (1 - _SECOND**self.steps)) + _TINY
        self.parameters *= 1 - rate * decay
        self.parameters -= rate * mean / size


def put_in_order(levels: Array) -> None:
    """Sort along the first axis; most are sorted already, which is quick to see."""
    wrong = np.flatnonzero((levels[1:] < levels[:-1]).any(axis=0))
    levels[:, wrong] = np.sort(levels[:, wrong], axis=0)


def _loss(outputs: Array, answers: Answers) -> tuple[float, Array]:
    """Return the mean loss of raw outputs, and its gradient for them."""
    levels = _LEVELS.astype(outputs.dtype)
    error = answers.away - outputs[:, :-1]
    soft = np.clip(error / (2 * _ROUND), -0.5, 0.5)
    slope = np.empty_like(outputs)
    slope[:, :-1] = (0.5 - levels - soft) * answers.distance[:, None]
    # Inside |error| < ROUND this is a parabola, outside the pinball: both have this one form.
    value = (levels - 0.5 + soft) * error - _ROUND * (soft**2) + _ROUND / 4
    log = np.clip(outputs[:, -1], -_MOST_LOG, _MOST_LOG)
    mean = np.exp(log)
    inside = np.abs(outputs[:, -1]) < _MOST_LOG
    slope[:, -1] = (mean - answers.ratio) * inside
    lost = value.sum(1) * answers.distance + mean - answers.ratio * log
    slope *= answers.weight[:, None] / len(outputs)
    return float((lost * answers.weight).mean()), slope
