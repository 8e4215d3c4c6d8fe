"""How DuckDB tells periods of business days."""

from typing import Final

from backend.analytics.calendars import BusinessCalendar
from backend.analytics.rollups.planning import FISCAL
from backend.analytics.rules import SalesDimension

_D = SalesDimension
# What a period is told by is a number where that is quicker to make, and what day it stands for.
_MONTH: Final = (
    "year(day) * 12 + month(day) - 1",
    "make_date(({0} // 12)::int, ({0} % 12 + 1)::int, 1)",
)
_QUARTER: Final = (
    "year(day) * 4 + quarter(day) - 1",
    "make_date(({0} // 4)::int, ({0} % 4 * 3 + 1)::int, 1)",
)
_YEAR: Final = ("year(day)", "make_date({0}::int, 1, 1)")
_WEEKDAY: Final = ("isodow(day)", "date '2001-01-01' + ({0} - 1)::int")
_WEEK: Final = ("date_trunc('week', day)::date", "{0}")
_DAY: Final = ("day", "{0}")
_PERIODS: Final = {
    _D.WEEKDAY: _WEEKDAY, _D.WEEK: _WEEK, _D.MONTH: _MONTH, _D.QUARTER: _QUARTER, _D.YEAR: _YEAR,
}  # fmt: skip


def period(one: SalesDimension, calendar: BusinessCalendar) -> tuple[str, str]:
    """Return the SQL of what tells a fact's period, and that of a day of it."""
    if one in FISCAL and calendar.is_of_weeks:
        return f"time_bucket(interval '7 days', day, date '{calendar.starts()[0]}')", "{0}"
    if one in FISCAL and one is not _D.FISCAL_WEEK:
        return _MONTH
    return _PERIODS.get(one, _DAY)
