"""How good forecasts are and what they cost, beside what others forecast with."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from backend.forecasting.demand.panel import Panel
from backend.forecasting.judging.accuracy import Accuracy, accuracy, errors_of
from backend.forecasting.judging.backtesting import FORECASTERS, NETWORK, Judged, Rolling, backtest
from backend.forecasting.judging.baselines import weekday_mean
from backend.forecasting.network.learning import fill_reservoir, learn_today
from backend.forecasting.network.model import Forecast, Model, forecast, looked_back
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import train
from backend.forecasting.rules import MEDIAN
from backend.forecasting.scale.executors import Here, LocalProcesses
from backend.forecasting.scale.parts import by_location, forecast_parts
from backend.replenishment.rules import fixed_reorder_points, reorder_points
from backend.replenishment.simulation import Outcome, simulate
from backend.replenishment.suggesting import Policy
from benchmarks.forecasting import data, memory
from benchmarks.forecasting.groups import bands_of_sums, groups_of
from benchmarks.forecasting.plot import Curve, draw
from benchmarks.forecasting.rivals import rivals
from benchmarks.results import Figure, Result, at_least, at_most

ROLLING: Final = Rolling(horizon=28, origins=3)
SHAPE: Final = Shape(28)
RIVAL_SERIES: Final = int(os.environ.get("SHELFCAST_BENCH_SERIES", "50"))
MEMORY_SERIES: Final = int(os.environ.get("SHELFCAST_BENCH_MEMORY", "0"))
"""Series forecast to see how much memory that takes; 0: it is not measured."""
Made = TypeVar("Made")
YEAR: Final = 364
LEAD_TIME: Final = 7
SERVICE: Final = 0.95
DEVIATIONS: Final = 1.645
IMAGES: Final = Path(__file__).parents[1] / "docs" / "images"


async def run() -> Result:
    """Judge all models, then time, learn a year, change the world, and order goods."""
    with threadpool_limits(1):
        panel = data.store_item()
        figures = [
            *_store_item(panel),
            *_beside(panel),
            *_costs(panel),
            *_a_year(panel),
            *_change(panel),
            *_replenishment(panel),
            *_online_retail(data.online_retail()),
            *_memory(),
        ]
    notes = [
        f"rivals: {RIVAL_SERIES} series drawn by chance, on which the network is judged again",
        "one thread; training, update and prediction in seconds of the processor",
    ]
    return Result("forecasting", figures, notes)


def _store_item(panel: Panel) -> list[Figure]:
    judged = backtest(panel, ROLLING)
    found = judged[NETWORK].accuracy
    figures = [
        at_most("store-item: WAPE", _percent(found.wape), "%", 10.9),
        at_most("store-item: MASE", found.mase or 0, "", 0.712),
        at_least("store-item: coverage of the 90 % band", _percent(found.coverage90), "%", 88),
        at_most("the same, at most", _percent(found.coverage90), "%", 92),
    ]
    others = [name for name in judged if name != NETWORK]
    figures += [_wape(f"store-item: WAPE of {name}", judged[name]) for name in others]
    groups = groups_of(panel)
    return figures + bands_of_sums("store-item", panel, ROLLING, judged[NETWORK], groups)


def _wape(what: str, judged: Judged) -> Figure:
    return Figure(what, _percent(judged.accuracy.wape), "%")


def _percent(share: float | None) -> float:
    return 100 * (share or 0)


def _beside(panel: Panel) -> list[Figure]:
    """Judge the packages of others, which take minutes for few series."""
    chosen = np.random.default_rng(0).permutation(panel.series)[:RIVAL_SERIES]
    everything = backtest(panel, ROLLING, {NETWORK: FORECASTERS[NETWORK]})[NETWORK]
    mask = np.isin(np.arange(panel.series), chosen)
    ours = accuracy([one.of(mask) for one in everything.errors])
    figures = [Figure(f"{RIVAL_SERIES} of them: WAPE of the network", _percent(ours.wape), "%")]
    for name, forecaster in rivals().items():
        is_global = name.startswith("LightGBM")
        some = panel if is_global else panel.of(np.sort(chosen))
        judged = backtest(some, ROLLING, {name: forecaster})[name]
        kept = [one.of(mask) if is_global else one for one in judged.errors]
        seconds = judged.fit_seconds + judged.predict_seconds
        figures.append(Figure(f"the same of {name}", _percent(accuracy(kept).wape), "%"))
        figures.append(Figure(f"{name}: {some.series} series, one origin", seconds, "s"))
    return figures


def _costs(panel: Panel) -> list[Figure]:
    known = panel.until(panel.periods - 1)
    seconds, model = _timed(lambda: train(known, SHAPE, 0))
    reservoir, rng = fill_reservoir(model, known), np.random.default_rng(0)
    learn_today(model, panel, reservoir, rng)
    update = min(_timed(lambda: learn_today(model, panel, reservoir, rng))[0] for _ in range(10))
    many = panel.of(np.tile(np.arange(panel.series), 10))
    asked = min(_timed(lambda: forecast(model, many))[0] for _ in range(3))
    return [
        at_most("training on 500 series, all in all", seconds, "s CPU", 3),
        at_most("learning one more day", update * 1e3, "ms CPU", 50),
        at_least("prediction, 28 days", many.series / asked, "series/s CPU", 10_000),
        *_in_parts(model, panel),
    ]


def _in_parts(model: Model, panel: Panel) -> list[Figure]:
    """Ask about forty times the shops, part by part, here and in two processes."""
    recent = panel.last(looked_back(panel.rhythm))
    shops = np.repeat(np.arange(400), 50)
    many = replace(
        recent.of(np.tile(np.arange(panel.series), 40)), locations=shops, countries=("US",) * 400
    )
    figures = []
    for name, executor in (("one process", Here()), ("two processes", LocalProcesses(2))):
        began = time.perf_counter()
        made = sum(
            len(one.mean) for one in forecast_parts(model, by_location(many, 1_000), executor)
        )
        spent = time.perf_counter() - began
        figures.append(Figure(f"prediction in parts, {name}", made / spent, "series/s"))
    return figures


def _memory() -> list[Figure]:
    """Tell how much memory few and many series take, with the processes below the worker."""
    if not MEMORY_SERIES:
        return []
    figures = []
    for series, processes in ((memory.AT_ONCE, 1), (MEMORY_SERIES, 1), (MEMORY_SERIES, 2)):
        found = memory.measured(series, processes)
        figures += [
            Figure(f"{series:,} series, {processes} processes: {name}", megabytes, "MB")
            for name, megabytes in found.items()
            if megabytes
        ]
    return figures


def _timed(make: Callable[[], Made]) -> tuple[float, Made]:
    began = time.process_time()
    made = make()
    return time.process_time() - began, made


def _a_year(panel: Panel) -> list[Figure]:
    """Learn a year day by day, and compare with a model trained on all of it."""
    ends = [panel.periods - SHAPE.horizon * n for n in (3, 2, 1)]
    daily = _learned(panel, ends[0] - YEAR, ends)
    anew = {end: train(panel.until(end, SHAPE.horizon), SHAPE, 0) for end in ends}
    wapes = [_judged(panel, models).wape or 0 for models in (daily, anew)]
    return [
        Figure("after a year of daily learning: WAPE", 100 * wapes[0], "%"),
        Figure("trained anew instead: WAPE", 100 * wapes[1], "%"),
        at_most("daily learning beside training anew", wapes[0] / wapes[1], "×", 1.01),
    ]


def _learned(panel: Panel, begin: int, ends: list[int]) -> dict[int, Model]:
    known = panel.until(begin)
    model, rng = train(known, SHAPE, 0), np.random.default_rng(0)
    reservoir, models = fill_reservoir(model, known), {begin: model}
    for end in range(begin + 1, max(ends) + 1):
        model = learn_today(model, panel.until(end), reservoir, rng)
        models[end] = model
    return {end: models[end] for end in ends}


def _judged(panel: Panel, models: dict[int, Model]) -> Accuracy:
    errors = []
    for end, model in models.items():
        known = panel.until(end, SHAPE.horizon)
        actual = panel.demand[:, end : end + SHAPE.horizon]
        errors.append(errors_of(known, actual, actual >= 0, forecast(model, known)))
    return accuracy(errors)


def _change(panel: Panel) -> list[Figure]:
    """Turn the week round and halve half of the series; look at the week after each origin."""
    at = panel.periods - 120
    turned = data.changed(panel, at)
    ends = [at - 14 + 7 * n for n in range(17)]
    daily = _learned(turned, at - 28, ends)
    ways: dict[str, Callable[[int], Forecast]] = {
        "learning daily": lambda end: forecast(daily[end], turned.until(end, 28)),
        "never learning": lambda end: forecast(daily[ends[0]], turned.until(end, 28)),
        "weekday mean": lambda end: weekday_mean(turned.until(end), 28),
    }
    curves = [
        Curve(name, [(end - at, _week_wape(turned, end, way(end))) for end in ends])
        for name, way in ways.items()
    ]
    title = "The week turned round, half of the series halved: WAPE of the next seven days"
    picture = draw(title, ("days after the change", "WAPE"), curves)
    (IMAGES / "forecast-recovery.svg").write_text(picture)
    return [
        Figure(
            f"{weeks} weeks after the change: WAPE, {curve.name}",
            100 * dict(curve.points)[7 * weeks],
            "%",
        )
        for weeks in (2, 6)
        for curve in curves
    ]


def _week_wape(panel: Panel, end: int, made: Forecast) -> float:
    came = panel.demand[:, end : end + 7]
    return float(np.abs(came - made.quantiles[:, :7, MEDIAN]).sum() / came.sum())


def _replenishment(panel: Panel) -> list[Figure]:
    """Order 100 products day by day for twelve weeks, by forecast and by the textbook."""
    some, days = panel.of(np.arange(0, panel.series, 5)), 84
    begin = some.periods - days
    model = train(some.until(begin), Shape(LEAD_TIME, is_total=True), 0)
    points = np.zeros((some.series, days))
    for day in range(days):
        made = forecast(model, some.until(begin + day + 1))
        total = reorder_points(made.mean[:, -1], made.quantiles[:, -1], SERVICE)
        points[:, day] = total.reorder_point
    past = some.demand[:, begin - 91 : begin]
    fixed = fixed_reorder_points(past, LEAD_TIME, DEVIATIONS).reorder_point
    size = past.mean(1, dtype=np.float64)[:, None] * LEAD_TIME
    level = np.repeat(fixed[:, None], days, axis=1)

    def outcome(reorder: np.ndarray) -> Outcome:
        return simulate(
            some.demand[:, begin:], reorder, reorder + size, Policy.plain(some.series, LEAD_TIME)
        )

    found = {"forecast": outcome(points), "fixed": outcome(level)}
    figures = []
    for name, one in found.items():
        figures.append(Figure(f"reorder point {name}: fill rate", _percent(one.fill_rate), "%"))
        figures.append(Figure(f"reorder point {name}: stock held", one.stock_held, "units"))
    _draw_stock(points, level, outcome)
    return figures


def _draw_stock(
    points: np.ndarray, level: np.ndarray, outcome: Callable[[np.ndarray], Outcome]
) -> None:
    """Draw what each kind of reorder point costs in stock for what it loses in sales."""
    factors = np.linspace(0.7, 1.4, 15)
    curves = []
    for name, reorder in (("by forecast", points), ("fixed", level)):
        found = [outcome(reorder * factor) for factor in factors]
        lost = [(one.stock_held, 100 - 100 * (one.fill_rate or 0)) for one in found]
        curves.append(Curve(f"reorder point {name}", lost))
    title = "Sales lost beside stock held, reorder points from 0.7 to 1.4 times as high"
    picture = draw(title, ("stock held (units)", "% of demand lost"), curves)
    (IMAGES / "forecast-stock.svg").write_text(picture)


def _online_retail(panel: Panel) -> list[Figure]:
    judged = backtest(panel, ROLLING)
    figures = [
        at_most("Online Retail: WAPE, daily", _percent(judged[NETWORK].accuracy.wape), "%", 76.5)
    ]
    for name, one in judged.items():
        weekly = _weekly_wape(panel, one)
        what = f"Online Retail: WAPE, weekly{'' if name == NETWORK else f' of {name}'}"
        figures.append(
            at_most(what, 100 * weekly, "%", 53)
            if name == NETWORK
            else Figure(what, 100 * weekly, "%")
        )
    total = {"everything": np.zeros(panel.series, np.int64)}
    return figures + bands_of_sums("Online Retail", panel, ROLLING, judged[NETWORK], total)


def _weekly_wape(panel: Panel, judged: Judged) -> float:
    """Return the WAPE of the mean, added up by weeks."""
    ahead = ROLLING.origins * ROLLING.horizon
    came = panel.demand[:, -ahead:].reshape(panel.series, -1, 7).sum(2)
    said = np.concatenate([one.mean for one in judged.forecasts], axis=1)
    return float(np.abs(came - said.reshape(panel.series, -1, 7).sum(2)).sum() / came.sum())
