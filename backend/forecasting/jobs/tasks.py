"""What is computed for a run, apart from the database: it runs in a process of its own. Pure."""

import io
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np

from backend.forecasting.arrays import Floats, Ints
from backend.forecasting.demand.panel import Panel
from backend.forecasting.errors import TooLittleHistory
from backend.forecasting.insight.levels import DAYS, ForecastLevel, Keys, correlation_at, learned
from backend.forecasting.insight.rehearsal import rehearse
from backend.forecasting.judging.accuracy import Accuracy, accuracy, errors_of
from backend.forecasting.judging.backtesting import (
    FORECASTERS,
    NETWORK,
    SEASONAL_NAIVE,
    WEEKDAY_MEAN,
    Judged,
    Rolling,
    backtest,
)
from backend.forecasting.judging.baselines import seasonal_naive, weekday_mean
from backend.forecasting.judging.promotion import Verdict, judge
from backend.forecasting.network.learning import fill_reservoir, learn_today
from backend.forecasting.network.model import Forecast, Model, forecast, recent_classes
from backend.forecasting.network.model_files import StoredModel, from_bytes, to_bytes
from backend.forecasting.network.sampling import Sample, Shape
from backend.forecasting.network.training import least_periods, train

Tell = Callable[[float, str], None]
"""Hears how much is done, 0 to 1, and what is being done."""
_ROLLINGS: Final = ((28, 3), (28, 1), (14, 1), (7, 1))
"""Horizon and origins that models are judged on: the first that the past is long enough for."""
RESERVOIR: Final = 20_000
"""Rows of the past that a model carries along to learn on from."""
WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Training:
    """All the past, and who forecasts now: its name None where it is no network.

    `checkpoints` are versions of the champion by the number of periods they had learned; `keys`
    what series are added up by.
    """

    panel: Panel
    horizon: int
    seed: int
    checkpoints: tuple[tuple[int, bytes], ...] = ()
    keys: Keys = field(default_factory=dict[ForecastLevel, Ints])


@dataclass(frozen=True, slots=True)
class Trained:
    """Two models as bytes, what they were judged by, and what becomes of them."""

    periods: bytes
    totals: bytes
    reservoir: bytes
    verdict: Verdict
    metrics: dict[str, Any]
    baselines: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Updating:
    """The last year and more, `closed` periods of which have ended, and the models that forecast.

    `periods` None: the mean of equal weekdays does. Days from `learned` on are learned, the last,
    partial one for this time only; after each day from `said` on the week that follows is forecast
    for the record, with the `predecessor` too.
    """

    panel: Panel
    horizon: int
    closed: int
    learned: int
    said: int
    seed: int
    periods: bytes | None = None
    totals: bytes | None = None
    reservoir: bytes | None = None
    predecessor: bytes | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """What was said after `origin` periods of the seven that follow, by who said it."""

    origin: int
    said: dict[str, tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Updated:
    """The forecasts, and the models behind them: after the last day that ended, and now.

    None: nothing was learned. `weeks` are those after each day that ended since.
    """

    days: Forecast
    totals: Forecast
    classes: Ints
    base: bytes | None
    reservoir: bytes | None
    now: bytes | None
    weeks: tuple[Week, ...]


CHAMPION: Final = "champion"
PREDECESSOR: Final = "predecessor"


def training(task: Training, tell: Tell) -> Trained:
    """Train both models, and judge whether they should forecast."""
    judged = _judged(task, tell)
    tell(0.6, "training")
    periods = train(task.panel, Shape(task.horizon), task.seed)
    tell(0.8, "training totals")
    totals = train(task.panel, Shape(task.horizon, is_total=True), task.seed)
    tell(0.95, "keeping what it learned from")
    reservoir = pack(fill_reservoir(periods, task.panel, RESERVOIR))
    if judged is None:
        return Trained(
            to_bytes(StoredModel(periods)), to_bytes(StoredModel(totals)), reservoir,
            Verdict.TOO_LITTLE_HISTORY, {}, {},
        )  # fmt: skip
    rolling, found = judged
    own = found[NETWORK].accuracy
    verdict = judge(own, found[WEEKDAY_MEAN].accuracy, None)
    if verdict is Verdict.PROMOTED:
        verdict = _beside_champion(task, rolling, found[NETWORK])
    about = {"horizon": rolling.horizon, "origins": rolling.origins}
    return Trained(
        periods=to_bytes(StoredModel(periods, own)),
        totals=to_bytes(StoredModel(totals)),
        reservoir=reservoir,
        verdict=verdict,
        metrics=asdict(own) | about | _correlations(task, rolling, found[NETWORK]),
        baselines={
            WEEKDAY_MEAN: asdict(found[WEEKDAY_MEAN].accuracy)
            | about
            | _correlations(task, rolling, found[WEEKDAY_MEAN]),
            SEASONAL_NAIVE: asdict(found[SEASONAL_NAIVE].accuracy) | about,
        },
    )


def _judged(task: Training, tell: Tell) -> tuple[Rolling, dict[str, Judged]] | None:
    """Return how each did on the longest test the past allows; None: it allows none."""
    known = int((task.panel.exposure > 0).any(axis=0).sum())
    for horizon, origins in _ROLLINGS:
        rolling = Rolling(min(horizon, task.horizon), origins)
        if known < least_periods(task.panel.rhythm) + rolling.horizon * origins:
            continue
        done = iter(range(1, 100))

        def told(name: str, origins: int = origins, done: Any = done) -> None:
            tell(0.6 * min(next(done) / (3 * origins), 1), f"judging {name.replace('_', ' ')}")

        try:
            return rolling, backtest(task.panel, rolling, FORECASTERS, task.seed, told)
        except TooLittleHistory:
            continue
    return None


def _beside_champion(task: Training, rolling: Rolling, challenger: Judged) -> Verdict:
    """Compare with the champion as it was at the last origin, so that neither saw what came."""
    origin = rolling.of(task.panel)[-1]
    unseen = [content for periods, content in task.checkpoints if periods <= origin]
    if not unseen:
        return Verdict.PROMOTED
    model = from_bytes(unseen[-1]).model
    known, ahead = task.panel.until(origin, model.horizon), slice(origin, origin + rolling.horizon)
    said = cut(forecast(model, known), rolling.horizon)
    scored = task.panel.exposure[:, ahead] > 0
    champion = accuracy([errors_of(known, task.panel.demand[:, ahead], scored, said)])
    own = accuracy([challenger.errors[-1]])
    never = Accuracy(None, None, None, None, None, None)
    return judge(own, never, champion)


def _correlations(task: Training, rolling: Rolling, judged: Judged) -> dict[str, Any]:
    """Return how far what was missed goes together, at all levels of sums."""
    found = learned(task.keys, task.panel, rolling.of(task.panel), judged.forecasts)
    return {
        "correlations": found,
        "correlation": correlation_at({"correlations": found}, (), DAYS),
    }


def updating(task: Updating, tell: Tell) -> Updated:
    """Learn the days that ended, then what there is of today; forecast what follows."""
    if task.periods is None:
        return _by_weekday_mean(task)
    rng = np.random.default_rng(task.seed)
    base = from_bytes(task.periods).model
    reservoir = None if task.reservoir is None else unpack(task.reservoir)
    before = None if task.predecessor is None else from_bytes(task.predecessor).model
    learns = reservoir is not None and len(reservoir.target) > 0
    weeks: list[Week] = []
    first = min(task.learned, task.said)
    for end in range(first + 1, task.closed + 1):
        known = task.panel.until(end, task.horizon)
        if end > task.learned and learns and reservoir is not None:
            base = learn_today(base, known, reservoir, rng)
        if end > task.said:
            weeks.append(_week(known, base, before))
        tell(0.5 * (end - first) / (task.closed - first), "learning days")
    now = base
    if learns and reservoir is not None and task.panel.periods > task.closed:
        now = learn_today(base, task.panel, unpack(pack(reservoir)), rng)
    tell(0.6, "forecasting")
    days = forecast(now, task.panel)
    totals = (
        added_up(days) if task.totals is None
        else forecast(from_bytes(task.totals).model, task.panel)
    )  # fmt: skip
    has_learned = learns and task.learned < task.closed
    return Updated(
        days=days,
        totals=totals,
        classes=recent_classes(task.panel),
        base=to_bytes(StoredModel(base)) if has_learned else None,
        reservoir=pack(reservoir) if has_learned and reservoir is not None else None,
        now=None if now is base else to_bytes(StoredModel(now)),
        weeks=tuple(weeks),
    )


def _by_weekday_mean(task: Updating) -> Updated:
    weeks = [
        _week(task.panel.until(end, task.horizon), None, None)
        for end in range(task.said + 1, task.closed + 1)
    ]
    days = weekday_mean(task.panel, task.horizon)
    classes = recent_classes(task.panel)
    return Updated(days, added_up(days), classes, None, None, None, tuple(weeks))


def _week(known: Panel, model: Model | None, before: Model | None) -> Week:
    mean = weekday_mean(known, WEEK)
    said = {WEEKDAY_MEAN: mean, SEASONAL_NAIVE: seasonal_naive(known, WEEK)}
    said[CHAMPION] = mean if model is None else cut(forecast(model, known), WEEK)
    if before is not None:
        said[PREDECESSOR] = cut(forecast(before, known), WEEK)
    return Week(known.periods, {name: (one.mean, one.quantiles) for name, one in said.items()})


def cut(found: Forecast, horizon: int) -> Forecast:
    """Return the first days of a forecast."""
    return Forecast(found.mean[:, :horizon], found.quantiles[:, :horizon])


def added_up(days: Forecast) -> Forecast:
    """Return totals where nothing forecasts them: days that err each by itself."""
    mean = np.cumsum(days.mean, axis=1)
    apart = np.cumsum((days.quantiles - days.mean[:, :, None]) ** 2, axis=1)
    sign = np.sign(days.quantiles - days.mean[:, :, None])
    wide = np.maximum(mean[:, :, None] + sign * np.sqrt(apart), 0)
    return Forecast(mean, np.sort(wide, axis=2).astype(np.float32))


def pack(rows: Sample) -> bytes:
    """Return rows as bytes."""
    memory = io.BytesIO()
    np.savez_compressed(
        memory, values=rows.values.astype(np.float16), target=rows.target, weight=rows.weight
    )
    return memory.getvalue()


def unpack(content: bytes) -> Sample:
    """Return the rows that were packed."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        values, target, weight = (arrays[name] for name in ("values", "target", "weight"))
    return Sample(values.astype(np.float32), target.copy(), weight.copy())


TASKS: Final[dict[str, Callable[[Any, Tell], Any]]] = {
    "training": training,
    "updating": updating,
    "rehearsing": rehearse,
}
"""What the process can be asked for, by name."""
