"""What was sold of what goals are about: a few summaries for any number of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from backend.analytics import comparisons, service as analytics
from backend.analytics.calendars import BusinessCalendar
from backend.analytics.goals.chances import Spread, levels_of, spread_of
from backend.analytics.goals.periods import (
    GoalPeriodKind,
    Period,
    a_year_before,
    period_at,
    periods_between,
)
from backend.analytics.goals.progress import Moment, Pattern, Sold
from backend.analytics.goals.proposal import Before
from backend.analytics.goals.rules import Goal, GoalDimension, GoalMeasure
from backend.analytics.goals.season import (
    MOST_LATE,
    MOST_YEARS,
    Base,
    Month,
    Season,
    SeasonBasis,
    Window,
    base_of,
    season_of,
    window_before,
)
from backend.analytics.planned import business_calendar
from backend.analytics.rollups import standing as rollups
from backend.analytics.rollups.standing import Standing
from backend.analytics.rules import Measures, Question, SalesDimension, SummaryOrder
from backend.core.months import next_month
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
_OWN_HISTORY: Final = _OWN_SEASON | {_D.ORGANISATION}
"""Of which all years a season is taken from are asked for; of others one, where they are few."""
_DAY: Final = timedelta(days=1)
MemberMonth = tuple[str, str]


@dataclass(slots=True)
class Sums:
    """What was sold: by dimension, member and month; by month and weekday of all.

    `recorded_from` is the first day after the last long pause of all sales: what lies before it is
    no history of whole years. What stands below it is what many goals share.
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
    spreads: dict[object, Spread | None] = field(default_factory=dict[object, Spread | None])
    bases: dict[object, Base | None] = field(default_factory=dict[object, Base | None])
    months: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    weights: dict[object, list[int]] = field(default_factory=dict[object, list[int]])

    def sold(self, goal: Goal) -> Sold:
        """Return what was attained: the months of the period added up."""
        parts = self._parts(goal, goal.period)
        net = sum((one.net_sales for one in parts), Decimal())
        units = sum((one.units for one in parts), Decimal())
        return Sold(_total(parts, goal), net / units if net > 0 and units > 0 else None)

    def pattern(self, goal: Goal, at: Moment, foreseen: Decimal | None = None) -> Pattern:
        """Return what the days of a goal are expected to be like."""
        season = self.season(goal, at)
        weights = self._weights(season, goal.period)
        return Pattern(weights, season.basis, self._spread(goal, season, at), foreseen)

    def weight_until(self, goal: Goal, at: Moment, through: date) -> Decimal:
        """Return the weight of the rest of today and of the days of a period up to `through`."""
        weights = self._weights(self.season(goal, at), goal.period)
        today, last = ((day - goal.period.first).days for day in (at.day, through))
        return weights[today] * (1 - at.fraction) + sum(weights[today + 1 : last + 1])

    def season(self, goal: Goal, at: Moment) -> Season:
        """Return how a goal is spread over its days."""
        window = self._window(goal, at)
        measure = _season_measure(goal)
        has_own = goal.key.dimension in _OWN_SEASON
        known = (window, measure, goal.key.dimension, goal.key.member if has_own else "")
        if known not in self.seasons:
            own = self._own_months(goal, measure, window) if has_own and window else None
            self.seasons[known] = season_of(self._base(window, measure), own)
        return self.seasons[known]

    def following(self, goal: Goal) -> Period:
        """Return the period after a goal's."""
        return period_at(goal.period.last + _DAY, goal.period.kind, self.calendar)

    def weight(self, goal: Goal, period: Period, at: Moment) -> Decimal:
        """Return the weight of a period by the season of a goal."""
        return Decimal(sum(self._weights(self.season(goal, at), period)))

    async def by(
        self,
        work: Work,
        dimension: GoalDimension,
        other: SalesDimension,
        members: frozenset[str],
        days: tuple[date, date],
    ) -> dict[MemberMonth, Measures]:
        """Ask what members sold on these days, by one dimension more."""
        if dimension is _D.ORGANISATION:
            found = await _ask(work, self, (other,), days)
            return {("", id_): one for (id_,), one in found.items() if id_ is not None}
        limit = {}
        if dimension in _FILTERS and len(members) <= MOST_VALUES:
            limit[_FILTERS[dimension]] = members
        found = await _ask(work, self, (dimension.sales, other), days, **limit)
        return {
            (member, id_): one
            for (member, id_), one in found.items()
            if member in members and id_ is not None
        }

    def year_before(self, goal: Goal, following: Period, at: Moment) -> Before:
        """Return what was sold a year before in the goal's period, and in the following one."""
        return Before(
            self._sold_in(goal, a_year_before(goal.period, self.calendar), at),
            self._sold_in(goal, a_year_before(following, self.calendar), at),
        )

    def _sold_in(self, goal: Goal, period: Period | None, at: Moment) -> Decimal | None:
        """Return what was sold in a period; None where not all of it is known."""
        if period is None or self.recorded_from is None or period.last >= at.day:
            return None
        if period.first + timedelta(days=MOST_LATE) < self.recorded_from:
            return None
        return _total(self._parts(goal, period), goal)

    def _parts(self, goal: Goal, period: Period) -> list[Measures]:
        found = self.by_member[goal.key.dimension]
        return [
            found[goal.key.member, month]
            for month in self._months_of(period)
            if (goal.key.member, month) in found
        ]

    def _months_of(self, period: Period) -> list[str]:
        """Return the ids of the months a period consists of."""
        if period.id not in self.months:
            if period.kind.is_fiscal and self.calendar.is_of_weeks:
                between = periods_between(
                    period.first, period.last, GoalPeriodKind.FISCAL_MONTH, self.calendar
                )
                self.months[period.id] = [one.id for one in between]
            else:
                self.months[period.id] = _calendar_months(period.first, period.last)
        return self.months[period.id]

    def _weights(self, season: Season, period: Period) -> list[int]:
        shared = (id(season), period.id)
        if shared not in self.weights:
            self.weights[shared] = season.weights(period.days)
        return self.weights[shared]

    def _window(self, goal: Goal, at: Moment) -> Window | None:
        return window_before(min(goal.period.first, at.day), self.recorded_from)

    def _base(self, window: Window | None, measure: GoalMeasure) -> Base | None:
        shared = (window, measure)
        if shared not in self.bases:
            every = {day: value_of(one, measure) for day, one in self.by_weekday.items()}
            self.bases[shared] = base_of(window, every)
        return self.bases[shared]

    def _spread(self, goal: Goal, season: Season, at: Moment) -> Spread | None:
        """Return how far a member's months usually are from its season."""
        window, key = self._window(goal, at), goal.key
        base = self._base(window, _season_measure(goal))
        if base is None or window is None:
            return None
        known = (window, key.dimension, key.member, key.measure)
        if known not in self.spreads:
            is_own = season.basis is SeasonBasis.OWN or key.dimension is _D.ORGANISATION
            sold = self._own_months(goal, key.measure, window)
            levels = levels_of(base, season, sold, is_own=is_own)
            self.spreads[known] = spread_of(levels, has_season=base.years == 1)
        return self.spreads[known]

    def _own_months(
        self, goal: Goal, measure: GoalMeasure, window: Window
    ) -> Mapping[Month, Decimal]:
        found = self.by_member[goal.key.dimension]
        months = _calendar_months(window.first, window.until - _DAY)
        return {
            _month(month): value_of(found[goal.key.member, month], measure)
            for month in months
            if (goal.key.member, month) in found
        }


async def gather_sums(work: Work, goals: Sequence[Goal], at: Moment) -> Sums:
    """Ask for what all the goals need: one summary per dimension and kind of months, one of all."""
    calendar = await business_calendar(work)
    sums = Sums(calendar, await rollups.standing(work))
    if not goals:
        return sums
    begun = [one.first for one in await comparisons.recorded(work) if one.first <= at.day]
    sums.recorded_from = begun[-1] if begun else None
    history = _years_before(min(min(goal.period.first, at.day) for goal in goals), MOST_YEARS)
    every = await _ask(
        work, sums, (SalesDimension.MONTH, SalesDimension.WEEKDAY), (history, at.day)
    )
    for (month, weekday), measures in every.items():
        if month is not None and weekday is not None:
            sums.by_weekday[_month(month), int(weekday)] = measures
    for dimension, those in _grouped(goals).items():
        members = frozenset(goal.key.member for goal in those)
        for grain, start in _starts(dimension, those, history, at, calendar).items():
            sums.by_member[dimension] |= await sums.by(
                work, dimension, grain, members, (start, at.day)
            )
    return sums


def _starts(
    dimension: GoalDimension,
    goals: Sequence[Goal],
    history: date,
    at: Moment,
    calendar: BusinessCalendar,
) -> dict[SalesDimension, date]:
    """Return from which day on sums of a dimension are needed, by the kind of months."""
    first = min(goal.period.first for goal in goals)
    is_long = dimension in _OWN_HISTORY
    is_few = is_long or len({goal.key.member for goal in goals}) <= MOST_VALUES
    year = min(first, _years_before(min(first, at.day), 1)) if is_few else first
    starts = {SalesDimension.MONTH: min(year, history) if is_long else year}
    if calendar.is_of_weeks:
        fiscal = [goal.period for goal in goals if goal.period.kind.is_fiscal]
        before = [a_year_before(period, calendar) or period for period in fiscal] if is_few else []
        if fiscal:
            starts[SalesDimension.FISCAL_MONTH] = min(one.first for one in (*fiscal, *before))
    return starts


async def _ask(
    work: Work,
    sums: Sums,
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


def value_of(measures: Measures, measure: GoalMeasure) -> Decimal:
    """Return a figure; profit of nothing known is nothing."""
    if measure is GoalMeasure.PROFIT:
        return measures.profit or Decimal()
    return measures.units if measure is GoalMeasure.UNITS else measures.net_sales


def _total(parts: Sequence[Measures], goal: Goal) -> Decimal:
    return sum((value_of(one, goal.key.measure) for one in parts), Decimal())


def _season_measure(goal: Goal) -> GoalMeasure:
    is_units = goal.key.measure is GoalMeasure.UNITS
    return GoalMeasure.UNITS if is_units else GoalMeasure.NET_SALES


def _grouped(goals: Iterable[Goal]) -> dict[GoalDimension, list[Goal]]:
    found: dict[GoalDimension, list[Goal]] = defaultdict(list)
    for goal in goals:
        found[goal.key.dimension].append(goal)
    return found


def _calendar_months(first: date, last: date) -> list[str]:
    found: list[str] = []
    while first <= last:
        found.append(f"{first.year:04}-{first.month:02}")
        first = next_month(first)
    return found


def _month(text: str) -> Month:
    year, month = text.split("-")
    return int(year), int(month)


def _years_before(day: date, years: int) -> date:
    return date(max(day.year - years, 1900), day.month, 1)
