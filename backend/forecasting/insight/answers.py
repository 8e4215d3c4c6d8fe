"""Explains what is forecast of one product at one location, and says what other plans would do."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from backend.forecasting.errors import ForecastNotFound, InvalidPlan
from backend.forecasting.insight.drivers import explain
from backend.forecasting.insight.subjects import Subject, subject_of
from backend.forecasting.insight.what_if import Change, Compared, what_if
from backend.forecasting.network.groups import Driver
from backend.forecasting.rules import HIGH, LOW, MEDIAN
from backend.forecasting.service.standing import ModelRow
from backend.infra.work import Work


@dataclass(frozen=True, slots=True)
class DayExplained:
    """What moved the forecast of a day: `level` and all `effects` add up to `mean`.

    `known_through` is the last business day it knows.
    """

    day: date
    known_through: date
    model: ModelRow
    level: float
    mean: float
    effects: Mapping[Driver, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be otherwise on some days, None: on all; what is None stays as planned.

    `promotion` is by how much of it the price is lowered, 0: none.
    """

    days: frozenset[date] | None
    promotion: float | None = None
    price: float | None = None
    closed: bool | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of one day; between `low` and `high` it lies in nine of ten cases."""

    mean: float
    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class DayCompared:
    """A day as things are planned, and as they would be."""

    day: date
    planned: Expected
    changed: Expected


async def explained(work: Work, sku: str, location: str, day: date) -> DayExplained | None:
    """Return what moved the forecast of a day, of which it knows what was known as it was made.

    None: nothing is forecast of that product there.

    Raises:
        UnknownProduct: the SKU is not there.
        UnknownLocation: the code is not there.
        ForecastNotFound: nothing is forecast of that day.
        NotExplained: no network makes the forecasts.
        NotAllowed: the principal sees a part of the organisation only.
    """
    subject = await subject_of(work, sku, location)
    if subject is None:
        return None
    step = (day - subject.first_day).days
    if not 0 <= step < subject.model.horizon:
        last = subject.first_day + timedelta(days=subject.model.horizon - 1)
        raise ForecastNotFound(
            f"{subject.first_day} to {last} are forecast", field=["day"], value=day.isoformat()
        )
    some = np.array([subject.number])
    whole = subject.others and subject.others.whole
    found = await asyncio.to_thread(explain, subject.model, subject.panel, some, whole)
    return DayExplained(
        day=day,
        known_through=subject.panel.through,
        model=subject.row,
        level=float(found.level[0, step]),
        mean=float(found.mean[0, step]),
        effects={one: float(effect[0, step]) for one, effect in found.effects.items()},
    )


async def compared(work: Work, sku: str, location: str, plan: Plan) -> list[DayCompared] | None:
    """Return the forecast of each day as things are planned, and with this plan.

    None: nothing is forecast of that product there.

    Raises:
        InvalidPlan: a day that is not forecast, a value that cannot be, or a plan of which the past
            has no example.
        UnknownProduct: the SKU is not there.
        UnknownLocation: the code is not there.
        NotExplained: no network makes the forecasts.
        NotAllowed: the principal sees a part of the organisation only.
    """
    subject = await subject_of(work, sku, location)
    if subject is None:
        return None
    change = Change(
        _steps(subject, plan),
        promo=plan.promotion,
        price=plan.price,
        opened=None if plan.closed is None else float(not plan.closed),
    )
    some = np.array([subject.number])
    found = await asyncio.to_thread(
        what_if, subject.model, subject.panel, some, change, subject.others
    )
    return [_day(subject, found, step) for step in range(subject.model.horizon)]


def _steps(subject: Subject, plan: Plan) -> frozenset[int]:
    if plan.days is None:
        return frozenset(range(subject.model.horizon))
    steps = {day: (day - subject.first_day).days for day in plan.days}
    for day, step in sorted(steps.items()):
        if not 0 <= step < subject.model.horizon:
            raise InvalidPlan("the day is not forecast", field=["days"], value=day.isoformat())
    return frozenset(steps.values())


def _day(subject: Subject, found: Compared, step: int) -> DayCompared:
    planned, changed = (
        Expected(
            mean=float(one.mean[0, step]),
            median=float(one.quantiles[0, step, MEDIAN]),
            low=float(one.quantiles[0, step, LOW]),
            high=float(one.quantiles[0, step, HIGH]),
        )
        for one in (found.planned, found.changed)
    )
    return DayCompared(subject.first_day + timedelta(days=step), planned, changed)
