"""The organisation's business years, as the backend tells them: their periods and steps. Pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from dashboard.analysis.periods import DAY, Span, a_year_before

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WEEK: Final = timedelta(days=7)
NAMES: Final = {
    "FISCAL": "Business year of months",
    "RETAIL_454": "Business year of 4-5-4 weeks",
    "RETAIL_445": "Business year of 4-4-5 weeks",
    "RETAIL_544": "Business year of 5-4-4 weeks",
}
"""How the calendars are called by which an organisation may divide its years."""


@dataclass(frozen=True, slots=True)
class BusinessYear:
    """A business year; `months` are the first days of its twelve."""

    id: str
    span: Span
    months: tuple[date, ...]

    def month(self, number: int, length: int = 1) -> Span:
        """Return the days of so many months, the first counted from nothing."""
        following = (*self.months, self.span.last + DAY)
        return Span(following[number], following[number + length] - DAY)


@dataclass(frozen=True, slots=True)
class BusinessYears:
    """Business years without a gap, oldest first; `kind` is the organisation's calendar."""

    kind: str
    years: tuple[BusinessYear, ...]

    @classmethod
    def of(cls, kind: str, given: Iterable[Mapping[str, Any]]) -> BusinessYears | None:
        """Read them from an answer; None: the years are those of the calendar."""
        if kind not in NAMES:
            return None
        years = [
            BusinessYear(
                one["id"],
                Span(date.fromisoformat(one["from"]), date.fromisoformat(one["to"])),
                tuple(date.fromisoformat(day) for day in one["months"]),
            )
            for one in given
        ]
        return cls(kind, tuple(years)) if years else None

    @property
    def name(self) -> str:
        """Return what the calendar is called."""
        return NAMES[self.kind]

    def knows(self, span: Span) -> bool:
        """Tell whether all these days lie in years that are known."""
        return self.years[0].span.first <= span.first and span.last <= self.years[-1].span.last

    def range_of(self, day: date, unit: str) -> Span:
        """Return the WEEK, MONTH, QUARTER or YEAR in which a day lies."""
        year = self._year(day)
        if unit == "YEAR":
            return year.span
        if unit == "WEEK":
            first = year.span.first + (day - year.span.first) // WEEK * WEEK
            return Span(first, min(first + WEEK - DAY, year.span.last))
        month = bisect_right(year.months, day) - 1
        return year.month(month // 3 * 3, 3) if unit == "QUARTER" else year.month(month)

    def step_of(self, day: date, unit: str) -> str:
        """Return the id of the step in which a day lies, as summaries write it."""
        year = self._year(day)
        month = bisect_right(year.months, day)
        return {
            "WEEK": f"{year.id}-W{(day - year.span.first) // WEEK + 1:02}",
            "MONTH": f"{year.id}-P{month:02}",
            "QUARTER": f"{year.id}-Q{(month + 2) // 3}",
            "YEAR": year.id,
        }[unit]

    def step_span(self, step: str) -> Span:
        """Return the days of a step."""
        name, _, part = step.partition("-")
        year = next(one for one in self.years if one.id == name)
        if not part:
            return year.span
        number = int(part[1:]) - 1
        if part[0] == "W":
            return self.range_of(year.span.first + number * WEEK, "WEEK")
        return year.month(number * 3, 3) if part[0] == "Q" else year.month(number)

    def previous(self, span: Span) -> Span | None:
        """Return the neighbour of a whole period; None: it is none."""
        for unit in ("WEEK", "MONTH", "QUARTER", "YEAR"):
            if span == self.range_of(span.first, unit) and self.years[0].span.first < span.first:
                return self.range_of(span.first - DAY, unit)
        return None

    def a_year_ago(self, span: Span) -> Span:
        """Return the same days of the year before; in years of weeks 52 weeks earlier."""
        if self.kind == "FISCAL":
            return a_year_before(span)
        return Span(span.first - 52 * WEEK, span.last - 52 * WEEK)

    def _year(self, day: date) -> BusinessYear:
        at = bisect_right(self.years, day, key=lambda year: year.span.first) - 1
        return self.years[max(at, 0)]
