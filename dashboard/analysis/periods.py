"""Periods of business days, what they are compared with, and the steps of a time axis. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.analysis.years import BusinessYears

DAY = timedelta(days=1)

PERIODS: Final = {
    "today": "Today",
    "7d": "Last 7 days",
    "28d": "Last 28 days",
    "90d": "Last 90 days",
    "12m": "Last 12 months",
    "month": "This month",
    "quarter": "This quarter",
    "year": "This year",
    "last-year": "Last year",
    "all": "All time",
    "custom": "From … to …",
}
"""What can be chosen, and how it is read."""

COMPARISONS: Final = {
    "previous": "the period before",
    "year": "a year before",
    "none": "nothing",
}

PARTS: Final = frozenset({"WEEK", "MONTH", "QUARTER", "YEAR"})
"""Steps that a business year divides otherwise than the calendar."""

DEFAULT_PERIOD: Final = "12m"
DEFAULT_COMPARISON: Final = "previous"

MOST_OF_GRAIN: Final = {"DAY": 92, "WEEK": 550, "MONTH": 3_700}
"""Longest period, in days, that is shown in such steps; beyond the last, quarters."""


@dataclass(frozen=True, slots=True)
class Span:
    """Business days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Return how many business days it has."""
        return (self.last - self.first).days + 1

    @property
    def grain(self) -> str:
        """Return the dimension whose steps make a readable time axis."""
        if self.days == 1:
            return "HOUR"
        return next((g for g, most in MOST_OF_GRAIN.items() if self.days <= most), "QUARTER")

    def overlap(self, other: Span) -> Span | None:
        """Return the days that both have."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Span(first, last) if first <= last else None

    def named(self) -> str:
        """Return how it is read: `3 Mar 2018 – 5 Mar 2018`."""
        if self.first == self.last:
            return day_name(self.first)
        return f"{day_name(self.first)} – {day_name(self.last)}"


def day_name(day: date) -> str:
    """Return a day as read: `3 Mar 2018`."""
    return f"{day.day} {day:%b %Y}"


def span_of(period: str, *, today: date, known: Span, years: BusinessYears | None = None) -> Span:
    """Return the days of a named period; `known` are those with sales.

    `years`: months, quarters and years are those of the business.
    """
    begins: dict[str, Callable[[], date]] = {
        "today": lambda: today,
        "7d": lambda: today - 6 * DAY,
        "28d": lambda: today - 27 * DAY,
        "90d": lambda: today - 89 * DAY,
        "12m": lambda: year_before(today) + DAY,
        "month": lambda: _begins("MONTH", today, years),
        "quarter": lambda: _begins("QUARTER", today, years),
        "year": lambda: _begins("YEAR", today, years),
    }
    if period in begins:
        return Span(begins[period](), today)
    if period == "last-year":
        if years:
            return years.range_of(years.range_of(today, "YEAR").first - DAY, "YEAR")
        return Span(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))
    return Span(min(known.first, today), max(known.last, known.first))


def _begins(unit: str, day: date, years: BusinessYears | None) -> date:
    return years.range_of(day, unit).first if years else step_span(step_of(day, unit), unit).first


def year_before(day: date) -> date:
    """Return the same day a year before; 28 February before a leap day."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def a_year_before(span: Span) -> Span:
    """Return the same days a year before; the end of a month stays one."""
    last = year_before(span.last)
    if (span.last + DAY).day == 1:
        last = _months_before(span.last + DAY, 12) - DAY
    return Span(year_before(span.first), last)


def before(span: Span, comparison: str, years: BusinessYears | None = None) -> Span | None:
    """Return the days a period is compared with; None: there are none."""
    if comparison == "year" and span.first.year > 1:
        return years.a_year_ago(span) if years else a_year_before(span)
    if comparison == "previous":
        return (years.previous(span) if years else _months_earlier(span)) or Span(
            span.first - span.days * DAY, span.first - DAY
        )
    return None


def _months_earlier(span: Span) -> Span | None:
    """Return the neighbour of a period of whole calendar months; None: it is none."""
    months = _whole_months(span)
    return Span(_months_before(span.first, months), span.first - DAY) if months else None


def _whole_months(span: Span) -> int:
    """Return of how many calendar months a period consists; 0: it begins or ends within one."""
    if span.first.day != 1 or (span.last + DAY).day != 1:
        return 0
    return (span.last.year - span.first.year) * 12 + span.last.month - span.first.month + 1


def _months_before(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def steps(span: Span, grain: str, years: BusinessYears | None = None) -> list[str]:
    """Return the ids of all steps of a period, those without sales too, as summaries write them."""
    if grain == "HOUR":
        return [str(hour) for hour in range(24)]
    step_at = years.step_of if years and grain in PARTS else step_of
    found: dict[str, None] = {}
    day = span.first
    while day <= span.last:
        found[step_at(day, grain)] = None
        day += DAY
    return list(found)


def step_of(day: date, grain: str) -> str:
    """Return the id of the step in which a day lies."""
    if grain == "WEEK":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    return {
        "DAY": f"{day}",
        "MONTH": f"{day:%Y-%m}",
        "QUARTER": f"{day.year}-Q{(day.month + 2) // 3}",
        "YEAR": f"{day.year}",
    }[grain]


def step_span(step: str, grain: str) -> Span:
    """Return the days of a step."""
    year = int(step[:4])
    if grain == "DAY":
        day = date.fromisoformat(step)
        return Span(day, day)
    if grain == "WEEK":
        monday = date.fromisocalendar(year, int(step[6:]), 1)
        return Span(monday, monday + 6 * DAY)
    months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[grain]
    month = {"MONTH": lambda: int(step[5:]), "QUARTER": lambda: int(step[6:]) * 3 - 2}
    first = date(year, month[grain]() if grain in month else 1, 1)
    return Span(first, _months_before(first, -months) - DAY)


def step_start(step: str, grain: str) -> str:
    """Return the first day of a step, as a time axis takes it; an hour stays what it is."""
    return step if grain == "HOUR" else step_span(step, grain).first.isoformat()


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone; UTC where its name is unknown here."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
