"""The task of an update: models learn the days that ended, and what follows is forecast. Pure."""

from collections.abc import Callable

import numpy as np

from backend.forecasting.demand.panel import Panel
from backend.forecasting.errors import InvalidModel
from backend.forecasting.jobs.parting import SIMPLE, Who, forecast_files
from backend.forecasting.jobs.tasks import (
    CHAMPION,
    PREDECESSOR,
    WEEK,
    Made,
    Speaker,
    Tell,
    Updated,
    Updating,
    Week,
    added_up,
    pack,
    unpack,
)
from backend.forecasting.judging.backtesting import SEASONAL_NAIVE, WEEKDAY_MEAN
from backend.forecasting.judging.baselines import seasonal_naive, weekday_mean
from backend.forecasting.network.learning import learn_today
from backend.forecasting.network.model import (
    Asking,
    Forecast,
    Model,
    cut,
    forecast,
    recent_classes,
)
from backend.forecasting.network.model_files import StoredModel, from_bytes, to_bytes
from backend.forecasting.network.pool_columns import Settled

Says = Callable[[Panel, int], Forecast]
"""Forecasts so many periods after a panel."""


def updating(task: Updating, tell: Tell) -> Updated:
    """Learn the days that ended, then what there is of today; forecast what follows."""
    if task.base.content is not None and task.reservoir is not None:
        return _learned(task, from_bytes(task.base.content).model, tell)
    who = speaking(task.base)
    weeks = _weeks(task, says(who), tell)
    return Updated(*_made(task, who, tell), None, None, None, weeks)


def _learned(task: Updating, base: Model, tell: Tell) -> Updated:
    rng = np.random.default_rng(task.seed)
    reservoir, before = unpack(task.reservoir or b""), _before(task)
    learns = len(reservoir.target) > 0
    weeks: list[Week] = []
    first = min(task.learned, task.said)
    for end in range(first + 1, task.closed + 1):
        known = task.panel.until(end, task.horizon)
        if end > task.learned and learns:
            base = learn_today(base, known, reservoir, rng)
        if end > task.said:
            weeks.append(_week(known, says(base), before))
        tell(0.5 * (end - first) / (task.closed - first), "learning days")
    now = base
    if learns and task.panel.periods > task.closed:
        now = learn_today(base, task.panel, unpack(pack(reservoir)), rng)
    has_learned = learns and task.learned < task.closed
    made, whole = _made(task, now, tell)
    return Updated(
        made=made,
        settled=whole,
        base=to_bytes(StoredModel(base)) if has_learned else None,
        reservoir=pack(reservoir) if has_learned else None,
        now=None if now is base else to_bytes(StoredModel(now)),
        weeks=tuple(weeks),
    )


def speaking(speaker: Speaker) -> Who:
    """Return who forecasts.

    Raises:
        InvalidModel: it is made of trees, and those are not installed any more.
    """
    return speaker.family if speaker.content is None else from_bytes(speaker.content).model


def says(who: Who) -> Says:
    """Return how somebody forecasts."""
    if isinstance(who, Model):
        return lambda panel, horizon: cut(forecast(who, panel), horizon)
    return SIMPLE[who]


def _made(task: Updating, who: Who, tell: Tell) -> tuple[Made | None, Settled | None]:
    """Return the forecasts, None where they were written into files, and what series share."""
    tell(0.6, "forecasting")
    of_totals = None if task.totals is None else from_bytes(task.totals).model
    if task.parts:
        return None, forecast_files((who, of_totals), task.horizon, task.parts, task.executor, tell)
    days, whole = _days(task, who)
    totals = added_up(days) if of_totals is None else forecast(of_totals, task.panel)
    return Made(days, totals, recent_classes(task.panel)), whole


def _days(task: Updating, who: Who) -> tuple[Forecast, Settled | None]:
    if not isinstance(who, Model):
        return SIMPLE[who](task.panel, task.horizon), None
    asking = Asking(who, task.panel)
    return asking.forecasts(recent_classes(task.panel)), asking.settled


def _before(task: Updating) -> Says | None:
    try:
        return None if task.predecessor is None else says(speaking(task.predecessor))
    except InvalidModel:
        # Nobody needs it: it is only compared with.
        return None


def _weeks(task: Updating, champion: Says, tell: Tell) -> tuple[Week, ...]:
    before, found = _before(task), list[Week]()
    for end in range(task.said + 1, task.closed + 1):
        found.append(_week(task.panel.until(end, task.horizon), champion, before))
        tell(0.5 * (end - task.said) / (task.closed - task.said), "looking at days")
    return tuple(found)


def _week(known: Panel, champion: Says, before: Says | None) -> Week:
    asked = {
        WEEKDAY_MEAN: weekday_mean,
        SEASONAL_NAIVE: seasonal_naive,
        CHAMPION: champion,
        PREDECESSOR: before,
    }
    said = {name: one(known, WEEK) for name, one in asked.items() if one is not None}
    return Week(known.periods, {name: (one.mean, one.quantiles) for name, one in said.items()})
