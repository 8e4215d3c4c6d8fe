"""Periods that move with the day they are looked at. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_DAY = timedelta(days=1)


class Period(StrEnum):
    """Which business days something is about."""

    TODAY = "TODAY"
    """Today."""
    LAST_7_DAYS = "LAST_7_DAYS"
    """Seven days, today the last."""
    LAST_28_DAYS = "LAST_28_DAYS"
    """28 days, today the last."""
    LAST_90_DAYS = "LAST_90_DAYS"
    """90 days, today the last."""
    LAST_12_MONTHS = "LAST_12_MONTHS"
    """A year, today the last day."""
    THIS_MONTH = "THIS_MONTH"
    """From the first of this month to today."""
    THIS_QUARTER = "THIS_QUARTER"
    """From the first of this calendar quarter to today."""
    THIS_YEAR = "THIS_YEAR"
    """From 1 January to today."""
    LAST_YEAR = "LAST_YEAR"
    """The calendar year before this."""
    ALL_TIME = "ALL_TIME"
    """Everything."""
    DAYS = "DAYS"
    """The days that the filter names."""


@dataclass(frozen=True, slots=True)
class Days:
    """From `first` to `last`, inclusive; None: no end on that side."""

    first: date | None = None
    last: date | None = None


def days_of(period: Period, today: date) -> Days:
    """Return the days of a period as `today` sees it; of `DAYS` and `ALL_TIME` no ends."""
    if period is Period.LAST_YEAR:
        return Days(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))
    first = _first_day(period, today)
    return Days() if first is None else Days(first, today)


def _first_day(period: Period, today: date) -> date | None:
    match period:
        case Period.TODAY:
            return today
        case Period.LAST_7_DAYS:
            return today - 6 * _DAY
        case Period.LAST_28_DAYS:
            return today - 27 * _DAY
        case Period.LAST_90_DAYS:
            return today - 89 * _DAY
        case Period.LAST_12_MONTHS:
            is_leap_day = (today.month, today.day) == (2, 29)
            return today.replace(year=today.year - 1, day=28 if is_leap_day else today.day) + _DAY
        case Period.THIS_MONTH:
            return today.replace(day=1)
        case Period.THIS_QUARTER:
            return today.replace(month=today.month - (today.month - 1) % 3, day=1)
        case Period.THIS_YEAR:
            return today.replace(month=1, day=1)
        case _:
            return None
