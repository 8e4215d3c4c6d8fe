"""Goals made of an earlier year: of its goals or of what was sold, with growth."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from backend.analytics import service as analytics
from backend.analytics.calendars import BusinessCalendar
from backend.analytics.goals import planning, service
from backend.analytics.goals.errors import InvalidGoal, TooManyGoals
from backend.analytics.goals.periods import GoalPeriodKind, Period, periods_between, read_period
from backend.analytics.goals.planning import GoalDraft, GoalOrigin, GoalRow
from backend.analytics.goals.rules import Goal, GoalDimension, GoalMeasure
from backend.analytics.goals.sums import value_of
from backend.analytics.planned import business_calendar
from backend.analytics.rules import Question, SummaryOrder
from backend.core.numbers import ZERO, rounded
from backend.core.scopes import Scope
from backend.infra.work import Work
from backend.sales.filters import SalesCriteria

MOST_COPIED: Final = 5_000
LEAST_GROWTH: Final = Decimal("-0.99")
MOST_GROWTH: Final = Decimal(10)


class GoalCopyBasis(StrEnum):
    """Of what goals are made."""

    SALES = "SALES"
    """Of what was sold."""
    GOALS = "GOALS"
    """Of the goals that were set."""


@dataclass(frozen=True, slots=True)
class CopyOrder:
    """Which goals to make: `from_year` and `to_year` as periods write years: 2017 or FY2017.

    `growth` is a part of one: 0.05 adds five percent.
    """

    from_year: str
    to_year: str
    kind: GoalPeriodKind
    dimension: GoalDimension
    measure: GoalMeasure
    basis: GoalCopyBasis
    growth: Decimal
    overwrites: bool


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a copy: what it set, and how many goals it left as they were."""

    rows: list[GoalRow]
    kept: int


async def copy_goals(work: Work, order: CopyOrder) -> Copied:
    """Make the goals of one year of another; what is planned already stays unless it overwrites.

    Raises:
        InvalidGoal: years, kinds or a growth that do not fit one another.
        TooManyGoals: more than one copy makes.
        MissingScope: profit, by who may not know it.
    """
    if order.measure is GoalMeasure.PROFIT:
        work.principal.require(Scope.ANALYTICS_READ)
    calendar = await business_calendar(work)
    source, _ = _years(order, calendar)
    amounts = await (_sold if order.basis is GoalCopyBasis.SALES else _planned)(
        work, order, source, calendar
    )
    if len(amounts) > MOST_COPIED:
        raise TooManyGoals(
            f"this makes {len(amounts)} goals; at most {MOST_COPIED} at once",
            field=["input"],
            limit=MOST_COPIED,
        )
    drafts = [
        GoalDraft(
            period.replace(order.from_year, order.to_year, 1),
            order.dimension,
            member or None,
            order.measure,
            amount,
            version=None if order.overwrites else 0,
        )
        for (period, member), amount in amounts.items()
    ]
    rows = await planning.set_goals(work, drafts, origin=GoalOrigin.COPIED)
    kept = [row for row in rows if row.error is not None and row.goal is not None]
    return Copied([row for row in rows if row not in kept], len(kept))


def _years(order: CopyOrder, calendar: BusinessCalendar) -> tuple[Period, Period]:
    found: list[Period] = []
    for name, text in (("fromYear", order.from_year), ("toYear", order.to_year)):
        period = read_period(text, calendar, ["input", name])
        wanted = GoalPeriodKind.FISCAL_YEAR if order.kind.is_fiscal else GoalPeriodKind.YEAR
        if period.kind is not wanted:
            raise InvalidGoal(
                f"{'FY2018' if order.kind.is_fiscal else '2018'} is how such a year is written",
                field=["input", name],
                value=text[:60],
            )
        found.append(period)
    if order.from_year == order.to_year:
        raise InvalidGoal("copy to another year", field=["input", "toYear"], value=order.to_year)
    if not order.growth.is_finite() or not LEAST_GROWTH <= order.growth <= MOST_GROWTH:
        raise InvalidGoal(
            f"growth is a part of one from {LEAST_GROWTH} to {MOST_GROWTH}",
            field=["input", "growth"],
            value=str(order.growth)[:40],
        )
    return found[0], found[1]


async def _sold(
    work: Work, order: CopyOrder, year: Period, _: BusinessCalendar
) -> dict[tuple[str, str], Decimal]:
    """Return what was sold by period and member, with growth: what has a name and is above 0."""
    of_all = order.dimension is GoalDimension.ORGANISATION
    group_by = (order.kind.dimension, *(() if of_all else (order.dimension.sales,)))
    question = Question(group_by, SummaryOrder.KEY, descending=False)
    found = await analytics.summarise(work, question, SalesCriteria(year.first, year.last))
    amounts: dict[tuple[str, str], Decimal] = {}
    for group in found.groups:
        period, member = group.keys[0].id, "" if of_all else group.keys[1].id
        amount = _grown(value_of(group.measures, order.measure), order)
        if period is not None and member is not None and amount > ZERO:
            amounts[period, member] = amount
    return amounts


async def _planned(
    work: Work, order: CopyOrder, year: Period, calendar: BusinessCalendar
) -> dict[tuple[str, str], Decimal]:
    periods = periods_between(year.first, year.last, order.kind, calendar)
    criteria = service.GoalCriteria(
        periods=frozenset(one.id for one in periods),
        dimensions=frozenset({order.dimension}),
        measures=frozenset({order.measure}),
    )
    goals: list[Goal] = await service.chosen_goals(work, criteria, calendar)
    return {(one.key.period, one.key.member): _grown(one.amount, order) for one in goals}


def _grown(amount: Decimal, order: CopyOrder) -> Decimal:
    return rounded(amount * (1 + order.growth))
