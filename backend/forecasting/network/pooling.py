"""Demand relative to each series' own mean, pooled over everything, locations and products."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats, Ints
from backend.forecasting.demand.panel import Panel, mean_demand
from backend.forecasting.demand.rhythm import Rhythm
from backend.forecasting.network.calendars import year_earlier
from backend.forecasting.network.pairs import Pairs
from backend.forecasting.network.pool_columns import REACHES, LookedUp, PoolColumns, Settled
from backend.forecasting.network.sums import track

_AT_ONCE: Final = 1_000
"""Products whose columns are made together."""


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Demand pooled over a whole panel: [wanted and expected, row, period].

    Rows of `sums` are all series and then each location, so many `places`; those of `goods` each
    product, by blocks of periods that begin at `begins`.
    """

    sums: Doubles
    goods: Doubles
    begins: Ints
    places: int
    start: date
    rhythm: Rhythm

    @property
    def periods(self) -> int:
        """How many periods it is made of."""
        return self.sums.shape[2]

    def columns(self, ahead: int) -> PoolColumns:
        """Return what it says at any origin, so many periods beyond the last one too."""
        assert len(self.begins) == self.periods, "it was summed up for forecasts only"
        return self._columns(np.concatenate([self.sums, self.goods], axis=1), ahead)

    def settled(self, horizon: int, *, yearly: bool) -> Settled:
        """Return what it says where its periods end; `yearly`: the season is looked at."""
        places = 1 + self.places
        found = self._columns(self.sums, horizon)
        weekdays = self._at_end(found.weekday, places, horizon)
        if not yearly:
            nothing = np.zeros((0, horizon))
            return Settled(weekdays, nothing, nothing, nothing, self.places)
        years = [self._at_end(found.year, places, horizon)]
        for begin in range(0, self.goods.shape[1], _AT_ONCE):
            few = self._spread(self.goods[:, begin : begin + _AT_ONCE])
            column = self._columns(few, horizon).year
            years.append(self._at_end(column, few.shape[1], horizon))
        dates, growths = (self._at_end(one, 1, horizon)[0] for one in (found.date, found.growth))
        return Settled(weekdays, np.concatenate(years), dates, growths, self.places)

    def _spread(self, blocks: Doubles) -> Doubles:
        """Return blocks as periods: what is in one lies in the first of its periods."""
        periods = np.zeros((*blocks.shape[:2], self.periods))
        periods[:, :, self.begins] = blocks
        return periods

    def _columns(self, sums: Doubles, ahead: int) -> LookedUp:
        earlier = year_earlier(self.start, self.rhythm, self.periods + ahead)
        return LookedUp(track(sums[0], sums[1], self.rhythm.week), self.rhythm, earlier)

    def _at_end(self, column: Callable[[Pairs], Doubles], rows: int, horizon: int) -> Doubles:
        origins = np.full(rows, self.periods)
        at = Pairs(np.arange(rows), origins, np.tile(np.arange(horizon), (rows, 1)))
        return column(at).reshape(rows, horizon)


Whole = Pool | Settled
"""What is pooled over a whole panel, by period or settled at the end of it."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pool and where series stand in it: rows of their location, and of their product."""

    whole: Whole
    places: Ints
    goods: Ints

    def of(self, rows: slice | Ints) -> "Pooled":
        """Return the pool of some series."""
        return replace(self, places=self.places[rows], goods=self.goods[rows])

    def settled(self, horizon: int, *, yearly: bool) -> "Pooled":
        """Return it as it is at the end of the panel, for models of that kind."""
        return replace(self, whole=self.whole.settled(horizon, yearly=yearly))


def seen_by(panel: Panel, whole: Whole) -> Pooled:
    """Return a pool as the series of a panel, or of a part of it, see it."""
    return Pooled(whole, 1 + panel.locations, 1 + whole.places + panel.products)


@dataclass(frozen=True, slots=True, eq=False)
class PoolSums:
    """What some series add to a pool: [wanted and expected, group, period]; `goods` by blocks.

    Series weigh by the root of their mean, as counts are sure; `roots` is the sum of those roots.
    """

    everything: Doubles
    locations: Ints
    places: Doubles
    products: Ints
    goods: Doubles
    begins: Ints
    roots: float
    series: int
    start: date
    rhythm: Rhythm


def pool_sums(panel: Panel, exposed: Floats, begins: Ints | None = None) -> PoolSums:
    """Return what the series of a panel, or of a part of it, add to the pool.

    Products are many: `begins` of blocks of periods are all that is kept of them; None: each.
    """
    begins = np.arange(panel.periods) if begins is None else begins
    mean = mean_demand(panel)
    weight = np.where(mean > 0, mean, 1.0) ** -0.5
    wanted = panel.demand * weight[:, None].astype(np.float32)
    expected = exposed * (mean * weight)[:, None].astype(np.float32)
    locations, place = np.unique(panel.locations, return_inverse=True)
    products, good = np.unique(panel.products, return_inverse=True)
    both = (wanted, expected)
    return PoolSums(
        everything=np.stack([one.sum(0, keepdims=True, dtype=np.float64) for one in both]),
        locations=locations,
        places=np.stack([_grouped(one, place, len(locations)) for one in both]),
        products=products,
        goods=np.stack([_grouped(_blocks(one, begins), good, len(products)) for one in both]),
        begins=begins,
        roots=float((mean * weight).sum()),
        series=panel.series,
        start=panel.start,
        rhythm=panel.rhythm,
    )


def pool(sums: Iterable[PoolSums]) -> Pool | None:
    """Return the pool of all parts of a panel, which are read one after the other; None of none."""
    adding = None
    for one in sums:
        adding = adding or _Adding(one.start, one.rhythm, one.begins)
        adding.add(one)
    return adding and adding.pool()


class _Adding:
    """Adds up parts; holds one array, however many there are."""

    def __init__(self, start: date, rhythm: Rhythm, begins: Ints) -> None:
        self._start, self._rhythm, self._begins = start, rhythm, begins
        self._parts: dict[str, Doubles] = {}
        self._roots, self._series = 0.0, 0

    def add(self, one: PoolSums) -> None:
        everything = np.zeros(1, np.int64)
        self._put("everything", everything, one.everything)
        self._put("places", one.locations, one.places)
        self._put("goods", one.products, one.goods)
        self._roots += one.roots
        self._series += one.series

    def _put(self, name: str, groups: Ints, rows: Doubles) -> None:
        held = self._parts.get(name, np.zeros((2, 0, rows.shape[2])))
        missing = int(groups.max(initial=-1)) + 1 - held.shape[1]
        if missing > 0:
            held = np.pad(held, ((0, 0), (0, missing), (0, 0)))
        held[:, groups] += rows
        self._parts[name] = held

    def pool(self) -> Pool:
        root = self._roots / max(self._series, 1) or 1.0
        sums = np.concatenate([self._parts[name] for name in ("everything", "places")], 1) / root
        places, goods = self._parts["places"].shape[1], self._parts["goods"]
        goods /= root
        return Pool(sums, goods, self._begins, places, self._start, self._rhythm)


def blocks_looked_at(periods: int, horizon: int, rhythm: Rhythm) -> Ints:
    """Return where blocks begin of which all windows are made that forecasts look at of products.

    These are the weeks before the day a year ago, and each of the days around those a year ago.
    """
    before, reach = periods - rhythm.year, REACHES[rhythm.step][0]
    weeks = [before - 13 * rhythm.week, before - 4 * rhythm.week, before]
    days = range(before - reach, before + horizon + reach + 1)
    begins = np.unique(np.clip([0, *weeks, *days], 0, periods))
    return begins[begins < max(periods, 1)]


def _blocks(values: Floats, begins: Ints) -> Floats | Doubles:
    if len(begins) == values.shape[1]:
        return values
    return np.add.reduceat(values, begins, axis=1, dtype=np.float64)


def _grouped(values: Floats | Doubles, groups: Ints, count: int) -> Doubles:
    """Return the sums of the rows of each group; nothing where a group has none."""
    order = np.argsort(groups, kind="stable")
    bounds = np.searchsorted(groups[order], np.arange(count + 1))
    sums = np.zeros((count, values.shape[1]))
    for group, (begin, end) in enumerate(pairwise(bounds)):
        if begin < end:
            np.sum(values[order[begin:end]], axis=0, dtype=np.float64, out=sums[group])
    return sums
