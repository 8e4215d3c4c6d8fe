"""All that features look up of a panel, summed up."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Floats, Ints
from backend.forecasting.demand.panel import Panel
from backend.forecasting.network.pooling import (
    Pooled,
    PoolSums,
    Whole,
    blocks_looked_at,
    pool,
    pool_sums,
    seen_by,
)
from backend.forecasting.network.sums import Sums, Track, track

_SURE: Final = 8.0
"""So many periods under promotion weigh as much as the effect usual with others."""
_MOST_UPLIFT: Final = 5.0


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

    def of(self, rows: slice | Ints) -> "Shared":
        """Return what some series take."""
        return Shared(
            self.opened[rows],
            self.effect[rows],
            self.uplift[rows],
            self.exposed[rows],
            self.pool.of(rows),
        )


def shared(
    panel: Panel, ahead: int, pool_uplift: float | None = None, whole: Whole | None = None
) -> Shared:
    """Return what the histories of parts of a panel share, see `history`.

    `whole` is what is pooled where the panel is itself a part; None: it is the whole.
    """
    opened, effect, uplift = _offered(panel, ahead, pool_uplift)
    known = slice(None, panel.periods)
    exposed = panel.exposure * opened[:, known] * effect[:, known]
    everything = whole or pool([pool_sums(panel, exposed)])
    assert everything is not None, "a panel is one part at least"
    return Shared(opened, effect, uplift, exposed, seen_by(panel, everything))


def part_of_pool(panel: Panel, pool_uplift: float, horizon: int) -> PoolSums:
    """Return what a part of a panel, which has whole locations, adds to the pool of forecasts."""
    opened, effect, _ = _offered(panel, 0, pool_uplift)
    begins = blocks_looked_at(panel.periods, horizon, panel.rhythm)
    return pool_sums(panel, panel.exposure * opened * effect, begins)


def _offered(panel: Panel, ahead: int, pool_uplift: float | None) -> tuple[Floats, Floats, Doubles]:
    """Return openings and effects of promotions by period, and the latter's size by series."""
    opened, promo = panel.opened(ahead), promotions(panel, ahead)
    known = slice(None, panel.periods)
    uplift = _uplifts(panel, panel.exposure * opened[:, known], promo[:, known], pool_uplift)
    effect = np.where(promo > 0, uplift[:, None].astype(np.float32), np.float32(1))
    return opened, effect, uplift


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
