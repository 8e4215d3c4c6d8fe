"""Which business days have sales recorded, and how much of a period they are. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median_low
from typing import Final

PAUSE: Final = 14
"""Days without any sale up to which nothing is thought to be missing: holidays, a refit."""
PAUSE_TIMES: Final = 10
"""The same by how far apart the days with sales usually are, for who sells once a week."""
ENOUGH: Final = 0.98
"""Which part of a period has to be known to be compared; a year may begin with holidays."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Business days in which sales are recorded, inclusive, without a long pause."""

    first: date
    last: date

    def days_within(self, first: date, last: date) -> int:
        """Return how many of the days from `first` to `last` lie in it."""
        return max((min(self.last, last) - max(self.first, first)).days + 1, 0)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """How many days of a period lie in stretches with sales."""

    days: int
    known: int

    @property
    def is_whole(self) -> bool:
        """Whether nearly all do, so that the period is a measure for another."""
        return self.known >= ENOUGH * self.days

    @property
    def reason(self) -> str | None:
        """Why it is none; None: it is one."""
        if self.is_whole:
            return None
        return f"{self.known} of {self.days} days have sales" if self.known else "no sales then"


def stretches_of(days: Sequence[date]) -> tuple[Stretch, ...]:
    """Return the stretches of days with sales, given in their order."""
    if not days:
        return ()
    apart = [(after - before).days for before, after in pairwise(days)]
    most = max(PAUSE, PAUSE_TIMES * median_low(apart)) if apart else PAUSE
    found: list[Stretch] = []
    first = days[0]
    for before, after in pairwise(days):
        if (after - before).days > most:
            found.append(Stretch(first, before))
            first = after
    return (*found, Stretch(first, days[-1]))


def knowledge(stretches: Sequence[Stretch], first: date, last: date) -> Knowledge:
    """Return how much of a period is known."""
    known = sum(one.days_within(first, last) for one in stretches)
    return Knowledge((last - first).days + 1, known)


def known_days(stretches: Sequence[Stretch], first: date, last: date) -> list[date]:
    """Return the days that lie in stretches with sales, from `first` to `last` inclusive."""
    return [
        day
        for one in stretches
        for n in range((one.last - one.first).days + 1)
        if first <= (day := one.first + timedelta(days=n)) <= last
    ]
