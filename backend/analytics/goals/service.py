"""Verbs of goals: what is planned, by whom it was changed, what it is measured by."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from tortoise.expressions import Q

from backend.analytics.calendars import BusinessCalendar
from backend.analytics.goals import statements
from backend.analytics.goals.errors import InvalidGoal, StaleGoal, TooManyGoals
from backend.analytics.goals.periods import GoalPeriodKind, periods_between, read_period
from backend.analytics.goals.rules import (
    Goal,
    GoalDimension,
    GoalKey,
    GoalMeasure,
    GoalRules,
    GoalStanding,
)
from backend.analytics.models import Goal as GoalRow
from backend.analytics.planned import business_calendar
from backend.core.scopes import Scope
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work
from backend.sales.filters import InvalidRange

MOST_SHOWN: Final = 2_000
"""Goals whose progress one answer has."""
MOST_CHANGES: Final = 50
LEAST_LEVEL: Final = Decimal("0.0001")
MOST_LEVEL: Final = 10


class GoalOrder(StrEnum):
    """By what goals are sorted."""

    PERIOD = "PERIOD"
    """By period, then by what they are for."""
    AMOUNT = "AMOUNT"
    """By amount."""
    UPDATED_AT = "UPDATED_AT"
    """By the time of the last change."""


_ORDERS: Final[dict[GoalOrder, tuple[tuple[str, ...], tuple[type, ...]]]] = {
    GoalOrder.PERIOD: (
        ("period", "dimension", "member", "measure", "id"),
        (str, str, str, str, UUID),
    ),
    GoalOrder.AMOUNT: (("amount", "id"), (Decimal, UUID)),
    GoalOrder.UPDATED_AT: (("updated_at", "id"), (datetime, UUID)),
}


@dataclass(frozen=True, slots=True)
class GoalCriteria:
    """Which goals; None does not limit. `first_day` and `last_day`: that touch these days."""

    periods: frozenset[str] | None = None
    kinds: frozenset[GoalPeriodKind] | None = None
    dimensions: frozenset[GoalDimension] | None = None
    members: frozenset[str] | None = None
    measures: frozenset[GoalMeasure] | None = None
    first_day: date | None = None
    last_day: date | None = None

    def __post_init__(self) -> None:
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise InvalidRange(
                f"the range ends on {self.last_day}, before it begins on {self.first_day}",
                field=["filter", "to"],
            )

    @property
    def says_when(self) -> bool:
        """Tell whether it limits goals to a time."""
        return any(one is not None for one in (self.periods, self.first_day, self.last_day))


@dataclass(frozen=True, slots=True)
class GoalChange:
    """One change of a goal; `amount` None: it was deleted."""

    version: int
    amount: Decimal | None
    origin: str
    changed_at: datetime
    changed_by: str


async def list_goals(
    work: Work,
    criteria: GoalCriteria,
    order: GoalOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[Goal]:
    """Return a page of goals; those of profit for who may know cost.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    calendar = await business_calendar(work)
    chosen: dict[str, Any] = {"measure__in": sorted(measures_for(work, criteria.measures))}
    for name, values in (
        ("period__in", _periods(criteria, calendar)),
        ("kind__in", criteria.kinds),
        ("dimension__in", criteria.dimensions),
        ("member__in", criteria.members),
    ):
        if values is not None:
            chosen[name] = [str(one) for one in values]
    columns, types = _ORDERS[order]
    ordering = Ordering(f"goals-{order}", columns, types, descending)
    page = await fetch_page(work, GoalRow.filter(Q(**chosen)), ordering, first, after)
    return replace(page, rows=[(at, goal_of(vars(row), calendar)) for at, row in page.rows])


async def chosen_goals(
    work: Work, criteria: GoalCriteria, calendar: BusinessCalendar, *, most: int = MOST_SHOWN
) -> list[Goal]:
    """Return the goals that meet the criteria, in the order of their periods.

    Raises:
        TooManyGoals: more than `most`, which one answer shows.
    """
    rows = await work.rows(
        statements.CHOSEN,
        work.principal.org_id,
        _texts(_periods(criteria, calendar)),
        _texts(criteria.kinds),
        _texts(criteria.dimensions),
        _texts(criteria.members),
        _texts(measures_for(work, criteria.measures)),
        most + 1,
    )
    if len(rows) > most:
        raise TooManyGoals(
            f"more than {most} goals: limit the period or the dimensions",
            field=["filter"],
            limit=most,
        )
    return [goal_of(row, calendar) for row in rows]


async def find_goal(work: Work, id_: UUID) -> Goal | None:
    """Return a goal; None where there is none, or it may not be seen."""
    row = await work.row(statements.BY_ID, work.principal.org_id, [id_])
    if row is None or row["measure"] not in measures_for(work, None):
        return None
    return goal_of(row, await business_calendar(work))


async def changes_of(work: Work, goal: Goal) -> list[GoalChange]:
    """Return the last changes of a goal, the latest first."""
    key = goal.key
    rows = await work.rows(
        statements.CHANGES,
        work.principal.org_id,
        key.period,
        key.dimension,
        key.member,
        key.measure,
        MOST_CHANGES,
    )
    return [GoalChange(**row) for row in rows]


async def goal_rules(work: Work) -> GoalRules:
    """Return when goals count as reached and as about to be missed."""
    row = await work.row(statements.RULES, work.principal.org_id)
    return GoalRules(**row) if row else GoalRules()


async def set_goal_rules(
    work: Work, reached_at: Decimal, missed_below: Decimal, version: int | None
) -> GoalRules:
    """Settle when goals count as reached and as about to be missed.

    Raises:
        InvalidGoal: a level that is none, or missed above reached.
        StaleGoal: they changed since `version`.
    """
    for name, value in (("reachedAt", reached_at), ("missedBelow", missed_below)):
        if not value.is_finite() or not LEAST_LEVEL <= value <= MOST_LEVEL:
            raise InvalidGoal(
                f"a level is a part of the goal from {LEAST_LEVEL} to {MOST_LEVEL}; 1 is all of it",
                field=["input", name],
                value=str(value)[:40],
            )
    if missed_below > reached_at:
        raise InvalidGoal(
            "what is missed lies below what is reached", field=["input", "missedBelow"]
        )
    await work.rows(statements.TURN, str(work.principal.org_id))
    known = await goal_rules(work)
    if version is not None and version != known.version:
        raise StaleGoal(
            f"these levels changed since: they have version {known.version}",
            field=["input", "version"],
            version=known.version,
        )
    row = await work.row(statements.PUT_RULES, work.principal.org_id, reached_at, missed_below)
    assert row is not None, "an upsert returns its row"
    work.note("GOAL_RULES_SET", None, reached_at=reached_at, missed_below=missed_below)
    return GoalRules(**row)


def measures_for(work: Work, wanted: frozenset[GoalMeasure] | None) -> frozenset[GoalMeasure]:
    """Return the measures that are asked for and may be known."""
    known = frozenset(GoalMeasure)
    if not work.principal.has(Scope.ANALYTICS_READ):
        known -= {GoalMeasure.PROFIT}
    return known if wanted is None else known & wanted


def goal_of(row: dict[str, Any], calendar: BusinessCalendar) -> Goal:
    """Return the goal of a row."""
    key = GoalKey(
        row["period"], GoalDimension(row["dimension"]), row["member"], GoalMeasure(row["measure"])
    )
    return Goal(
        id=row["id"],
        key=key,
        period=read_period(row["period"], calendar, ["period"]),
        amount=row["amount"],
        version=row["version"],
        location_id=row["location_id"],
        latched=GoalStanding(row["latched"]) if row["latched"] else None,
        updated_at=row["updated_at"],
        updated_by=row["updated_by"],
    )


def _periods(criteria: GoalCriteria, calendar: BusinessCalendar) -> frozenset[str] | None:
    """Return the periods that the criteria admit; None: any."""
    if criteria.first_day is None and criteria.last_day is None:
        return criteria.periods
    first = criteria.first_day or calendar.starts()[0]
    last = criteria.last_day or calendar.starts()[-2]
    kinds = criteria.kinds if criteria.kinds is not None else frozenset(GoalPeriodKind)
    touched = frozenset(
        one.id for kind in kinds for one in periods_between(first, last, kind, calendar)
    )
    return touched if criteria.periods is None else touched & criteria.periods


def _texts(values: frozenset[Any] | None) -> list[str] | None:
    # PostgreSQL's text cannot hold NUL: such a value is nobody's.
    if values is None:
        return None
    return sorted(text for text in map(str, values) if "\x00" not in text)
