"""Running sums over a panel, so that the mean of any window is two look-ups."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats, Ints
from backend.forecasting.demand.panel import Panel, mean_demand

_MOST_DRAW: Final = 0.5
_SURE: Final = 8.0
"""So many periods under promotion weigh as much as the effect usual with others."""
_MOST_UPLIFT: Final = 5.0


class Sums:
    """Sums of one quantity over windows, by row; columns are periods."""

    def __init__(self, values: Floats | Doubles, stride: int = 1) -> None:
        rows, periods = values.shape
        self._stride, self._columns = stride, periods + stride
        sums = np.zeros((rows, self._columns))
        sums[:, stride:] = values
        if stride == 1:
            np.cumsum(sums, axis=1, out=sums)
        else:
            for first in range(stride, self._columns, stride):
                end = min(first + stride, self._columns)
                sums[:, first:end] += sums[:, first - stride : end - stride]
        self._sums = sums.reshape(-1)

    def between(self, rows: Ints, begin: Ints, end: Ints) -> Doubles:
        """Return the sum over periods `begin` to before `end`; what lies outside counts nothing."""
        return self._before(rows, end) - self._before(rows, begin)

    def every(self, rows: Ints, latest: Ints, times: int) -> Doubles:
        """Return the sum over the period `latest` and those a stride apart before it."""
        n = self._stride
        first = latest + n - n * times
        before = np.where(first >= 0, self._before(rows, first), 0.0)
        return self._before(rows, latest + n) - before

    def _before(self, rows: Ints, columns: Ints) -> Doubles:
        # One index into a flat array takes half the time of two into a table.
        inside = np.minimum(np.maximum(columns, 0), self._columns - 1)
        return self._sums.take(rows * self._columns + inside)


@dataclass(frozen=True, slots=True)
class Track:
    """Demand and exposure of some rows, summed up.

    `draw` is how many exposed periods weigh as much as what is usual.
    """

    wanted: Sums
    exposed: Sums
    wanted_weekly: Sums
    exposed_weekly: Sums
    draw: float

    def mean(self, rows: Ints, begin: Ints, end: Ints, usual: Doubles) -> Doubles:
        """Return the mean of a window, drawn towards what is `usual` where it saw little."""
        wanted = self.wanted.between(rows, begin, end)
        exposed = self.exposed.between(rows, begin, end)
        return (wanted + self.draw * usual) / (exposed + self.draw)

    def same_weekday(self, rows: Ints, latest: Ints, times: int, usual: Doubles) -> Doubles:
        """Return the mean of the last so many equal weekdays, drawn towards what is `usual`."""
        wanted = self.wanted_weekly.every(rows, latest, times)
        exposed = self.exposed_weekly.every(rows, latest, times)
        draw = min(self.draw, _MOST_DRAW)
        return (wanted + draw * usual) / (exposed + draw)


def track(wanted: Floats | Doubles, exposed: Floats | Doubles, week: int) -> Track:
    """Sum up demand and exposure."""
    return Track(
        Sums(wanted),
        Sums(exposed),
        Sums(wanted, week),
        Sums(exposed, week),
        draw=max(week / 4, 1.0),
    )


@dataclass(frozen=True, slots=True)
class Pooled:
    """Demand relative to each series' own mean, pooled over groups of series.

    Rows are: all series, then each location, then each product; `places` and `goods` give the
    rows of each series. Series weigh by the root of their mean, as counts are sure.
    """

    track: Track
    places: Ints
    goods: Ints


def pooled(panel: Panel, exposed: Floats) -> Pooled:
    """Pool a panel over everything, by location and by product."""
    mean = mean_demand(panel)
    weight = np.where(mean > 0, mean, 1.0) ** -0.5
    weight /= (mean * weight).mean() or 1.0
    wanted = panel.demand * weight[:, None].astype(np.float32)
    expected = exposed * (mean * weight)[:, None].astype(np.float32)
    places = int(panel.locations.max(initial=-1)) + 1
    goods = int(panel.products.max(initial=-1)) + 1
    sums = [
        np.concatenate(
            [
                one.sum(0, keepdims=True, dtype=np.float64),
                _grouped(one, panel.locations, places),
                _grouped(one, panel.products, goods),
            ]
        )
        for one in (wanted, expected)
    ]
    return Pooled(
        track(sums[0], sums[1], panel.rhythm.week), 1 + panel.locations, 1 + places + panel.products
    )


@dataclass(frozen=True, slots=True)
class History:
    """All that features look up; `factor` is opening times promotion, by series and period.

    `factor` reaches as far ahead as was asked for; `uplift` is what a promotion multiplies by.
    """

    panel: Panel
    own: Track
    squares: Sums
    zeros: Sums
    factor: Floats
    opened: Floats
    uplift: Doubles
    pool: Pooled


@dataclass(frozen=True, slots=True)
class Shared:
    """What the history of some series takes from all of them."""

    opened: Floats
    effect: Floats
    uplift: Doubles
    exposed: Floats
    pool: Pooled

    def of(self, rows: slice) -> "Shared":
        """Return what some series take."""
        pool = Pooled(self.pool.track, self.pool.places[rows], self.pool.goods[rows])
        return Shared(
            self.opened[rows], self.effect[rows], self.uplift[rows], self.exposed[rows], pool
        )


def shared(panel: Panel, ahead: int, pool_uplift: float | None = None) -> Shared:
    """Return what the histories of parts of a panel share, see `history`."""
    opened = panel.opened(ahead)
    exposure = panel.exposure * opened[:, : panel.periods]
    promo = promotions(panel, ahead)
    uplift = _uplifts(panel, exposure, promo[:, : panel.periods], pool_uplift)
    effect = np.where(promo > 0, uplift[:, None].astype(np.float32), np.float32(1))
    exposed = exposure * effect[:, : panel.periods]
    return Shared(opened, effect, uplift, exposed, pooled(panel, exposed))


def history(
    panel: Panel, ahead: int, pool_uplift: float | None = None, common: Shared | None = None
) -> History:
    """Sum up a panel.

    `pool_uplift` is what a promotion usually multiplies demand by; None: as this panel has it.
    `common` is what a part takes from its whole; None: the panel is the whole.
    """
    common = common or shared(panel, ahead, pool_uplift)
    seen = common.exposed > 0
    demand = panel.demand * seen
    exposure = panel.exposure * common.opened[:, : panel.periods]
    return History(
        panel=panel,
        own=track(demand, common.exposed, panel.rhythm.week),
        squares=Sums(demand.astype(np.float64) ** 2),
        zeros=Sums(((demand == 0) & (exposure > 0.5)).astype(np.float32)),
        factor=common.opened * common.effect,
        opened=common.opened,
        uplift=common.uplift,
        pool=common.pool,
    )


def _grouped(values: Floats, groups: Ints, count: int) -> Doubles:
    """Return the sums of the rows of each group; nothing where a group has none."""
    order = np.argsort(groups, kind="stable")
    bounds = np.searchsorted(groups[order], np.arange(count + 1))
    sums = np.zeros((count, values.shape[1]))
    for group, (begin, end) in enumerate(pairwise(bounds)):
        if begin < end:
            np.sum(values[order[begin:end]], axis=0, dtype=np.float64, out=sums[group])
    return sums


def promotions(panel: Panel, ahead: int) -> Floats:
    """Return how strong promotions are, by series and period; 0 where none is known."""
    total = panel.periods + ahead
    promo = np.zeros((panel.series, total), np.float32)
    planned = panel.plans.promo
    if planned is not None:
        known = min(total, planned.shape[1])
        promo[:, :known] = planned[:, :known]
    return promo


def _uplifts(panel: Panel, exposure: Floats, promo: Floats, given: float | None) -> Doubles:
    """Return by series what a promotion multiplies demand by, drawn towards what is usual."""
    shown = promo > 0
    if not shown.any():
        return np.ones(panel.series)
    with_it = (panel.demand * shown).sum(1, dtype=np.float64)
    days_with = (exposure * shown).sum(1, dtype=np.float64)
    without = (panel.demand * ~shown).sum(1, dtype=np.float64)
    days_without = (exposure * ~shown).sum(1, dtype=np.float64)
    plain = without / np.maximum(days_without, 1e-9)
    if given is None:
        expected = (days_with * plain)[days_without > 0].sum()
        given = with_it[days_without > 0].sum() / expected if expected > 0 else 1.0
    usual = _SURE * plain
    own = (with_it + usual * given) / np.maximum(plain * (days_with + _SURE), 1e-9)
    own = np.where((days_without > 0) & (plain > 0), own, given)
    return np.clip(own, 1 / _MOST_UPLIFT, _MOST_UPLIFT)
