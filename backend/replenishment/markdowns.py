"""Which prices to cut so that less is left: expiring batches and surplus. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Ints
from backend.replenishment.elasticity import Elasticity
from backend.replenishment.totals import Totals, expected_served

DISCOUNTS: Final = tuple(n / 100 for n in range(5, 65, 5))
LEAST_LEFT: Final = 1.0
"""Units expected to be left that are worth a word."""


class MarkdownCause(StrEnum):
    """Why something has to be sold faster."""

    EXPIRED = "EXPIRED"
    """It has expired: it cannot be sold any more."""
    EXPIRING = "EXPIRING"
    """It expires before it is expected to be sold."""
    SURPLUS = "SURPLUS"
    """There is more of it than is to lie there."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Units that expire so many days from today; negative: they have."""

    days: int
    units: float


@dataclass(frozen=True, slots=True)
class Excess:
    """Units to sell within so many days, and what is expected of them at today's price."""

    cause: MarkdownCause
    days: int
    units: float
    sold: float

    @property
    def left(self) -> float:
        """How many are expected to be left."""
        return self.units - self.sold


@dataclass(frozen=True, slots=True)
class Cut:
    """A discount and what it is expected to change.

    `sold` more units, `sales` more money from customers, and `gain`, what is earned by it.
    """

    discount: float
    sold: float
    sales: float
    gain: float


def expiring(batches: Sequence[Batch], totals: Totals, held: float) -> Excess | None:
    """Return the batches that will not be sold in time; `totals` are of one series.

    What expires first is sold first, and no more of it is there than is held. Of several days the
    one counts up to which most is left; what has expired counts before that. None: nothing.
    """
    gone = min(sum(one.units for one in batches if one.days < 0), max(held, 0.0))
    if gone >= LEAST_LEFT:
        return Excess(MarkdownCause.EXPIRED, max(b.days for b in batches if b.days < 0), gone, 0.0)
    days = sorted({one.days for one in batches if one.days >= 0})
    if not days:
        return None
    units = np.array(
        [min(sum(one.units for one in batches if 0 <= one.days <= day), held) for day in days]
    )
    sold = _served(totals, np.maximum(np.array(days), 1), units)
    at = int(np.argmax(units - sold))
    found = Excess(MarkdownCause.EXPIRING, days[at], float(units[at]), float(sold[at]))
    return found if found.left >= LEAST_LEFT else None


def surplus(totals: Totals, days: Ints, held: Doubles) -> dict[int, Excess]:
    """Return by series what is held, of which some will lie there after so many days still.

    Where that is less than a unit, nothing.
    """
    units = np.maximum(held, 0.0)
    _, quantiles = totals.after(days)
    sold = expected_served(quantiles, units)
    return {
        n: Excess(MarkdownCause.SURPLUS, int(days[n]), float(units[n]), float(sold[n]))
        for n in np.flatnonzero(units - sold >= LEAST_LEFT).tolist()
    }


def best_cut(
    excess: Excess, totals: Totals, elasticity: Elasticity, price: float, cost: float | None
) -> Cut | None:
    """Return the discount that earns most; None: none earns anything.

    What expires is paid for already: every unit sold earns what the customer pays. Surplus can be
    sold later, too: a unit earns what is paid above its cost, and without a known cost nothing
    can be said.
    """
    if excess.cause is MarkdownCause.EXPIRED or price <= 0 or not elasticity.is_sure:
        return None
    worth = 0.0 if excess.cause is MarkdownCause.EXPIRING else cost
    if worth is None:
        return None
    cuts = [_cut(excess, totals, elasticity, price, worth, one) for one in DISCOUNTS]
    best = max(cuts, key=lambda one: one.gain)
    return best if best.gain > 0 else None


def _cut(
    excess: Excess,
    totals: Totals,
    elasticity: Elasticity,
    price: float,
    worth: float,
    discount: float,
) -> Cut:
    factor = elasticity.factor(discount)
    raised = Totals(totals.mean * np.float32(factor), totals.quantiles * np.float32(factor))
    days, units = np.array([max(excess.days, 1)]), np.array([excess.units])
    sold = max(float(_served(raised, days, units)[0]), excess.sold)
    paid = price * (1 - discount)
    return Cut(
        discount=discount,
        sold=sold - excess.sold,
        sales=paid * sold - price * excess.sold,
        gain=(paid - worth) * sold - (price - worth) * excess.sold,
    )


def _served(totals: Totals, days: Ints, units: Doubles) -> Doubles:
    """Return how many of the units are expected to be sold within so many days; one series."""
    many = totals.of(np.zeros(len(days), np.int64))
    _, quantiles = many.after(days)
    return expected_served(quantiles, units)
