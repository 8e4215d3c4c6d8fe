"""Periods of a calendar: which there are, and which are whole. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from backend.analytics.errors import TooManyGroups
from backend.analytics.rules import SalesDimension

_D = SalesDimension
MOST_PERIODS: Final = 20_000
YEARLY: Final = {_D.DAY: 364, _D.WEEK: 52, _D.MONTH: 12, _D.QUARTER: 4, _D.YEAR: 1}
"""How many periods before lies the same one a year ago; of days the same weekday."""
SEASONS: Final = {_D.DAY: 7, _D.MONTH: 12, _D.QUARTER: 4}
"""How many periods a season takes to come round."""


@dataclass(frozen=True, slots=True)
class Period:
    """One period; `first` and `last` are inclusive.

    It is whole when sales reach from its first tenth to its last and today is behind it.
    """

    id: str
    first: date
    last: date
    is_whole: bool


def periods(
    grain: SalesDimension, first: date | None, last: date | None, *, is_partial: bool = False
) -> list[Period]:
    """Return the periods that days from `first` to `last` touch, in order.

    Raises:
        TooManyGroups: more than anybody can look at.
    """
    found: list[Period] = []
    if first is None or last is None:
        return found
    start = _start(grain, first)
    while start <= last:
        if len(found) == MOST_PERIODS:
            raise TooManyGroups(
                f"more than {MOST_PERIODS} periods: take longer ones, or fewer days",
                field=["choice", "grain"],
                limit=MOST_PERIODS,
            )
        end = _next(grain, start) - timedelta(days=1)
        slack = timedelta(days=((end - start).days + 1) // 10)
        is_whole = (
            first <= start + slack and last >= end - slack and not (is_partial and end >= last)
        )
        found.append(Period(_id(grain, start), start, end, is_whole))
        start = end + timedelta(days=1)
    return found


def season_of(grain: SalesDimension, period: Period) -> int:
    """Return which season a period is, from 0: January, Monday or the first quarter."""
    if grain is _D.DAY:
        return period.first.weekday()
    return (period.first.month - 1) // (12 // SEASONS[grain])


def _start(grain: SalesDimension, day: date) -> date:
    if grain is _D.WEEK:
        return day - timedelta(days=day.weekday())
    if grain is _D.MONTH:
        return day.replace(day=1)
    if grain is _D.QUARTER:
        return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return date(day.year, 1, 1) if grain is _D.YEAR else day


def _next(grain: SalesDimension, start: date) -> date:
    if grain in (_D.DAY, _D.WEEK):
        return start + timedelta(days=1 if grain is _D.DAY else 7)
    months = {_D.MONTH: 1, _D.QUARTER: 3, _D.YEAR: 12}[grain]
    years, month = divmod(start.month - 1 + months, 12)
    return date(start.year + years, month + 1, 1)


def _id(grain: SalesDimension, start: date) -> str:
    if grain is _D.QUARTER:
        return f"{start.year:04}-Q{(start.month + 2) // 3}"
    if grain is _D.WEEK:
        year, week, _ = start.isocalendar()
        return f"{year:04}-W{week:02}"
    return start.isoformat()[: {_D.DAY: 10, _D.MONTH: 7, _D.YEAR: 4}[grain]]
