"""Demand of many products at many locations, period by period, with what is known ahead."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from math import comb
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Flags, Floats, Ints
from backend.forecasting.demand.rhythm import Rhythm, Step, rhythm_of

_CHANCE: Final = 0.01
"""A weekday without sales counts as closed when chance explains it less often than this."""
_WEEKS: Final = 8
"""How many weeks back it is looked for."""
_NEXT_TO_NOTHING: Final = 0.05
"""Of what is known of late."""
_HALF_A_YEAR: Final = 26


@dataclass(frozen=True, slots=True)
class Plans:
    """What is known ahead, by series and period; None: nobody says.

    Each reaches as far beyond the last observed period as is known. `promo` is 0 without a
    promotion, else how strong it is; `opened` the share of the period the location is open;
    `price` NaN where it is not known.
    """

    promo: Floats | None = None
    price: Floats | None = None
    opened: Floats | None = None

    def until(self, end: int) -> "Plans":
        """Return what is known of the first `end` periods."""
        return self._each(slice(None), slice(None, end))

    def since(self, begin: int) -> "Plans":
        """Return what is known from this period on."""
        return self._each(slice(None), slice(begin, None))

    def of(self, rows: slice | Ints) -> "Plans":
        """Return what is known of some series."""
        return self._each(rows, slice(None))

    def _each(self, rows: slice | Ints, columns: slice) -> "Plans":
        promo, price, opened = (
            None if one is None else one[rows, columns]
            for one in (self.promo, self.price, self.opened)
        )
        return Plans(promo, price, opened)


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Demand by series (rows) and period (columns), the first of which begins at `start`.

    `exposure` is the share of the period in which a customer could have bought: 0 where the
    location was closed, nothing was in stock all the time, or nobody knows; what was sold in half
    a day is not the demand of a day. Demand is never negative: more returns than sales are none.
    `products` and `locations` number the products and locations of the series, `countries` names
    the country of each location, None where it is not known.
    """

    start: date
    step: Step
    demand: Floats
    exposure: Floats
    products: Ints
    locations: Ints
    countries: tuple[str | None, ...]
    plans: Plans = Plans()

    @property
    def rhythm(self) -> Rhythm:
        """Daily or weekly."""
        return rhythm_of(self.step)

    @property
    def series(self) -> int:
        """How many series there are."""
        return self.demand.shape[0]

    @property
    def periods(self) -> int:
        """How many periods were observed."""
        return self.demand.shape[1]

    @property
    def through(self) -> date:
        """The first day of the last observed period."""
        return self.rhythm.later(self.start, self.periods - 1)

    def until(self, end: int, ahead: int = 0) -> "Panel":
        """Return what was known after `end` periods: plans reach `ahead` periods further."""
        return replace(
            self,
            demand=self.demand[:, :end],
            exposure=self.exposure[:, :end],
            plans=self.plans.until(end + ahead),
        )

    def last(self, periods: int) -> "Panel":
        """Return the last so many observed periods, and everything planned."""
        begin = max(self.periods - periods, 0)
        return replace(
            self,
            start=self.rhythm.later(self.start, begin),
            demand=self.demand[:, begin:],
            exposure=self.exposure[:, begin:],
            plans=self.plans.since(begin),
        )

    def of(self, rows: slice | Ints) -> "Panel":
        """Return some of the series."""
        return replace(
            self,
            demand=self.demand[rows],
            exposure=self.exposure[rows],
            products=self.products[rows],
            locations=self.locations[rows],
            plans=self.plans.of(rows),
        )

    def parts(self, series: int) -> Iterator["Panel"]:
        """Yield the series in order, so many at once."""
        for begin in range(0, self.series, series):
            yield self.of(slice(begin, begin + series))

    def weekday(self, period: Ints | int) -> Ints:
        """Return the weekday a period begins on, 0 on Monday."""
        return np.asarray((self.start.weekday() + np.asarray(period) * self.rhythm.days) % 7)

    def closed_weekdays(self) -> Flags:
        """Tell by location and weekday where nothing is ever sold.

        So it is when the last eight weeks saw no sale on that weekday, though there were so many
        on other days that chance hardly explains it; or on so few weekdays that chance explains
        that as little: who sells on Mondays only. Weeks have no weekdays: nothing is closed.
        """
        closed = np.zeros((len(self.countries), 7), np.bool_)
        if self.step is Step.WEEK or self.periods == 0:
            return closed
        sold = self._sold_at_locations()
        weekdays = self.weekday(np.arange(self.periods))[-sold.shape[1] :]
        for place, days in enumerate(sold):
            traded = days[np.argmax(days) :] if days.any() else days[:0]
            on = weekdays[len(weekdays) - len(traded) :]
            times, sales = np.bincount(on, minlength=7), np.bincount(on[traded], minlength=7)
            never = (sales == 0) & (times > 0)
            closed[place] = never & (_chances(times, sales) < _CHANCE)
        return closed

    def _sold_at_locations(self) -> Flags:
        """Tell by location and day of the last eight weeks whether anything was sold."""
        recent = self.demand[:, -_WEEKS * 7 :] > 0
        sold = np.zeros((len(self.countries), recent.shape[1]), np.bool_)
        np.logical_or.at(sold, self.locations, recent)
        return sold

    def opened(self, ahead: int) -> Floats:
        """Return by series and period, `ahead` beyond the last, how much of it is open.

        As planned, else as the weekday has it.
        """
        total = self.periods + ahead
        opened = np.ones((self.series, total), np.float32)
        planned, closed = self.plans.opened, self.closed_weekdays()
        if planned is None and not closed.any():
            return opened
        if planned is not None:
            known = min(total, planned.shape[1])
            opened[:, :known] = planned[:, :known]
            opened[:, known:] = 1
        weekdays = self.weekday(np.arange(total))
        shut = closed[self.locations][:, weekdays]
        if planned is not None:
            shut[:, : planned.shape[1]] = False
        shut[:, : self.periods] &= self.demand == 0
        return np.where(shut, np.float32(0), opened)


def _chances(times: Ints, sales: Ints) -> Doubles:
    """Return by weekday how likely it is that one like all others sold nothing so many times.

    Where all sales fall on a few weekdays, and any few would do as well, these are what it is
    compared with.
    """
    rest = np.maximum(times.sum() - times, 1)
    beside_all = (1 - (sales.sum() - sales) / rest) ** times
    some = sales > 0
    by_luck = comb(7, int(some.sum())) * (some.sum() / 7) ** sales.sum()
    if by_luck >= _CHANCE:
        return beside_all
    often = sales.sum() / times[some].sum()
    return np.minimum(beside_all, (1 - often) ** times)


def begun(panel: Panel) -> Panel:
    """Return a panel without the weeks at its beginning in which next to nothing was known.

    They teach nothing, but would count as years of a season nobody saw: as where somebody imports
    what a shop sold that closed long ago. Half a year is left in any case.
    """
    weeks = known_weeks(panel)
    first = int(np.argmax(weeks >= _NEXT_TO_NOTHING)) if weeks.size else 0
    left = max(len(weeks) - first, _HALF_A_YEAR)
    if left >= len(weeks):
        return panel
    rest = panel.last(left * panel.rhythm.week)
    unknown = int(np.argmax(rest.exposure.any(0))) if left > _HALF_A_YEAR else 0
    return rest.last(rest.periods - unknown)


def known_weeks(panel: Panel) -> Doubles:
    """Return by week how much was known of what sells, 1 as much as in the last thirteen.

    Products count by the root of what they sell, as in the pool. Weeks end with the last period;
    one cut off at the beginning is none.
    """
    week = panel.rhythm.week
    count = panel.periods // week
    weight = np.sqrt(mean_demand(panel)).astype(np.float32)
    known = weight @ panel.exposure[:, panel.periods - count * week :]
    weeks = known.reshape(count, week).sum(1, dtype=np.float64)
    usual = float(np.median(weeks[-13:])) if count else 0.0
    return np.minimum(weeks / usual, 1.0) if usual > 0 else np.ones(count)


def mean_demand(panel: Panel) -> Doubles:
    """Return by series what is wanted in an open period; 0 where nothing ever was."""
    exposed = panel.exposure.sum(1, dtype=np.float64)
    wanted = panel.demand.sum(1, dtype=np.float64)
    return wanted / np.maximum(exposed, 1e-9) * (exposed > 0)
