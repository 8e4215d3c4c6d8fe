"""Business years: calendar, fiscal and of 52 or 53 weeks; periods beside one another. Pure.

Years of weeks follow the National Retail Federation: weeks run from Sunday to Saturday, a year ends
on the Saturday nearest the end of its last month (or the last Saturday in it), quarters have 4-5-4,
4-4-5 or 5-4-4 weeks, and a 53rd week belongs to the last month.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from itertools import accumulate, pairwise
from typing import Final

from backend.analytics.errors import InvalidSummary

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_SATURDAY: Final = 5
_PATTERNS: Final = {
    "RETAIL_445": (4, 4, 5),
    "RETAIL_454": (4, 5, 4),
    "RETAIL_544": (5, 4, 4),
}


class YearEnd(StrEnum):
    """On which Saturday a year of weeks ends."""

    NEAREST = "NEAREST"
    """The one nearest the last day of the month."""
    LAST = "LAST"
    """The last one in the month."""


class Unit(StrEnum):
    """A part of a business year."""

    WEEK = "WEEK"
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a day lies in its business year; weeks, months and quarters count from 1."""

    year: int
    quarter: int
    month: int
    week: int
    day: int
    """Of the week, from 1."""


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """How an organisation divides its years.

    `kind` is CALENDAR, FISCAL (calendar months, the year begins with `first_month`) or RETAIL_445,
    RETAIL_454, RETAIL_544. A fiscal year of months is named for the year it ends in, one of weeks
    for the year it begins in, as the federation names them.
    """

    kind: str = "CALENDAR"
    first_month: int = 1
    year_end: YearEnd = YearEnd.NEAREST

    @property
    def is_of_weeks(self) -> bool:
        """Tell whether its months are made of weeks."""
        return self.kind in _PATTERNS

    def starts(self) -> tuple[date, ...]:
        """Return the first days of all years that are known, in order."""
        return _starts(self)

    def year_of(self, start: date) -> int:
        """Return the number of the year that begins on `start`."""
        if self.is_of_weeks:
            # It begins within a week of its first month.
            return (start + _WEEK).year
        return start.year + (self.kind == "FISCAL" and self.first_month > 1)

    def month_weeks(self) -> tuple[int, ...]:
        """Return how many weeks lie before each of the twelve months."""
        weeks = _PATTERNS.get(self.kind, (4, 4, 5)) * 4
        return (0, *accumulate(weeks[:-1]))

    def years(self, first: date, last: date) -> list[tuple[int, tuple[date, ...]]]:
        """Return the years these days touch, oldest first: number, month starts, the next start.

        What lies beyond all years that are known is left out.
        """
        return [
            (self.year_of(start), (*self._month_starts(start), following))
            for start, following in pairwise(self.starts())
            if following > first and start <= last
        ]

    def place(self, day: date) -> Place:
        """Return where a day lies."""
        start = self.start_of(day)
        days = (day - start).days
        week = days // 7
        if self.is_of_weeks:
            month = bisect_right(self.month_weeks(), week)
        else:
            month = (day.year - start.year) * 12 + day.month - start.month + 1
        return Place(self.year_of(start), (month + 2) // 3, month, week + 1, days % 7 + 1)

    def start_of(self, day: date) -> date:
        """Return the first day of the business year a day lies in.

        Raises:
            InvalidSummary: it lies beyond all years that are known.
        """
        self._check_known(day, "from")
        starts = self.starts()
        return starts[bisect_right(starts, day) - 1]

    def range_of(self, day: date, unit: Unit) -> tuple[date, date]:
        """Return the first and the last day of the period a day lies in."""
        start = self.start_of(day)
        following = self.starts()[bisect_right(self.starts(), day)]
        if unit is Unit.YEAR:
            return start, following - _DAY
        if unit is Unit.WEEK:
            first = start + (day - start) // _WEEK * _WEEK
            return first, min(first + _WEEK, following) - _DAY
        bounds = [*self._month_starts(start), following]
        month = bisect_right(bounds, day) - 1
        if unit is Unit.QUARTER:
            month = month // 3 * 3
        length = 3 if unit is Unit.QUARTER else 1
        return bounds[month], bounds[month + length] - _DAY

    def previous(self, first: date, last: date) -> tuple[date, date]:
        """Return the period before: a whole period's neighbour, else as many days.

        Raises:
            InvalidSummary: it lies beyond all years that are known.
        """
        self._check_known(first, "from")
        self._check_known(last, "to")
        before = first - _DAY
        for unit in Unit:
            if (first, last) == self.range_of(first, unit):
                return self.range_of(before, unit)
        return first - (last - first) - _DAY, before

    def a_year_ago(self, first: date, last: date) -> tuple[date, date]:
        """Return the same period last year.

        Years of weeks go back 52 weeks, so that weekdays meet: after a year of 53 weeks that is the
        federation's restated calendar. Others compare dates, 29 February with the 28th; a month's
        end stays one.

        Raises:
            InvalidSummary: it lies beyond all years that are known.
        """
        self._check_known(first, "from")
        self._check_known(last, "to")
        if self.is_of_weeks:
            return first - 52 * _WEEK, last - 52 * _WEEK
        is_month_end = (last + _DAY).day == 1
        return _a_year_before(first), _a_year_before(last, to_end=is_month_end)

    def _check_known(self, day: date, field: str) -> None:
        starts = self.starts()
        if not starts[0] <= day < starts[-1]:
            raise InvalidSummary(
                f"business years are known from {starts[0]} to {starts[-1] - _DAY}",
                field=["filter", field],
                value=str(day),
            )

    def _month_starts(self, start: date) -> list[date]:
        if self.is_of_weeks:
            return [start + weeks * _WEEK for weeks in self.month_weeks()]
        return [_month(start.year, start.month + n) for n in range(12)]


@cache
def _starts(calendar: BusinessCalendar) -> tuple[date, ...]:
    years = range(FIRST_YEAR, LAST_YEAR + 2)
    first_month = 1 if calendar.kind == "CALENDAR" else calendar.first_month
    firsts = [date(year, first_month, 1) for year in years]
    if not calendar.is_of_weeks:
        return tuple(firsts)
    return tuple(_last_saturday(first - _DAY, calendar.year_end) + _DAY for first in firsts)


def _last_saturday(month_end: date, rule: YearEnd) -> date:
    back = (month_end.weekday() - _SATURDAY) % 7
    if rule is YearEnd.NEAREST and back > 3:
        return month_end + timedelta(days=7 - back)
    return month_end - timedelta(days=back)


def _month(year: int, month: int) -> date:
    years, month = divmod(month - 1, 12)
    return date(year + years, month + 1, 1)


def _a_year_before(day: date, *, to_end: bool = False) -> date:
    if to_end:
        return _month(day.year - 1, day.month + 1) - _DAY
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
