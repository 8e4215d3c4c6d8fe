"""How a year's and a week's sales are usually spread, and plans spread like them. Pure.

The pattern of a day is that of its month times that of its weekday, each the mean of sales a day in
whole years of history. Where history is short, less of the pattern is used and `SeasonBasis` says
so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Final

MOST_YEARS: Final = 3
"""Whole years of history that a season is taken from."""
LEAST_WEEKDAYS: Final = 28
"""Days of history from which weekdays can be told apart."""
MOST_LATE: Final = 3
"""Days into a month that the first sale of all may come for the month to be a whole one."""
_SCALE: Final = 1_000_000
_TENTHOUSANDTHS: Final = 10_000
Month = tuple[int, int]
"""Year and month."""


class SeasonBasis(StrEnum):
    """From what a plan's spread over its days is taken."""

    OWN = "OWN"
    """Months from the member's own history, weekdays from the organisation's."""
    ORGANISATION = "ORGANISATION"
    """Months and weekdays from the organisation's history: the member's own is too short."""
    WEEKDAYS = "WEEKDAYS"
    """Weekdays only: there is no whole year of history before the period."""
    EVEN = "EVEN"
    """Every day the same: there is no history before the period."""


@dataclass(frozen=True, slots=True)
class Season:
    """Sales a day by month (January first) and by weekday (Monday first), in any unit."""

    basis: SeasonBasis
    months: tuple[float, ...] = (1.0,) * 12
    weekdays: tuple[float, ...] = (1.0,) * 7

    def weights(self, days: Sequence[date]) -> list[int]:
        """Return the weight of each day; all the same where history has nothing for any."""
        found = [
            round(self.months[day.month - 1] * self.weekdays[day.weekday()] * _SCALE)
            for day in days
        ]
        return found if any(found) else [1] * len(days)


EVEN: Final = Season(SeasonBasis.EVEN)


@dataclass(frozen=True, slots=True)
class Window:
    """Whole months of history, `first` to before `until`; `years` whole years, or fewer months."""

    first: date
    until: date
    years: int


def window_before(day: date, recorded_from: date | None) -> Window | None:
    """Return the history a season is taken from: up to three whole years before the day's month.

    `recorded_from` is the day of the first sale. Less than a year: all whole months there are. None
    without any.
    """
    until = day.replace(day=1)
    if recorded_from is None:
        return None
    # A month is whole where its first tenth has a sale.
    earliest = _months_later(recorded_from.replace(day=1), int(recorded_from.day > 1 + MOST_LATE))
    for years in range(MOST_YEARS, 0, -1):
        first = _months_later(until, -12 * years)
        if first >= earliest:
            return Window(first, until, years)
    return Window(earliest, until, 0) if earliest < until else None


@dataclass(frozen=True, slots=True)
class Base:
    """What all seasons of one window share: its months, their days, and what all sold."""

    months: tuple[Month, ...]
    days: tuple[int, ...]
    """Days of each month of the year in the window, January first."""
    weights: tuple[float, ...]
    """Of each of these months: its days weighed by their weekdays."""
    organisation: Season
    years: int
    """Whole years of the window; 0: less than one."""


def base_of(window: Window | None, every: Mapping[tuple[Month, int], Decimal]) -> Base | None:
    """Return what the organisation sold in a window, by month and weekday (1 is Monday).

    None without a window, with less than four weeks, or where nothing was sold.
    """
    if window is None:
        return None
    months, days = _months(window), _days_of(window)
    weekdays = _weekdays(months, every, days)
    if len(days) < LEAST_WEEKDAYS or weekdays is None:
        return None
    count = [0] * 12
    weighed = dict.fromkeys(months, 0.0)
    for day in days:
        count[day.month - 1] += 1
        weighed[day.year, day.month] += weekdays[day.weekday()]
    shared = (tuple(months), tuple(count), tuple(weighed.values()))
    if not window.years:
        return Base(*shared, Season(SeasonBasis.WEEKDAYS, weekdays=weekdays), 0)
    summed = {
        month: sum((every.get((month, n), Decimal()) for n in range(1, 8)), Decimal())
        for month in months
    }
    by_month = _by_month(months, summed, count)
    return Base(*shared, Season(SeasonBasis.ORGANISATION, by_month, weekdays), window.years)


def season_of(base: Base | None, own: Mapping[Month, Decimal] | None) -> Season:
    """Return the season of a member from its sums by month (None: do not ask), else of all."""
    if base is None:
        return EVEN
    if not base.years or own is None:
        return base.organisation
    if not all(own.get(month, 0) > 0 for month in base.months):
        return base.organisation
    months = _by_month(base.months, own, base.days)
    return Season(SeasonBasis.OWN, months, base.organisation.weekdays)


def spread(amount: Decimal, weights: Sequence[int]) -> list[Decimal]:
    """Divide an amount by weights, to the last ten-thousandth: the parts add up to it.

    The sum of the first n parts is their exact share, cut off: no part is off by more than one.
    """
    whole = int(amount * _TENTHOUSANDTHS)
    total = sum(weights)
    cuts = [whole * one // total for one in accumulate(weights, initial=0)]
    return [Decimal(after - before) / _TENTHOUSANDTHS for before, after in pairwise(cuts)]


def _by_month(
    months: Sequence[Month], sold: Mapping[Month, Decimal], days: Sequence[int]
) -> tuple[float, ...]:
    sums = [Decimal()] * 12
    for year, month in months:
        sums[month - 1] += sold.get((year, month), Decimal())
    return _levelled([_a_day(one, number) for one, number in zip(sums, days, strict=True)])


def _weekdays(
    months: Sequence[Month], every: Mapping[tuple[Month, int], Decimal], days: Sequence[date]
) -> tuple[float, ...] | None:
    """Return sales a day by weekday; None where nothing was sold."""
    count = [0] * 7
    for day in days:
        count[day.weekday()] += 1
    sums = [sum((every.get((month, n), Decimal()) for month in months), Decimal())
            for n in range(1, 8)]  # fmt: skip
    found = [_a_day(one, number) for one, number in zip(sums, count, strict=True)]
    return _levelled(found) if any(found) else None


def _a_day(sold: Decimal, days: int) -> float:
    return max(0.0, float(sold)) / days if days else 0.0


def _levelled(values: Sequence[float]) -> tuple[float, ...]:
    """Return values with the mean 1; all 1 where there is nothing."""
    mean = sum(values) / len(values)
    return tuple(one / mean for one in values) if mean else (1.0,) * len(values)


def _months(window: Window) -> list[Month]:
    first = window.first
    found: list[Month] = []
    while first < window.until:
        found.append((first.year, first.month))
        first = _months_later(first, 1)
    return found


def _days_of(window: Window) -> list[date]:
    return [window.first + timedelta(days=n) for n in range((window.until - window.first).days)]


def _months_later(first: date, months: int) -> date:
    years, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(years, month + 1, 1)
