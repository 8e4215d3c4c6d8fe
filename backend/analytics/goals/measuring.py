"""How far goals are: a few summaries for any number of goals, the rest is arithmetic."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from backend.analytics import service as analytics
from backend.analytics.calendars import BusinessCalendar
from backend.analytics.goals import service, statements
from backend.analytics.goals.errors import InvalidGoal
from backend.analytics.goals.periods import GoalPeriodKind, Period, period_at, periods_between
from backend.analytics.goals.rules import (
    Goal,
    GoalDimension,
    GoalMeasure,
    GoalRules,
    Moment,
    Progress,
    Sold,
    progress_of,
)
from backend.analytics.goals.season import (
    MOST_YEARS,
    Base,
    Month,
    Season,
    Window,
    base_of,
    season_of,
    window_before,
)
from backend.analytics.rollups import standing as rollups
from backend.analytics.rollups.standing import Standing
from backend.analytics.rules import Measures, Question, SalesDimension, SummaryOrder
from backend.infra.work import Work
from backend.sales.filters import MOST_VALUES, SalesCriteria

_D: Final = GoalDimension
_FILTERS: Final = {
    _D.REGION: "regions",
    _D.STATE: "states",
    _D.LOCATION: "locations",
    _D.CATEGORY: "categories",
    _D.PRODUCT: "skus",
    _D.DISTRIBUTOR: "distributors",
}
_OWN_SEASON: Final = frozenset({_D.REGION, _D.STATE, _D.LOCATION, _D.CATEGORY, _D.DISTRIBUTOR})
"""Where a season of one's own is looked for; products and sellers are too many and too short."""
_DAY_SECONDS: Final = Decimal(86_400)
MemberMonth = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """The progress of goals as of `as_of`, up to the business day `at`."""

    as_of: datetime
    at: Moment
    rules: GoalRules
    rows: tuple[Progress, ...]


@dataclass(slots=True)
class _Sums:
    """What was sold: by dimension, member and month; by month and weekday of all.

    What stands below `recorded_from` is what many goals share.
    """

    calendar: BusinessCalendar
    standing: Standing
    by_member: dict[GoalDimension, dict[MemberMonth, Measures]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    by_weekday: dict[tuple[Month, int], Measures] = field(
        default_factory=dict[tuple[Month, int], Measures]
    )
    recorded_from: date | None = None
    seasons: dict[object, Season] = field(default_factory=dict[object, Season])
    bases: dict[object, Base | None] = field(default_factory=dict[object, Base | None])
    months: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    weights: dict[object, list[int]] = field(default_factory=dict[object, list[int]])


async def progress(work: Work, criteria: service.GoalCriteria, on: date | None = None) -> Report:
    """Return how far the goals are that meet the criteria; unless these say when: current ones.

    `on` is the last business day that counts, whole; None: up to now.

    Raises:
        TooManyGoals: more than one answer shows.
        InvalidGoal: `on` lies ahead.
    """
    calendar = await analytics.business_calendar(work)
    at = moment(work, on)
    if not criteria.says_when:
        ids = frozenset(period_at(at.day, kind, calendar).id for kind in GoalPeriodKind)
        criteria = service.GoalCriteria(
            ids, criteria.kinds, criteria.dimensions, criteria.members, criteria.measures
        )
    goals = await service.chosen_goals(work, criteria, calendar)
    return await progress_of_goals(work, goals, at)


async def progress_of_goals(work: Work, goals: Sequence[Goal], at: Moment) -> Report:
    """Return how far these goals are."""
    rules = await service.goal_rules(work)
    sums = await _sums(work, goals, at)
    rows: list[Progress] = []
    for goal in goals:
        season = _season(sums, goal, at)
        shared = (id(season), goal.period.id)
        if shared not in sums.weights:
            sums.weights[shared] = season.weights(goal.period.days)
        weights = sums.weights[shared]
        rows.append(progress_of(goal, _sold(sums, goal), weights, season.basis, at, rules))
    return Report(work.now, at, rules, tuple(rows))


async def season_for(work: Work, goal: Goal) -> Season:
    """Return how a goal is spread over its days."""
    at = moment(work, None)
    return _season(await _sums(work, [goal], at), goal, at)


def moment(work: Work, on: date | None) -> Moment:
    """Return until when sales count; by the organisation's clock.

    Raises:
        InvalidGoal: `on` lies ahead.
    """
    here = work.now.astimezone(ZoneInfo(work.timezone))
    if on is None:
        seconds = here.hour * 3600 + here.minute * 60 + here.second
        return Moment(here.date(), Decimal(seconds) / _DAY_SECONDS)
    if on > here.date():
        raise InvalidGoal(f"today is {here.date()}", field=["on"], value=str(on))
    if on < date(1900, 1, 2):
        raise InvalidGoal("goals begin in 1900", field=["on"], value=str(on))
    return Moment(on)


async def _sums(work: Work, goals: Sequence[Goal], at: Moment) -> _Sums:
    """Ask for what all the goals need: one summary per dimension and kind of months, one of all."""
    calendar = await analytics.business_calendar(work)
    sums = _Sums(calendar, await rollups.standing(work))
    if not goals:
        return sums
    row = await work.row(statements.RECORDED_FROM, work.principal.org_id)
    sums.recorded_from = row["day"] if row else None
    starts = [min(goal.period.first, at.day) for goal in goals]
    history = _years_before(min(starts))
    every = await _ask(
        work, sums, (SalesDimension.MONTH, SalesDimension.WEEKDAY), (history, at.day)
    )
    for (month, weekday), measures in every.items():
        if month is not None and weekday is not None:
            sums.by_weekday[_month(month), int(weekday)] = measures
    for dimension, those in _grouped(goals).items():
        first = min(goal.period.first for goal in those)
        since = min(first, history) if dimension in _OWN_SEASON else first
        members = frozenset(goal.key.member for goal in those)
        grains = {SalesDimension.MONTH: since}
        if calendar.is_of_weeks and any(goal.period.kind.is_fiscal for goal in those):
            grains[SalesDimension.FISCAL_MONTH] = first
        for grain, start in grains.items():
            sums.by_member[dimension] |= await _by_period(
                work, sums, (dimension, grain), members, (start, at.day)
            )
    return sums


async def _by_period(
    work: Work,
    sums: _Sums,
    by: tuple[GoalDimension, SalesDimension],
    members: frozenset[str],
    days: tuple[date, date],
) -> dict[MemberMonth, Measures]:
    dimension, grain = by
    if dimension is _D.ORGANISATION:
        found = await _ask(work, sums, (grain,), days)
        return {("", period): one for (period,), one in found.items() if period is not None}
    limit = {}
    if dimension in _FILTERS and len(members) <= MOST_VALUES:
        limit[_FILTERS[dimension]] = members
    found = await _ask(work, sums, (dimension.sales, grain), days, **limit)
    return {
        (member, period): one
        for (member, period), one in found.items()
        if member in members and period is not None
    }


async def _ask(
    work: Work,
    sums: _Sums,
    group_by: tuple[SalesDimension, ...],
    days: tuple[date, date],
    **limit: frozenset[str],
) -> dict[tuple[str | None, ...], Measures]:
    first, last = days
    if first > last:
        return {}
    question = Question(group_by, SummaryOrder.KEY, descending=False, calendar=sums.calendar)
    criteria = SalesCriteria(first_day=first, last_day=last, **limit)
    found = await analytics.groups_of(work, question, criteria, sums.standing)
    return {tuple(key.id for key in group.keys): group.measures for group in found}


def _sold(sums: _Sums, goal: Goal) -> Sold:
    """Return what was attained: the months of the period added up."""
    found = sums.by_member[goal.key.dimension]
    parts = [
        found[goal.key.member, month]
        for month in _months_of(sums, goal.period)
        if (goal.key.member, month) in found
    ]
    attained = sum((value_of(one, goal.key.measure) for one in parts), Decimal())
    net = sum((one.net_sales for one in parts), Decimal())
    units = sum((one.units for one in parts), Decimal())
    return Sold(attained, net / units if net > 0 and units > 0 else None)


def value_of(measures: Measures, measure: GoalMeasure) -> Decimal:
    """Return a figure; profit of nothing known is nothing."""
    if measure is GoalMeasure.PROFIT:
        return measures.profit or Decimal()
    return measures.units if measure is GoalMeasure.UNITS else measures.net_sales


def _months_of(sums: _Sums, period: Period) -> list[str]:
    """Return the ids of the months a period consists of."""
    if period.id not in sums.months:
        if period.kind.is_fiscal and sums.calendar.is_of_weeks:
            between = periods_between(
                period.first, period.last, GoalPeriodKind.FISCAL_MONTH, sums.calendar
            )
            sums.months[period.id] = [one.id for one in between]
        else:
            sums.months[period.id] = _calendar_months(period.first, period.last)
    return sums.months[period.id]


def _calendar_months(first: date, last: date) -> list[str]:
    found: list[str] = []
    while first <= last:
        found.append(f"{first.year:04}-{first.month:02}")
        first = (first.replace(day=1) + timedelta(days=31)).replace(day=1)
    return found


def _season(sums: _Sums, goal: Goal, at: Moment) -> Season:
    window = window_before(min(goal.period.first, at.day), sums.recorded_from)
    measure = GoalMeasure.UNITS if goal.key.measure is GoalMeasure.UNITS else GoalMeasure.NET_SALES
    has_own = goal.key.dimension in _OWN_SEASON
    known = (window, measure, goal.key.dimension, goal.key.member if has_own else "")
    if known not in sums.seasons:
        own = _own_months(sums, goal, measure, window) if has_own and window else None
        shared = (window, measure)
        if shared not in sums.bases:
            every = {day: value_of(one, measure) for day, one in sums.by_weekday.items()}
            sums.bases[shared] = base_of(window, every)
        sums.seasons[known] = season_of(sums.bases[shared], own)
    return sums.seasons[known]


def _own_months(
    sums: _Sums, goal: Goal, measure: GoalMeasure, window: Window
) -> Mapping[Month, Decimal]:
    found = sums.by_member[goal.key.dimension]
    months = _calendar_months(window.first, window.until - timedelta(days=1))
    return {
        _month(month): value_of(found[goal.key.member, month], measure)
        for month in months
        if (goal.key.member, month) in found
    }


def _grouped(goals: Iterable[Goal]) -> dict[GoalDimension, list[Goal]]:
    found: dict[GoalDimension, list[Goal]] = defaultdict(list)
    for goal in goals:
        found[goal.key.dimension].append(goal)
    return found


def _month(text: str) -> Month:
    year, month = text.split("-")
    return int(year), int(month)


def _years_before(day: date) -> date:
    return date(max(day.year - MOST_YEARS, 1900), day.month, 1)
