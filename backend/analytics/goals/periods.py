"""Periods that goals are set for, written as summaries write them: 2018-Q1, FY2018-P02. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from backend.analytics.calendars import FIRST_YEAR, LAST_YEAR, BusinessCalendar, Unit
from backend.analytics.goals.errors import InvalidGoal
from backend.analytics.rules import SalesDimension

_DAY: Final = timedelta(days=1)


class GoalPeriodKind(StrEnum):
    """How long a goal's period is, and by whose calendar."""

    MONTH = "MONTH"
    """Calendar month: 2018-03."""
    QUARTER = "QUARTER"
    """Calendar quarter: 2018-Q1."""
    YEAR = "YEAR"
    """Calendar year: 2018."""
    FISCAL_MONTH = "FISCAL_MONTH"
    """Month of the organisation's business year, four or five weeks in one of weeks: FY2018-P02."""
    FISCAL_QUARTER = "FISCAL_QUARTER"
    """Quarter of the business year: FY2018-Q1."""
    FISCAL_YEAR = "FISCAL_YEAR"
    """Business year: FY2018."""

    @property
    def is_fiscal(self) -> bool:
        """Tell whether the organisation's own calendar says when it begins."""
        return self.value.startswith("FISCAL")

    @property
    def unit(self) -> Unit:
        """How long it is."""
        return Unit(self.value.removeprefix("FISCAL_"))

    @property
    def dimension(self) -> SalesDimension:
        """The dimension of summaries whose ids are its periods."""
        return SalesDimension(self.value)


_SHAPES: Final = re.compile(
    r"(?P<fy>FY)?(?P<year>\d{4})(?:-Q(?P<quarter>[1-4])|-(?P<p>P)?(?P<month>0[1-9]|1[0-2]))?"
)
_CALENDAR: Final = BusinessCalendar()


@dataclass(frozen=True, slots=True)
class Period:
    """A period; `first` and `last` are inclusive."""

    id: str
    kind: GoalPeriodKind
    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """All its days in order."""
        return [self.first + n * _DAY for n in range((self.last - self.first).days + 1)]


def kind_of(text: str) -> GoalPeriodKind | None:
    """Return what kind of period a text stands for; None: for none."""
    found = _SHAPES.fullmatch(text)
    if found is None or not FIRST_YEAR < int(found["year"]) < LAST_YEAR:
        return None
    if found["month"] and bool(found["fy"]) is not bool(found["p"]):
        return None
    unit = "QUARTER" if found["quarter"] else "MONTH" if found["month"] else "YEAR"
    return GoalPeriodKind(f"FISCAL_{unit}" if found["fy"] else unit)


def read_period(text: str, calendar: BusinessCalendar, field: Sequence[str]) -> Period:
    """Return the period a text stands for.

    Raises:
        InvalidGoal: it stands for none.
    """
    period = _period(text, calendar)
    if period is None:
        raise InvalidGoal(
            "a period is 2018, 2018-Q1, 2018-03, FY2018, FY2018-Q1 or FY2018-P02",
            field=field,
            value=text[:60],
        )
    return period


@lru_cache(maxsize=4096)
def _period(text: str, calendar: BusinessCalendar) -> Period | None:
    kind, found = kind_of(text), _SHAPES.fullmatch(text)
    if kind is None or found is None:
        return None
    used = calendar if kind.is_fiscal else _CALENDAR
    month = int(found["month"] or 1) if not found["quarter"] else int(found["quarter"]) * 3 - 2
    first, last = used.range_of(_day_in(used, int(found["year"]), month), kind.unit)
    return Period(text, kind, first, last)


def period_at(day: date, kind: GoalPeriodKind, calendar: BusinessCalendar) -> Period:
    """Return the period of that kind in which a day lies."""
    used = calendar if kind.is_fiscal else _CALENDAR
    first, last = used.range_of(day, kind.unit)
    place = used.place(first)
    year = f"FY{place.year:04}" if kind.is_fiscal else f"{place.year:04}"
    month = f"-P{place.month:02}" if kind.is_fiscal else f"-{place.month:02}"
    tail = {Unit.YEAR: "", Unit.QUARTER: f"-Q{place.quarter}", Unit.MONTH: month}[kind.unit]
    return Period(year + tail, kind, first, last)


def a_year_before(period: Period, calendar: BusinessCalendar) -> Period | None:
    """Return the same period of the year before; None where no period begins so early."""
    found = _SHAPES.fullmatch(period.id)
    assert found is not None, "a period has the id of one"
    year = f"{int(found['year']) - 1:04}"
    return _period(period.id.replace(found["year"], year, 1), calendar)


def periods_between(
    first: date, last: date, kind: GoalPeriodKind, calendar: BusinessCalendar
) -> Iterator[Period]:
    """Yield the periods of a kind that days from `first` to `last` touch, in order."""
    while first <= last:
        period = period_at(first, kind, calendar)
        yield period
        first = period.last + _DAY


def _day_in(calendar: BusinessCalendar, year: int, month: int) -> date:
    """Return the first day of a month of a business year."""
    start = next(one for one in calendar.starts() if calendar.year_of(one) == year)
    if calendar.is_of_weeks:
        return start + timedelta(weeks=calendar.month_weeks()[month - 1])
    years, months = divmod(start.month - 1 + month - 1, 12)
    return date(start.year + years, months + 1, 1)
