"""What reorder points would have done: trained, forecast and simulated, without the database."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from statistics import NormalDist
from typing import Final
from uuid import UUID

import numpy as np

from backend.forecasting.arrays import Floats, Ints
from backend.forecasting.demand.panel import Panel
from backend.forecasting.errors import TooLittleHistory
from backend.forecasting.insight.rehearsal import Rehearsed, Rehearsing
from backend.forecasting.jobs.process import Computer, ForecastTooLarge, ProcessLost, TaskFailed
from backend.forecasting.network.training import least_periods
from backend.replenishment.errors import SimulationFailed
from backend.replenishment.rules import fixed_reorder_points, reorder_points
from backend.replenishment.simulation import Outcome, simulate
from backend.replenishment.suggesting import Policy
from backend.replenishment.totals import carried_on

PAST: Final = 91
"""Days before, from whose mean and deviation the textbook's reorder point is."""
HORIZON: Final = 28
"""Days ahead that the forecast of a simulation looks, where no order has to last longer."""
MOST_HORIZON: Final = 91
"""Days ahead that it looks at most; what lasts longer goes on as it was."""
TRADED: Final = tuple(Decimal(level) for level in ("0.5", "0.7", "0.8", "0.9", "0.95", "0.975"))
"""Service levels at which it is said what more service costs."""
_SECONDS: Final = 600.0
"""The last guard: what may be asked for takes eight seconds of a processor, however busy it is."""
_MEGABYTES: Final = 2_000
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
class TradeOff:
    """What a policy would have done at another service level, everything else as asked for."""

    service_level: Decimal
    outcome: PolicyOutcome


@dataclass(frozen=True, slots=True)
class Simulated:
    """The days simulated, of how many products at locations, and what each policy would have done.

    `left_out` sell too little to be among them; `uncosted` are those nobody knows the cost of.
    `trade_off` says from the lowest service level on what more service costs.
    """

    first_day: date
    last_day: date
    days: int
    series: int
    left_out: int
    uncosted: int
    outcomes: list[PolicyOutcome]
    trade_off: list[TradeOff]


@dataclass(frozen=True, slots=True)
class Good:
    """A product at a location: by what its terms are found, and what it is worth."""

    key: tuple[UUID | None, UUID, UUID, Decimal | None]
    price: Decimal | None
    cost: Decimal | None


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """All that was read: the past of some series, the last `days` of which are simulated.

    `asked` and `present` are the terms asked for and those that are settled.
    """

    panel: Panel
    days: int
    goods: Sequence[Good]
    asked: Policy
    present: Policy
    left_out: int

    @property
    def begin(self) -> int:
        """The first period simulated."""
        return self.panel.periods - self.days

    @property
    def ends(self) -> Ints:
        """By series how long an order asked for, and a settled one, lasts; each with its review."""
        return np.stack(
            [days for one in (self.asked, self.present)
             for days in (one.lasting, one.review_days)], axis=1
        )  # fmt: skip

    @property
    def horizon(self) -> int:
        """How far the forecast looks: as long as orders last, as far as the past allows."""
        known = (self.panel.exposure[:, : self.begin] > 0).any(axis=0).sum()
        most = min(MOST_HORIZON, int(known) - least_periods(self.panel.rhythm))
        return min(int(self.ends.max()), max(most, HORIZON))

    @property
    def work(self) -> int:
        """How many days are forecast: of each series, after each day, as far as orders last."""
        return self.panel.series * self.days * self.horizon


async def simulated(subject: Subject) -> Simulated:
    """Return what reorder points would have done: some seconds in a process of its own.

    Raises:
        TooLittleHistory: the past is too short to learn from.
        SimulationFailed: it took too long, or the process was lost.
    """
    panel, horizon = subject.panel, subject.horizon
    ends = np.minimum(subject.ends, horizon)
    said = await _rehearsed(Rehearsing(panel, subject.begin, horizon, ends))
    outcomes, trade_off = await asyncio.to_thread(_outcomes, subject, said)
    return Simulated(
        first_day=panel.rhythm.later(panel.start, subject.begin),
        last_day=panel.through,
        days=subject.days,
        series=panel.series,
        left_out=subject.left_out,
        uncosted=sum(one.cost is None for one in subject.goods),
        outcomes=outcomes,
        trade_off=trade_off,
    )


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


def _outcomes(subject: Subject, said: Rehearsed) -> tuple[list[PolicyOutcome], list[TradeOff]]:
    begin, panel, goods = subject.begin, subject.panel, subject.goods
    demand, past = panel.demand[:, begin:], panel.demand[:, max(begin - PAST, 0) : begin]

    def both(one: Subject) -> list[PolicyOutcome]:
        return [
            _told(ReorderPolicy.FORECAST, _by_forecast(demand, one, said, 0), goods),
            _told(ReorderPolicy.TEXTBOOK, _by_textbook(demand, past, one.asked), goods),
        ]

    present = _by_forecast(demand, subject, said, 2)
    return (
        [*both(subject), _told(ReorderPolicy.PRESENT, present, goods)],
        [TradeOff(level, one) for level in TRADED for one in both(_at_level(subject, level))],
    )


def _at_level(subject: Subject, level: Decimal) -> Subject:
    """Return the same asked for at another service level."""
    levels = np.full(subject.panel.series, float(level))
    return replace(subject, asked=replace(subject.asked, service_level=levels))


def _by_forecast(demand: Floats, subject: Subject, said: Rehearsed, at: int) -> Outcome:
    """Simulate points that follow the forecast: of what an order lasts, and after it a review."""
    terms = subject.present if at else subject.asked
    times = terms.lasting / subject.horizon
    points, sizes = np.zeros(demand.shape), np.zeros(demand.shape)
    for day in range(demand.shape[1]):
        mean, quantiles = carried_on(
            said.mean[at, :, day], said.quantiles[at, :, day].astype(np.float64),
            times,
        )  # fmt: skip
        points[:, day] = reorder_points(mean, quantiles, terms.service_level).reorder_point
        sizes[:, day] = said.mean[at + 1, :, day]
    return simulate(demand, points, points + sizes, terms)


def _by_textbook(demand: Floats, past: Floats, terms: Policy) -> Outcome:
    deviations = np.array([NormalDist().inv_cdf(level) for level in terms.service_level.tolist()])
    fixed = fixed_reorder_points(past, terms.lasting, deviations).reorder_point
    size = past.mean(1, dtype=np.float64) * terms.review_days
    points = np.repeat(fixed[:, None], demand.shape[1], axis=1)
    return simulate(demand, points, points + size[:, None], terms)


def _told(policy: ReorderPolicy, found: Outcome, goods: Sequence[Good]) -> PolicyOutcome:
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
