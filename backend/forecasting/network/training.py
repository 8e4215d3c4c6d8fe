"""Trains a model: rows drawn from the past, a smooth part, networks, and their correction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats
from backend.forecasting.demand.panel import Panel, begun, known_weeks
from backend.forecasting.demand.rhythm import Rhythm
from backend.forecasting.errors import TooLittleHistory
from backend.forecasting.network.conformal import Calibration, no_offsets, offsets_of
from backend.forecasting.network.features import Features
from backend.forecasting.network.history import History, history
from backend.forecasting.network.loglinear import fit_loglinear
from backend.forecasting.network.model import Model, recent_classes, said_of
from backend.forecasting.network.perceptron import Answers, Network, Pace, Predictor
from backend.forecasting.network.sampling import (
    LEAST_EXPOSURE,
    Drawn,
    Sample,
    Shape,
    cut_down,
    draw_pairs,
    observed,
    running,
    sample,
    surety,
)
from backend.forecasting.network.sizes import answers_of, sizes_of
from backend.forecasting.network.trees import grow
from backend.forecasting.rules import QUANTILES, demand_classes

LEAST_WEEKS: Final = 4
"""Of history, before the first origin a model learns from."""
HELD_WEEKS: Final = 8
"""How much is held out at least, where there is enough, to judge by."""
_MOST_SMOOTH_ROWS: Final = 60_000
CLEARLY: Final = 1.03
"""So many times the loss speaks against the season: eight weeks of one year say little."""
_LARGE: Final = 50_000
"""Periods of series with regular demand: of more a network can learn in more passes."""
_LEAST_FOR_TREES: Final = 1_000
"""Rows: from fewer, trees learn nothing that the smooth part does not know."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is spent on a model.

    `rows` are drawn at most, `steps` of them for each series and origin; `networks` of `hidden`
    units are averaged. `ridge` holds the smooth part back.
    """

    rows: int
    steps: int
    networks: int
    hidden: tuple[int, ...]
    pace: Pace
    ridge: float = 30.0

    def smaller(self) -> "Effort":
        """Return what is enough to judge a model by."""
        return replace(self, rows=self.rows // 2, networks=-(-self.networks // 2))


SMALL: Final = Effort(100_000, 4, 5, (32, 32), Pace(2, batch=512, rate=2e-3, last_rate=1e-5))
"""For short or lumpy histories: several networks, few passes."""
LARGE: Final = Effort(120_000, 4, 3, (32, 32), Pace(3, batch=512, rate=3e-3, last_rate=1e-5))
"""For long regular ones."""


Learner = Callable[[Floats, Answers, Effort, np.random.Generator], tuple[Predictor, ...]]
"""Learns from inputs what demand is relative to the smooth part, and to what is usual."""


def networks_of(
    inputs: Floats, answers: Answers, effort: Effort, rng: np.random.Generator
) -> tuple[Predictor, ...]:
    """Return networks that learned from these rows."""
    # Where nothing was ever sold there is nothing to learn, and the level is nothing anyway.
    seen = inputs if len(inputs) else np.zeros((1, inputs.shape[1]), np.float32)
    networks = tuple(Network.new(seen, effort.hidden, rng) for _ in range(effort.networks))
    for network in networks:
        network.learn(inputs, answers, effort.pace, rng)
    return networks


def trees_of(
    inputs: Floats, answers: Answers, effort: Effort, rng: np.random.Generator
) -> tuple[Predictor, ...]:
    """Return trees that learned from these rows; networks where they are too few."""
    if len(inputs) < _LEAST_FOR_TREES:
        return networks_of(inputs, answers, effort, rng)
    return (grow(inputs, answers, int(rng.integers(2**31))),)


def effort_for(panel: Panel) -> Effort:
    """Return how much to spend on such a panel."""
    classes = demand_classes(panel.demand, panel.exposure)
    regular = ((panel.exposure > 0).sum(1) * (classes == 0)).sum()
    return LARGE if regular > _LARGE else SMALL


@dataclass(frozen=True, slots=True)
class _Way:
    effort: Effort
    learner: Learner

    def smaller(self) -> "_Way":
        return _Way(self.effort.smaller(), self.learner)


def train(
    panel: Panel,
    shape: Shape,
    seed: int,
    effort: Effort | None = None,
    learner: Learner = networks_of,
) -> Model:
    """Return a model of everything that was observed.

    A smaller one that did not see the last weeks corrects its quantiles, and decides whether it
    looks at the season where the past is too short to be sure.

    Raises:
        TooLittleHistory: there are fewer than two weeks beside the four that come first.
    """
    way = _Way(effort or effort_for(panel), learner)
    check_history(panel.periods, panel.rhythm)
    panel = begun(panel)
    yearly, *others = _seasonal_choices(panel, shape.horizon)
    rehearsals = _rehearse(panel, shape, seed, way.smaller(), (yearly, *others))
    if not rehearsals:
        return _fitted(panel, shape, seed, way, yearly=yearly and not others)
    best = best_of(rehearsals)
    model = _fitted(panel, shape, seed, way, yearly=best.model.yearly)
    return replace(model, offsets=best.offsets)


def _seasonal_choices(panel: Panel, horizon: int) -> tuple[bool, ...]:
    """Return whether to look at the season: yes, no, or either."""
    rhythm = panel.rhythm
    # Where most began to sell later, the years before say little of the season.
    known = panel.periods % rhythm.week
    known += float(np.minimum(2 * known_weeks(panel), 1).sum()) * rhythm.week
    beyond = known - _first_origin(panel, horizon, yearly=True) - horizon
    if beyond < rhythm.year // 4:
        return (False,)
    return (True,) if beyond >= rhythm.year else (True, False)


@dataclass(frozen=True, slots=True, eq=False)
class Rehearsal:
    """A model that did not see the last weeks, and how it did there."""

    model: Model
    offsets: Doubles
    pinball: float


def best_of(rehearsals: Sequence[Rehearsal]) -> Rehearsal:
    """Return the one with the least loss; one without the season has to be clearly better."""
    return min(rehearsals, key=lambda one: one.pinball * (1 if one.model.yearly else CLEARLY))


def _rehearse(
    panel: Panel, shape: Shape, seed: int, way: _Way, choices: tuple[bool, ...]
) -> list[Rehearsal]:
    """Return a rehearsal for each choice; none where too little would be left to learn from."""
    week, horizon = panel.rhythm.week, shape.horizon
    times = -(-HELD_WEEKS * week // horizon)
    held = panel.periods - times * horizon
    if held < max(2 * horizon, (LEAST_WEEKS + HELD_WEEKS) * week):
        times, held = 1, panel.periods - horizon
    if held < max(2 * horizon, (LEAST_WEEKS + HELD_WEEKS) * week):
        return []
    known = panel.until(held, horizon)
    made: list[Rehearsal] = []
    for yearly in choices:
        model = _fitted(known, shape, seed, way, yearly=yearly)
        origins = [held + n * horizon for n in range(times)]
        seen = [_seen(model, panel, origin) for origin in origins]
        offsets = offsets_of([one.calibration for one in seen])
        made.append(Rehearsal(model, offsets, sum(one.pinball for one in seen)))
    return made


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    calibration: Calibration
    pinball: float


def _seen(model: Model, panel: Panel, origin: int) -> _Seen:
    """Return what a model says of the horizon after an origin, beside what came."""
    before, ahead = panel.until(origin, model.horizon), slice(origin, origin + model.horizon)
    said = said_of(model, before)
    smooth, quantiles = said.smooth, np.moveaxis(said.levels, 0, 2).astype(np.float64)
    each = np.diff(smooth, axis=1, prepend=0) if model.shape.is_total else smooth
    expected = running((each * panel.exposure[:, ahead]).reshape(-1), model.shape)
    actual = running(panel.demand[:, ahead].astype(np.float64).reshape(-1), model.shape)
    expected, actual = expected.reshape(smooth.shape), actual.reshape(smooth.shape)
    known = (expected >= LEAST_EXPOSURE * smooth) & (expected > 0)
    away = (actual / np.where(known, expected, 1) - 1) / said.distance
    calibration = Calibration(away, quantiles, smooth, known, recent_classes(before))
    missed = away[:, :, None] - quantiles
    levels = np.array(QUANTILES)
    lost = np.maximum(levels * missed, (levels - 1) * missed).mean(2) * smooth * said.distance
    return _Seen(calibration, float(lost[known].sum()))


def _fitted(panel: Panel, shape: Shape, seed: int, way: "_Way", *, yearly: bool) -> Model:
    rng, effort = np.random.default_rng(seed), way.effort
    past = history(panel, 0)
    first = _first_origin(panel, shape.horizon, yearly=yearly)
    features = Features(past, shape.horizon, yearly=yearly)
    drawn = _drawn(past, features, shape, effort, first, rng)
    cells = int((panel.exposure[:, first:] > 0).sum())
    coefficients = _smooth_part(drawn, cells, features.usual(drawn.rows), effort.ridge, rng)
    rows = sample(coefficients, drawn, shape)
    sizes = sizes_of(rows, panel.series)
    networks = way.learner(rows.values, answers_of(rows, sizes), effort, rng)
    return Model(
        step=panel.step,
        shape=shape,
        yearly=yearly,
        coefficients=coefficients,
        sizes=sizes,
        uplift=float(np.median(past.uplift)) if panel.series else 1.0,
        networks=networks,
        offsets=no_offsets(),
        seed=seed,
        first_seen=panel.start,
        trained_through=panel.through,
    )


def draw_sample(model: Model, panel: Panel, rows: int, rng: np.random.Generator) -> Sample:
    """Return rows of all the past, as a trained model sees them."""
    panel = begun(panel)
    past = history(panel, 0, model.uplift)
    features = Features(past, model.horizon, yearly=model.yearly)
    first = _first_origin(panel, model.horizon, yearly=model.yearly)
    effort = replace(SMALL, rows=rows)
    drawn = _drawn(past, features, model.shape, effort, first, rng)
    return sample(model.coefficients, drawn, model.shape)


def _drawn(
    past: History,
    features: Features,
    shape: Shape,
    effort: Effort,
    first: int,
    rng: np.random.Generator,
) -> Drawn:
    """Draw rows from the first origin on; fewer origins with more steps where there are few."""
    panel, horizon = past.panel, shape.horizon
    steps_each = horizon if shape.is_total else effort.steps
    count = max(1, effort.rows // steps_each)
    pairs = draw_pairs(panel, np.arange(first, panel.periods), count, rng)
    if shape.is_total:
        steps = np.tile(np.arange(horizon), (len(pairs.series), 1))
    else:
        count = min(horizon, max(steps_each, effort.rows // max(len(pairs.series), 1)))
        steps = rng.random((len(pairs.series), horizon)).argsort(axis=1)[:, :count]
    return observed(past, features, pairs, steps)


def _smooth_part(
    drawn: Drawn, cells: int, usual: Doubles, ridge: float, rng: np.random.Generator
) -> Doubles:
    """Fit the smooth part to rows that were drawn from so many periods of series.

    Where they are few a period is drawn many times: it still says no more than once.
    """
    kept = drawn.of(rng.permutation(drawn.usable)[:_MOST_SMOOTH_ROWS])
    if not len(kept.wanted):
        return np.zeros(drawn.rows.values.shape[1] + 1)
    ratio = kept.wanted / (kept.exposed * kept.rows.level * kept.rows.factor)
    weight = kept.exposed * surety(kept.rows.level) * kept.stands_for
    repeated = max(1.0, len(ratio) / max(cells, 1))
    return fit_loglinear(
        kept.rows.values, cut_down(ratio), weight / weight.mean(), ridge * repeated, usual
    )


def check_history(periods: int, rhythm: Rhythm) -> None:
    """Refuse what nothing can be learned from.

    Raises:
        TooLittleHistory: there are too few periods.
    """
    if periods < least_periods(rhythm):
        raise TooLittleHistory(
            f"{periods} periods are too few: at least {least_periods(rhythm)} are needed",
            field=["date"],
            value=periods,
        )


def least_periods(rhythm: Rhythm) -> int:
    """Return how many periods there must be to learn from."""
    return (LEAST_WEEKS + 2) * rhythm.week


def _first_origin(panel: Panel, horizon: int, *, yearly: bool) -> int:
    """Return the first origin to learn from: where the season matters, one with a year behind."""
    week = panel.rhythm.week
    if yearly:
        return panel.rhythm.year + 13 * week
    return max(LEAST_WEEKS * week, min(12 * week, (panel.periods - horizon) // 3))
