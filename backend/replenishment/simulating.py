"""Verbs that try reorder points on the organisation's own past: what they would have done."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from statistics import NormalDist
from threading import BoundedSemaphore
from typing import Any, Final
from uuid import UUID

import numpy as np

from backend.catalogue import service as catalogue
from backend.catalogue.errors import UnknownLocation, UnknownProduct
from backend.forecasting.arrays import Doubles, Floats, Ints
from backend.forecasting.demand.ledger import Ledger, LedgerCriteria, read_panel
from backend.forecasting.demand.panel import Panel
from backend.forecasting.errors import TooLittleHistory
from backend.forecasting.insight.rehearsal import Rehearsed, Rehearsing
from backend.forecasting.jobs.process import Computer, ForecastTooLarge, ProcessLost, TaskFailed
from backend.forecasting.network.training import least_periods
from backend.infra.work import Work
from backend.locations import service as locations
from backend.replenishment import statements
from backend.replenishment.errors import InvalidSimulation, SimulationBusy, SimulationFailed
from backend.replenishment.rules import fixed_reorder_points, reorder_points
from backend.replenishment.simulation import Ordering, Outcome, simulate
from backend.replenishment.supply import supply_book
from backend.replenishment.terms import Supply, Terms, check_terms
from backend.replenishment.totals import carried_on

LEAST_DAYS: Final = 14
MOST_DAYS: Final = 182
MOST_SERIES: Final = 100
"""Products at locations that are simulated: the best-selling ones."""
PAST: Final = 91
"""Days before, from whose mean and deviation the textbook's reorder point is."""
_READ: Final = 2 * 364
"""Days of the past that the forecast of the simulation learns from at most."""
_HORIZON: Final = 28
_SECONDS: Final = 60.0
_MEGABYTES: Final = 2_000
_TURN: Final = BoundedSemaphore(1)
_HUNDREDTH: Final = Decimal("0.01")


class ReorderPolicy(StrEnum):
    """How reorder points are found."""

    FORECAST = "FORECAST"
    """From the forecast, at the service level and lead time asked for."""
    TEXTBOOK = "TEXTBOOK"
    """Fixed, from mean and standard deviation of the days before; same service level and time."""
    PRESENT = "PRESENT"
    """From the forecast, at the terms that are settled."""


@dataclass(frozen=True, slots=True)
class PolicyOutcome:
    """What a policy would have done. Money of what has no price or cost is not in it."""

    policy: ReorderPolicy
    fill_rate: float | None
    wanted: Decimal
    sold: Decimal
    lost: Decimal
    lost_sales: Decimal
    stock_held: Decimal
    stock_at_cost: Decimal
    orders: int


@dataclass(frozen=True, slots=True)
class Simulated:
    """The days simulated, of how many products at locations, and what each policy would have done.

    `left_out` sell too little to be among them; `uncosted` are those nobody knows the cost of.
    """

    first_day: date
    last_day: date
    days: int
    series: int
    left_out: int
    uncosted: int
    outcomes: list[PolicyOutcome]


@dataclass(frozen=True, slots=True, eq=False)
class _Terms:
    """By series: days an order has to last, how it is made, and how sure it has to be."""

    lasting: Ints
    ordering: Ordering
    level: Doubles

    @classmethod
    def of(cls, supplies: Sequence[Supply]) -> "_Terms":
        lead, review = (np.array([getattr(one, name).value for one in supplies], np.int64)
                        for name in ("lead_time", "review"))  # fmt: skip
        pack, minimum, level = (
            np.array([float(getattr(one, name).value) for one in supplies])
            for name in ("pack_size", "minimum", "service_level")
        )
        return cls(lead + review, Ordering(lead, review, pack, minimum), level)


async def reorder_simulation(
    work: Work,
    products: Collection[str] | None,
    places: Collection[str] | None,
    wanted: Terms,
    days: int,
) -> Simulated | None:
    """Return what reorder points would have done on the last `days` that ended.

    The forecast comes from a model that saw nothing of these days, and knows each evening what was
    sold by then. What was sold counts as what was wanted: sales that were lost then are in nobody's
    books. The best-selling series are simulated, at most a hundred. None: nothing was sold of that.

    Raises:
        InvalidSimulation: days out of bounds.
        InvalidSupplyTerms, InvalidServiceLevel: terms that cannot be.
        UnknownProduct, UnknownLocation: a SKU or code is not there.
        TooLittleHistory: less was sold before these days than a forecast learns from.
        SimulationBusy, SimulationFailed: another is being computed, or this one took too long.
    """
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise InvalidSimulation(
            f"{LEAST_DAYS} to {MOST_DAYS} days are simulated", field=["days"], value=days
        )
    wanted = check_terms(wanted, [])
    criteria = LedgerCriteria(await _products(work, products), await _locations(work, places))
    if not _TURN.acquire(blocking=False):
        raise SimulationBusy("another simulation is being computed: try again in a minute")
    try:
        return await _simulated(work, criteria, wanted, days)
    finally:
        _TURN.release()


async def _simulated(
    work: Work, criteria: LedgerCriteria, wanted: Terms, days: int
) -> Simulated | None:
    ledger = await read_panel(work, criteria, _READ + days, ahead=0)
    if ledger is None:
        return None
    kept, left_out = _best(ledger)
    panel = ledger.panel.of(kept)
    _check_history(panel, days)
    goods = await _goods(work, [ledger.series[n] for n in kept.tolist()])
    asked, present = (
        _Terms.of([book.supply(*one.key) for one in goods])
        for book in (await supply_book(work, wanted), await supply_book(work, Terms()))
    )
    ends = np.stack([asked.lasting, asked.ordering.review, present.lasting,
                     present.ordering.review], axis=1)  # fmt: skip
    horizon = min(int(ends.max()), _HORIZON)
    begin = panel.periods - days
    said = await _rehearsed(Rehearsing(panel, begin, horizon, np.minimum(ends, horizon)))
    found = await asyncio.to_thread(_outcomes, panel, begin, asked, present, said)
    first = panel.rhythm.later(panel.start, begin)
    return Simulated(
        first_day=first,
        last_day=panel.through,
        days=days,
        series=panel.series,
        left_out=left_out + ledger.left_out,
        uncosted=sum(one.cost is None for one in goods),
        outcomes=[_told(policy, one, goods) for policy, one in found.items()],
    )


def _best(ledger: Ledger) -> tuple[Ints, int]:
    """Return the series that sell most, in their order, and how many are left out."""
    total = ledger.panel.demand.sum(1)
    best = np.argsort(-total, kind="stable")[:MOST_SERIES]
    return np.sort(best), len(total) - len(best)


def _check_history(panel: Panel, days: int) -> None:
    known = int((panel.exposure[:, : panel.periods - days] > 0).any(axis=0).sum())
    least = max(least_periods(panel.rhythm) + _HORIZON, PAST // 2)
    if known < least:
        raise TooLittleHistory(
            f"{known} days before the {days} to simulate are too few: {least} are needed",
            field=["days"],
            value=days,
        )


@dataclass(frozen=True, slots=True)
class _Good:
    """A product at a location: by what its terms are found, and what it is worth."""

    key: tuple[UUID | None, UUID, UUID, Decimal | None]
    price: Decimal | None
    cost: Decimal | None


async def _goods(work: Work, series: Sequence[tuple[UUID, UUID]]) -> list[_Good]:
    ids = sorted({product for _, product in series})
    rows = await work.rows(statements.SUPPLIED, work.principal.org_id, ids)
    known = dict(zip(ids, rows, strict=True))
    return [
        _Good(
            (known[product]["distributor_id"], product, place, known[product]["pack"]),
            known[product]["price"],
            known[product]["cost"],
        )
        for place, product in series
    ]


async def _rehearsed(task: Rehearsing) -> Rehearsed:
    """Have it computed by a process of its own, which is ended when it takes too long."""
    try:
        async with Computer(_MEGABYTES) as computer:
            return await computer.run("rehearsing", task, _unheard, _SECONDS)
    except TaskFailed as exc:
        raise TooLittleHistory(exc.message, field=["days"]) from exc
    except (ForecastTooLarge, ProcessLost) as exc:
        raise SimulationFailed(exc.message) from exc


async def _unheard(_done: float, _step: str) -> None:
    """Tell nobody how far it is."""


def _outcomes(
    panel: Panel, begin: int, asked: _Terms, present: _Terms, said: Rehearsed
) -> dict[ReorderPolicy, Outcome]:
    demand, past = panel.demand[:, begin:], panel.demand[:, max(begin - PAST, 0) : begin]
    return {
        ReorderPolicy.FORECAST: _by_forecast(demand, asked, said, 0),
        ReorderPolicy.TEXTBOOK: _by_textbook(demand, past, asked),
        ReorderPolicy.PRESENT: _by_forecast(demand, present, said, 2),
    }


def _by_forecast(demand: Floats, terms: _Terms, said: Rehearsed, at: int) -> Outcome:
    """Simulate points that follow the forecast: of what an order lasts, and after it a review."""
    points, sizes = np.zeros(demand.shape), np.zeros(demand.shape)
    for day in range(demand.shape[1]):
        mean, quantiles = carried_on(
            said.mean[at, :, day], said.quantiles[at, :, day].astype(np.float64),
            terms.lasting / _HORIZON,
        )  # fmt: skip
        points[:, day] = reorder_points(mean, quantiles, terms.level).reorder_point
        sizes[:, day] = said.mean[at + 1, :, day]
    return simulate(demand, points, points + sizes, terms.ordering)


def _by_textbook(demand: Floats, past: Floats, terms: _Terms) -> Outcome:
    deviations = np.array([NormalDist().inv_cdf(level) for level in terms.level.tolist()])
    fixed = fixed_reorder_points(past, terms.lasting, deviations).reorder_point
    size = past.mean(1, dtype=np.float64) * terms.ordering.review
    points = np.repeat(fixed[:, None], demand.shape[1], axis=1)
    return simulate(demand, points, points + size[:, None], terms.ordering)


def _told(policy: ReorderPolicy, found: Outcome, goods: Sequence[_Good]) -> PolicyOutcome:
    prices, costs = (
        np.array([float(one or 0) for one in values])
        for values in zip(*((good.price, good.cost) for good in goods), strict=True)
    )
    return PolicyOutcome(
        policy=policy,
        fill_rate=found.fill_rate,
        wanted=_rounded(found.wanted.sum()),
        sold=_rounded(found.sold.sum()),
        lost=_rounded(found.lost.sum()),
        lost_sales=_rounded((found.lost * prices).sum()),
        stock_held=_rounded(found.stock_held),
        stock_at_cost=_rounded((found.mean_on_hand * costs).sum()),
        orders=int(found.orders.sum()),
    )


def _rounded(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(_HUNDREDTH)


async def _products(work: Work, skus: Collection[str] | None) -> frozenset[UUID] | None:
    if skus is None:
        return None
    found = await catalogue.resolve_skus(work, skus)
    return _ids(skus, found, UnknownProduct, "products")


async def _locations(work: Work, codes: Collection[str] | None) -> frozenset[UUID] | None:
    if codes is None:
        return None
    found = await locations.resolve_locations(work, codes)
    return _ids(codes, found, UnknownLocation, "locations")


def _ids(
    wanted: Collection[str],
    found: Mapping[str, Any],
    missing: type[UnknownProduct] | type[UnknownLocation],
    field: str,
) -> frozenset[UUID]:
    for one in sorted(set(wanted) - found.keys()):
        raise missing(f"no such {field[:-1]}: {one[:60]!r}", field=[field], value=one[:60])
    return frozenset(one.id for one in found.values())
