"""Demand relative to each series' own mean, pooled over everything, locations and products."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from backend.forecasting.arrays import Doubles, Floats, Ints
from backend.forecasting.demand.panel import Panel, mean_demand
from backend.forecasting.network.sums import Track, track


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pool and where series stand in it: rows of their location, and of their product.

    Rows are: all series, then each location, then each product.
    """

    track: Track
    places: Ints
    goods: Ints

    def of(self, rows: slice | Ints) -> "Pooled":
        """Return the pool of some series."""
        return Pooled(self.track, self.places[rows], self.goods[rows])


@dataclass(frozen=True, slots=True)
class Pool:
    """Demand pooled over a whole panel; so many rows of `places` come before those of products."""

    track: Track
    places: int

    def seen_by(self, panel: Panel) -> Pooled:
        """Return the pool as the series of a panel, or of a part of it, see it."""
        return Pooled(self.track, 1 + panel.locations, 1 + self.places + panel.products)


@dataclass(frozen=True, slots=True, eq=False)
class PoolSums:
    """What some series add to a pool: [wanted and expected, group, period].

    Series weigh by the root of their mean, as counts are sure; `roots` is the sum of those roots.
    """

    everything: Doubles
    locations: Ints
    places: Doubles
    products: Ints
    goods: Doubles
    roots: float
    series: int
    week: int


def pool_sums(panel: Panel, exposed: Floats) -> PoolSums:
    """Return what the series of a panel, or of a part of it, add to the pool."""
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
        goods=np.stack([_grouped(one, good, len(products)) for one in both]),
        roots=float((mean * weight).sum()),
        series=panel.series,
        week=panel.rhythm.week,
    )


def pool(sums: Iterable[PoolSums]) -> Pool:
    """Return the pool of all parts of a panel, which are read one after the other."""
    adding = _Adding()
    for one in sums:
        adding.add(one)
    return adding.pool()


class _Adding:
    """Adds up parts; holds one array, however many there are."""

    def __init__(self) -> None:
        self._parts: dict[str, Doubles] = {}
        self._roots, self._series, self._week = 0.0, 0, 1

    def add(self, one: PoolSums) -> None:
        everything = np.zeros(1, np.int64)
        self._put("everything", everything, one.everything)
        self._put("places", one.locations, one.places)
        self._put("goods", one.products, one.goods)
        self._roots += one.roots
        self._series += one.series
        self._week = one.week

    def _put(self, name: str, groups: Ints, rows: Doubles) -> None:
        held = self._parts.get(name, np.zeros((2, 0, rows.shape[2])))
        missing = int(groups.max(initial=-1)) + 1 - held.shape[1]
        if missing > 0:
            held = np.pad(held, ((0, 0), (0, missing), (0, 0)))
        held[:, groups] += rows
        self._parts[name] = held

    def pool(self) -> Pool:
        if not self._parts:
            return Pool(track(np.zeros((1, 0)), np.zeros((1, 0)), self._week), 0)
        rows = np.concatenate([self._parts[name] for name in ("everything", "places", "goods")], 1)
        rows /= self._roots / max(self._series, 1) or 1.0
        return Pool(track(rows[0], rows[1], self._week), self._parts["places"].shape[1])


def _grouped(values: Floats, groups: Ints, count: int) -> Doubles:
    """Return the sums of the rows of each group; nothing where a group has none."""
    order = np.argsort(groups, kind="stable")
    bounds = np.searchsorted(groups[order], np.arange(count + 1))
    sums = np.zeros((count, values.shape[1]))
    for group, (begin, end) in enumerate(pairwise(bounds)):
        if begin < end:
            np.sum(values[order[begin:end]], axis=0, dtype=np.float64, out=sums[group])
    return sums
