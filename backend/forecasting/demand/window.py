"""Which days of the past are read: up to yesterday by all clocks, or up to today. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

LEAST_DAYS: Final = 70
"""A shorter past is preceded by days of which nobody knows anything."""
STALE: Final = 14
"""Days without any sale after which the past is taken to have ended with the last one."""


@dataclass(frozen=True, slots=True)
class Window:
    """The days of a panel: `periods` from `first` on; `is_stale`: they ended long ago."""

    first: date
    periods: int
    ahead: int
    is_stale: bool

    @property
    def last(self) -> date:
        """The last day that is read."""
        return self.first + timedelta(days=self.periods - 1)

    def since(self, day: date) -> "Window":
        """Return the window without the days before this one, as far as there are enough."""
        begin = min(max(self.first, day), self.last - timedelta(days=LEAST_DAYS - 1))
        begin = max(self.first, begin)
        return replace(self, first=begin, periods=(self.last - begin).days + 1)

    def number(self, day: date) -> int:
        """Return the number of a day, 0 for the first."""
        return (day - self.first).days


def window_of(
    span: tuple[date, date], dates: Sequence[date], days: int, ahead: int, *, today: bool
) -> Window:
    """Return the days to read: to yesterday where all clocks are beyond it, or to today."""
    first, last = span
    ended = min(dates) - timedelta(days=1)
    is_stale = (ended - last).days > STALE
    # Where all there is was sold today, today is all the past there is.
    end = last if is_stale else max(dates) if today or ended < first else ended
    begin = max(first, end - timedelta(days=days - 1))
    begin = min(begin, end - timedelta(days=LEAST_DAYS - 1))
    return Window(begin, (end - begin).days + 1, ahead, is_stale)
