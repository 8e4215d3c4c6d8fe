"""What is forecast of goals: a port that forecasting, which lies above, fills.

Forecasts are units of direct sales. What these bring, and what distributors sell on beside them,
is taken to stay as it was in the last four weeks.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Protocol
from uuid import UUID

from backend.analytics.goals.progress import Moment
from backend.analytics.goals.rules import Goal, GoalDimension
from backend.analytics.goals.sums import Sums, value_of
from backend.analytics.rules import Measures, SalesDimension
from backend.core.numbers import ZERO
from backend.infra.work import Work

FORESEEN: Final = frozenset(
    {
        GoalDimension.ORGANISATION,
        GoalDimension.LOCATION,
        GoalDimension.CATEGORY,
        GoalDimension.PRODUCT,
    }
)
"""What forecasts of products at locations add up to. Where a sale is shipped they do not say."""
_RECENT: Final = timedelta(days=28)
_TRACE: Final = "TRACE"


@dataclass(frozen=True, slots=True)
class Ahead:
    """Units forecast to be sold directly: the rest of today, and the days up to `through`."""

    units: Decimal
    through: date


@dataclass(frozen=True, slots=True)
class Rest:
    """The same in the figure of a goal, all kinds of sales together."""

    amount: Decimal
    through: date


class Outlooks(Protocol):
    """Who knows what is forecast."""

    async def ahead(
        self,
        work: Work,
        by: GoalDimension,
        members: frozenset[str],
        at: Moment,
        ends: frozenset[date],
    ) -> Mapping[tuple[str, date], Ahead]:
        """Return by member and end what is forecast until then, or for as long as it reaches.

        Of what nothing is forecast there is nothing in it.
        """
        ...


async def rests(
    work: Work, sums: Sums, goals: Sequence[Goal], at: Moment, outlooks: Outlooks
) -> dict[UUID, Rest]:
    """Return by goal what is forecast of its running period, where anything is."""
    running: dict[GoalDimension, list[Goal]] = defaultdict(list)
    for goal in goals:
        if goal.key.dimension in FORESEEN and goal.period.first <= at.day <= goal.period.last:
            running[goal.key.dimension].append(goal)
    found: dict[UUID, Rest] = {}
    for dimension, those in running.items():
        members = frozenset(goal.key.member for goal in those)
        ends = frozenset(goal.period.last for goal in those)
        ahead = await outlooks.ahead(work, dimension, members, at, ends)
        if not ahead:
            continue
        recent = await _recent(work, sums, dimension, members, at)
        for goal in those:
            known = ahead.get((goal.key.member, goal.period.last))
            rate = _figure_a_unit(goal, recent.get(goal.key.member, []))
            if known is not None and rate is not None:
                found[goal.id] = Rest(known.units * rate, known.through)
    return found


async def _recent(
    work: Work, sums: Sums, dimension: GoalDimension, members: frozenset[str], at: Moment
) -> dict[str, list[tuple[str | None, Measures]]]:
    """Return by member what was sold in the last four weeks, by the type of sale."""
    found: dict[str, list[tuple[str | None, Measures]]] = defaultdict(list)
    days = (at.day - _RECENT, at.day - timedelta(days=1))
    rows = await sums.by(work, dimension, SalesDimension.SALE_TYPE, members, days)
    for (member, sale_type), measures in rows.items():
        found[member].append((sale_type, measures))
    return found


def _figure_a_unit(goal: Goal, sold: Sequence[tuple[str | None, Measures]]) -> Decimal | None:
    """Return what came for each unit sold directly; None where none was, or for nothing."""
    direct = sum((one.units for kind, one in sold if kind != _TRACE), Decimal())
    whole = sum((value_of(one, goal.key.measure) for _, one in sold), Decimal())
    return whole / direct if direct > ZERO and whole > ZERO else None
