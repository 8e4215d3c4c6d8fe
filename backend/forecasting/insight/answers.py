"""Explains what is forecast of one product at one location, and says what other plans would do."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import numpy as np

from backend.catalogue import service as catalogue
from backend.catalogue.errors import UnknownLocation, UnknownProduct
from backend.core.errors import NotAllowed
from backend.forecasting import statements
from backend.forecasting.demand.ledger import Ledger, LedgerCriteria, read_panel
from backend.forecasting.demand.rhythm import Step, rhythm_of
from backend.forecasting.errors import ForecastNotFound, InvalidPlan, ModelNotKept, NotExplained
from backend.forecasting.insight.drivers import explain
from backend.forecasting.insight.recent import RecentLedgers
from backend.forecasting.insight.what_if import Change, Compared, what_if
from backend.forecasting.network.groups import Driver
from backend.forecasting.network.model import Model, looked_back
from backend.forecasting.network.model_files import from_bytes
from backend.forecasting.rules import HIGH, LOW, MEDIAN, ModelFamily
from backend.forecasting.service.standing import ModelRow, champion
from backend.infra.work import Work
from backend.locations import service as locations

_DAYS: Final = looked_back(rhythm_of(Step.DAY))
"""Days of the past that a forecast looks at."""
_RECENT: Final = RecentLedgers()


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


@dataclass(frozen=True, slots=True)
class _Subject:
    """A series in the ledger, and the model that forecasts it."""

    model: Model
    row: ModelRow
    ledger: Ledger
    number: int

    @property
    def first_day(self) -> date:
        return self.ledger.panel.through + timedelta(days=1)


async def explained(work: Work, sku: str, location: str, day: date) -> DayExplained | None:
    """Return what moved the forecast of a day, made of all days that have ended.

    None: nothing is forecast of that product there.

    Raises:
        UnknownProduct: the SKU is not there.
        UnknownLocation: the code is not there.
        ForecastNotFound: nothing is forecast of that day.
        NotExplained: no network makes the forecasts.
        NotAllowed: the principal sees a part of the organisation only.
    """
    subject = await _subject(work, sku, location)
    if subject is None:
        return None
    step = (day - subject.first_day).days
    if not 0 <= step < subject.model.horizon:
        last = subject.first_day + timedelta(days=subject.model.horizon - 1)
        raise ForecastNotFound(
            f"{subject.first_day} to {last} are forecast", field=["day"], value=day.isoformat()
        )
    some = np.array([subject.number])
    found = await asyncio.to_thread(explain, subject.model, subject.ledger.panel, some)
    return DayExplained(
        day=day,
        known_through=subject.ledger.panel.through,
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
    subject = await _subject(work, sku, location)
    if subject is None:
        return None
    change = Change(
        _steps(subject, plan),
        promo=plan.promotion,
        price=plan.price,
        opened=None if plan.closed is None else float(not plan.closed),
    )
    some = np.array([subject.number])
    found = await asyncio.to_thread(what_if, subject.model, subject.ledger.panel, some, change)
    return [_day(subject, found, step) for step in range(subject.model.horizon)]


def _steps(subject: _Subject, plan: Plan) -> frozenset[int]:
    if plan.days is None:
        return frozenset(range(subject.model.horizon))
    steps = {day: (day - subject.first_day).days for day in plan.days}
    for day, step in sorted(steps.items()):
        if not 0 <= step < subject.model.horizon:
            raise InvalidPlan("the day is not forecast", field=["days"], value=day.isoformat())
    return frozenset(steps.values())


def _day(subject: _Subject, found: Compared, step: int) -> DayCompared:
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


async def _subject(work: Work, sku: str, code: str) -> _Subject | None:
    if work.principal.is_limited:
        raise NotAllowed("what products have in common needs sight of the whole organisation")
    key = await _series(work, sku, code)
    row = await champion(work)
    if row is None:
        return None
    model = await _model(work, row)
    ledger = await _RECENT.of(work, _DAYS, model.horizon)
    if ledger is not None and ledger.left_out and key not in ledger.series:
        wanted = LedgerCriteria(wanted=frozenset({key}))
        ledger = await read_panel(work, wanted, _DAYS, ahead=model.horizon)
    if ledger is None or key not in ledger.series:
        return None
    return _Subject(model, row, ledger, ledger.series.index(key))


async def _series(work: Work, sku: str, code: str) -> tuple[UUID, UUID]:
    products = await catalogue.resolve_skus(work, [sku])
    if sku not in products:
        raise UnknownProduct(f"no product {sku!r}", field=["product"], value=sku[:60])
    places = await locations.resolve_locations(work, [code])
    if code not in places:
        raise UnknownLocation(f"no location {code!r}", field=["location"], value=code[:60])
    return places[code].id, products[sku].id


async def _model(work: Work, row: ModelRow) -> Model:
    if row.family not in (ModelFamily.NETWORK, ModelFamily.LIGHTGBM):
        raise NotExplained("a simple mean makes the forecasts: nothing moves it but the past")
    content = await work.row(statements.CONTENT, work.principal.org_id, row.id)
    if content is None:
        raise ModelNotKept("the model that forecasts is not kept", value=str(row.id))
    return (await asyncio.to_thread(from_bytes, content["content"])).model
