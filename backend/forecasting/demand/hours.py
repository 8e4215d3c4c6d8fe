"""How a location's usual day of sales goes, and how much of a day could be sold in. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, Protocol, TypeVar

import numpy as np

from backend.forecasting.arrays import Doubles

K = TypeVar("K")
_LEAST_LINES: Final = 200
"""Lines from which on a location's hours are believed."""
_ANY_HOUR: Final = 0.02
"""Share of a day's sales that may fall into any hour, whatever was seen."""
_EVEN: Final = np.linspace(0.0, 1.0, 25)


class Span(Protocol):
    """From when to when, by the location's own clock."""

    @property
    def since(self) -> datetime:
        """Its beginning."""
        ...

    @property
    def until(self) -> datetime:
        """Its end."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class UsualDay:
    """Which share of a day's sales has usually been sold at each full hour, 0 to 24."""

    shares: Doubles

    @classmethod
    def of(cls, lines: Sequence[float] | None) -> "UsualDay":
        """Return the day of a location with so many lines in each hour; all alike where few."""
        if lines is None or sum(lines) < _LEAST_LINES:
            return cls(_EVEN)
        hours = np.array(lines, np.float64) / sum(lines) * (1 - _ANY_HOUR) + _ANY_HOUR / 24
        return cls(np.append(0.0, np.cumsum(hours)))

    def gone(self, moment: datetime) -> float:
        """Return which share of the day's sales lies before a moment of it."""
        hours = moment.hour + moment.minute / 60 + moment.second / 3600
        return float(np.interp(hours, np.arange(25), self.shares))


def usual_days(lines: Mapping[K, Sequence[float]], places: Iterable[K]) -> dict[K, UsualDay]:
    """Return the usual day of each location."""
    return {one: UsualDay.of(lines.get(one)) for one in places}


def days_of(span: Span, usual: UsualDay) -> list[tuple[date, float]]:
    """Return the days that a span touches, and which share of each day's sales it takes."""
    first, last = span.since.date(), span.until.date()
    found: list[tuple[date, float]] = []
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        begin = usual.gone(span.since) if day == first else 0.0
        end = usual.gone(span.until) if day == last else 1.0
        if end > begin:
            found.append((day, end - begin))
    return found


def gone_of(day: date, now: datetime, usual: UsualDay) -> float:
    """Return which share of a day's sales time has passed at a local moment."""
    if day < now.date():
        return 1.0
    return usual.gone(now) if day == now.date() else 0.0


def midnight(day: date) -> datetime:
    """Return the beginning of a day, by the location's own clock."""
    return datetime.combine(day, time())
