"""Daily or weekly: what a week, a season and a year are in periods."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class Step(StrEnum):
    """How long one period is."""

    DAY = "DAY"
    """A day."""
    WEEK = "WEEK"
    """Seven days, named by the first."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The lengths a forecast thinks in, as numbers of periods.

    `year` is whole weeks, so that a day a year ago is the same weekday.
    """

    step: Step
    days: int
    week: int
    year: int

    def later(self, start: date, periods: int) -> date:
        """Return the first day of the period so many after the one that begins at `start`."""
        return start + timedelta(days=self.days * periods)

    def between(self, start: date, end: date) -> int:
        """Return how many whole periods lie between two days."""
        return (end - start).days // self.days


_RHYTHMS: Final = {
    Step.DAY: Rhythm(Step.DAY, days=1, week=7, year=364),
    Step.WEEK: Rhythm(Step.WEEK, days=7, week=1, year=52),
}


def rhythm_of(step: Step) -> Rhythm:
    """Return the rhythm of daily or weekly periods."""
    return _RHYTHMS[step]
