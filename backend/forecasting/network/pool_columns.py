"""What features say of a pool: everything, a location or a product beside what it had before."""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from backend.forecasting.arrays import Doubles, Ints
from backend.forecasting.demand.rhythm import Rhythm, Step
from backend.forecasting.errors import InvalidModel
from backend.forecasting.network.pairs import Pairs, log_ratio, seen
from backend.forecasting.network.sums import Track

REACHES: Final = {Step.DAY: (3, 10), Step.WEEK: (0, 1)}
"""Periods before and after the one a year ago that are looked at: near, and wider."""
PROFILE_WEEKS: Final = {Step.DAY: 26, Step.WEEK: 8}
"""Of which profiles are the mean: of few pieces, eight weekdays are mostly chance."""


class PoolColumns(Protocol):
    """Columns by row of a pool: the series of the pairs are rows of it."""

    def weekday(self, at: Pairs) -> Doubles:
        """Compare the last equal weekdays with all weekdays."""
        ...

    def year(self, at: Pairs) -> Doubles:
        """Compare the days around the one a year ago with the level of then."""
        ...

    def date(self, at: Pairs) -> Doubles:
        """Return what was special about the date a year ago, beside its weekday."""
        ...

    def growth(self, at: Pairs) -> Doubles:
        """Compare the last weeks with those a year ago."""
        ...


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Looks everything up; `earlier` is by period the one of that date a year earlier."""

    track: Track
    rhythm: Rhythm
    earlier: Ints

    def weekday(self, at: Pairs) -> Doubles:
        """See PoolColumns."""
        week, weeks = self.rhythm.week, PROFILE_WEEKS[self.rhythm.step]
        usual = at.each(self._mean(at.series, at.origins - weeks * week, at.origins))
        return log_ratio(self.track.same_weekday(at.who, at.latest(week), weeks, usual), usual)

    def year(self, at: Pairs) -> Doubles:
        """See PoolColumns."""
        rhythm, before = self.rhythm, at.origins - self.rhythm.year
        usual = self._mean(at.series, before - 13 * rhythm.week, before)
        level = 0.6 * self._mean(at.series, before - 4 * rhythm.week, before) + 0.4 * usual
        window = seen(at.period - rhythm.year, REACHES[rhythm.step][0], at.when)
        return log_ratio(self.track.mean(at.who, *window, at.each(usual)), at.each(level))

    def date(self, at: Pairs) -> Doubles:
        """See PoolColumns."""
        rhythm, track = self.rhythm, self.track
        before, day = at.origins - rhythm.year, self.earlier[at.period]
        usual = at.each(self._mean(at.series, before - 13 * rhythm.week, before))
        latest = np.minimum(day, at.when) - rhythm.week
        usual = track.same_weekday(at.who, latest, 8, usual)
        return log_ratio(track.mean(at.who, *seen(day, 0, at.when), usual), usual)

    def growth(self, at: Pairs) -> Doubles:
        """See PoolColumns."""
        ends = (at.origins, at.origins - self.rhythm.year)
        now, then = (self._mean(at.series, end - 4 * self.rhythm.week, end) for end in ends)
        return at.each(log_ratio(now, then))

    def _mean(self, rows: Ints, begin: Ints, end: Ints) -> Doubles:
        ever = self.track.mean(rows, begin * 0, end, np.ones(len(rows)))
        return self.track.mean(rows, begin, end, ever)


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """What a pool says at the one origin that forecasts are made at: all columns by row and step.

    It is everything a series takes from all others, and small: periods are no longer in it. Rows
    are: everything, then each location, and in `years` each product; so many `places` come first.
    `years`, `dates` and `growths` are nothing where the season is not looked at.
    """

    weekdays: Doubles
    years: Doubles
    dates: Doubles
    growths: Doubles
    places: int

    @property
    def is_yearly(self) -> bool:
        """Tell whether the season is looked at."""
        return len(self.years) > 0

    def columns(self, _ahead: int) -> "Settled":
        """Return itself: it is made for one origin and as far ahead as a model forecasts."""
        return self

    def settled(self, horizon: int, *, yearly: bool) -> "Settled":
        """Return itself, if it was made for such a model.

        Raises:
            InvalidModel: it was not.
        """
        if self.weekdays.shape[1] != horizon or self.is_yearly is not yearly:
            raise InvalidModel("what is pooled was settled for another model", field=["model"])
        return self

    def weekday(self, at: Pairs) -> Doubles:
        """See PoolColumns."""
        return self.weekdays[at.who, at.period - at.when]

    def year(self, at: Pairs) -> Doubles:
        """See PoolColumns."""
        return self.years[at.who, at.period - at.when]

    def date(self, at: Pairs) -> Doubles:
        """See PoolColumns."""
        return self.dates[at.period - at.when]

    def growth(self, at: Pairs) -> Doubles:
        """See PoolColumns."""
        return self.growths[at.period - at.when]
