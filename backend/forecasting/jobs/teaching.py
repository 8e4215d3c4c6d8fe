"""The task of a training: models are trained, all that could forecast are judged. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from backend.forecasting.errors import InvalidModel, TooLittleHistory
from backend.forecasting.insight.levels import DAYS, correlation_at, learned
from backend.forecasting.jobs.tasks import Tell, Trained, Training, pack
from backend.forecasting.judging.accuracy import Accuracy, accuracy, errors_of
from backend.forecasting.judging.backtesting import (
    FORECASTERS,
    LIGHTGBM,
    NETWORK,
    SEASONAL_NAIVE,
    WEEKDAY_MEAN,
    Judged,
    Rolling,
    backtest,
    forecasters,
)
from backend.forecasting.judging.contest import Champion, Decision, decide
from backend.forecasting.judging.promotion import Verdict
from backend.forecasting.network.learning import fill_reservoir
from backend.forecasting.network.model import Forecast, cut, forecast
from backend.forecasting.network.model_files import StoredModel, from_bytes, to_bytes
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import least_periods, train, trees_of
from backend.forecasting.rules import SIMPLE, ModelFamily

_ROLLINGS: Final = ((28, 3), (28, 1), (14, 1), (7, 1))
"""Horizon and origins that models are judged on: the first that the past is long enough for."""
RESERVOIR: Final = 20_000
"""Rows of the past that a model carries along to learn on from."""
FAMILIES: Final = {
    NETWORK: ModelFamily.NETWORK,
    LIGHTGBM: ModelFamily.LIGHTGBM,
    SEASONAL_NAIVE: ModelFamily.SEASONAL_NAIVE,
    WEEKDAY_MEAN: ModelFamily.WEEKDAY_MEAN,
}
"""What is judged, by its name there: of equals the first is preferred."""


def training(task: Training, tell: Tell) -> Trained:
    """Train the models, and judge who should forecast."""
    test = _judged(task, tell)
    decision, measures = _nothing_known(task), {}
    if test is not None:
        rolling, judged = test
        decision = _decided(task, rolling, judged)
        measures = {name: _measures(task, rolling, one) for name, one in judged.items()}
    made = {ModelFamily.NETWORK: train(task.panel, Shape(task.horizon), task.seed)}
    tell(0.7, "training totals")
    totals = train(task.panel, Shape(task.horizon, is_total=True), task.seed)
    if decision.winner is ModelFamily.LIGHTGBM:
        tell(0.8, "growing trees")
        shape = Shape(task.horizon)
        made[decision.winner] = train(task.panel, shape, task.seed, learner=trees_of)
    tell(0.95, "keeping what it learned from")
    reservoir = fill_reservoir(made[ModelFamily.NETWORK], task.panel, RESERVOIR)
    return Trained(
        learned={name: to_bytes(StoredModel(model)) for name, model in made.items()},
        totals=to_bytes(StoredModel(totals)),
        reservoir=pack(reservoir),
        winner=decision.winner,
        verdicts=decision.verdicts,
        measures=measures,
    )


def _nothing_known(task: Training) -> Decision:
    """Return what becomes of models that cannot be judged: the mean forecasts, if nobody does."""
    winner = ModelFamily.WEEKDAY_MEAN if task.champion is None else None
    return Decision(winner, {ModelFamily.NETWORK: Verdict.TOO_LITTLE_HISTORY})


def _judged(task: Training, tell: Tell) -> tuple[Rolling, dict[ModelFamily, Judged]] | None:
    """Return how each did on the longest test the past allows; None: it allows none."""
    known = int((task.panel.exposure > 0).any(axis=0).sum())
    entered = forecasters() if task.with_trees else FORECASTERS
    for horizon, origins in ((task.horizon, 3), *_ROLLINGS):
        rolling = Rolling(min(horizon, task.horizon), origins)
        if known < least_periods(task.panel.rhythm) + rolling.horizon * origins:
            continue
        done = iter(range(1, 100))
        most = origins * len(entered)

        def told(name: str, done: Any = done, most: int = most) -> None:
            tell(0.6 * min(next(done) / most, 1), f"judging {name.replace('_', ' ')}")

        try:
            found = backtest(task.panel, rolling, entered, task.seed, told)
        except TooLittleHistory:
            continue
        return rolling, {one: found[name] for name, one in FAMILIES.items() if name in found}
    return None


def _decided(task: Training, rolling: Rolling, judged: Mapping[ModelFamily, Judged]) -> Decision:
    """Decide who forecasts; champion and challenger are compared over the days both can forecast.

    The champion is asked as it was at the last origin, so that neither saw what came.
    """
    origin = rolling.of(task.panel)[-1]
    said = _champion_said(task, origin)
    days = rolling.horizon if said is None else min(rolling.horizon, said.mean.shape[1])

    def missed(one: Forecast) -> Accuracy:
        known, ahead = task.panel.until(origin, days), slice(origin, origin + days)
        scored = task.panel.exposure[:, ahead] > 0
        return accuracy([errors_of(known, task.panel.demand[:, ahead], scored, cut(one, days))])

    champion = None
    if task.champion is not None:
        champion = Champion(task.champion, None if said is None else missed(said))
    return decide(
        {name: one.accuracy for name, one in judged.items()},
        {name: missed(one.forecasts[-1]) for name, one in judged.items()},
        champion,
    )


def _champion_said(task: Training, origin: int) -> Forecast | None:
    """Return what the champion would have said at an origin; None: nobody can tell."""
    unseen = [content for periods, content in task.checkpoints if periods <= origin]
    if not unseen or task.champion is None or task.champion in SIMPLE:
        return None
    try:
        model = from_bytes(unseen[-1]).model
        return forecast(model, task.panel.until(origin, model.horizon))
    except InvalidModel:
        # Of another version of ours, or trees that are not installed any more.
        return None


def _measures(task: Training, rolling: Rolling, judged: Judged) -> dict[str, Any]:
    about = {"horizon": rolling.horizon, "origins": rolling.origins}
    return asdict(judged.accuracy) | about | _correlations(task, rolling, judged)


def _correlations(task: Training, rolling: Rolling, judged: Judged) -> dict[str, Any]:
    """Return how far what was missed goes together, at all levels of sums."""
    found = learned(task.keys, task.panel, rolling.of(task.panel), judged.forecasts)
    return {
        "correlations": found,
        "correlation": correlation_at({"correlations": found}, (), DAYS),
    }
