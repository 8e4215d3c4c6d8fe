"""What to order now: positions beside their reorder points. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Flags, Ints
from backend.replenishment.rules import ReorderPoints, reorder_points
from backend.replenishment.terms import Supply
from backend.replenishment.totals import Totals

_CLOSE: Final = 1e-6


class Urgency(StrEnum):
    """How urgent an order is."""

    OUT_OF_STOCK = "OUT_OF_STOCK"
    """Nothing is available, though it sells."""
    LATE = "LATE"
    """It will be gone before an order made now arrives, and what is on its way does not help."""
    DUE = "DUE"
    """The inventory position is at or below the reorder point: order now."""
    SOON = "SOON"
    """It will be at the next review."""
    ENOUGH = "ENOUGH"
    """There is enough until after the next review."""


URGENCIES: Final = tuple(Urgency)


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """By series: the units of a level; oversold ones count as none."""

    on_hand: Doubles
    committed: Doubles
    unavailable: Doubles
    incoming: Doubles

    @property
    def available(self) -> Doubles:
        """What can be sold now."""
        return np.maximum(np.maximum(self.on_hand, 0.0) - self.committed - self.unavailable, 0.0)

    @property
    def position(self) -> Doubles:
        """What is compared with the reorder point: on hand − unavailable − committed + incoming."""
        free = np.maximum(self.on_hand, 0.0) - self.unavailable - self.committed
        return free + self.incoming


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """By series: the terms it is supplied on."""

    lead_days: Ints
    review_days: Ints
    service_level: Doubles
    pack: Doubles
    minimum: Doubles

    @classmethod
    def of(cls, supplies: Sequence[Supply]) -> "Policy":
        """Return the terms of each as arrays."""
        lead, review = (np.array([getattr(one, name).value for one in supplies], np.int64)
                        for name in ("lead_time", "review"))  # fmt: skip
        level, pack, minimum = (
            np.array([float(getattr(one, name).value) for one in supplies], np.float64)
            for name in ("service_level", "pack_size", "minimum")
        )
        return cls(lead, review, level, pack, minimum)

    @classmethod
    def plain(cls, series: int, lead_days: int) -> "Policy":
        """Return orders of any size after any day, which take so long."""
        days = np.full(series, lead_days), np.ones(series, np.int64)
        return cls(*days, np.full(series, 0.5), np.full(series, 1e-4), np.zeros(series))

    @property
    def lasting(self) -> Ints:
        """Days an order has to last: until the one after it arrives."""
        return self.lead_days + self.review_days

    def of_each(self, number: Ints) -> "Policy":
        """Return the terms of so many series, by the number of each one's here."""
        return Policy(*(getattr(self, one.name)[number] for one in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """By series: what is expected, what to order, and how urgent that is."""

    points: ReorderPoints
    """Of the lead time and the review period together."""
    until_review: Doubles
    """Demand expected in one review period."""
    quantity: Doubles
    """What to order now, in whole packs; 0: nothing."""
    days_left: Doubles
    """Until what is available is expected to be gone; infinite: more than a year."""
    urgency: Ints
    """Places in URGENCIES."""

    @property
    def order_up_to(self) -> Doubles:
        """What an order brings the position to: the reorder point and the next review's demand."""
        return self.points.reorder_point + self.until_review


def plan(stock: Stock, policy: Policy, totals: Totals) -> Plan:
    """Return what to order.

    Orders are placed once a review period, so an order has to last until the one after it arrives:
    the lead time and the review period. What has a position at or below the demand of these days
    that is not exceeded at the service level is ordered up to that and the demand of a review
    period, in whole packs and at least the minimum.
    """
    mean, quantiles = totals.after(policy.lasting)
    points = reorder_points(mean, quantiles, policy.service_level)
    until_review, _ = totals.after(policy.review_days)
    position = stock.position
    sells = points.reorder_point > _CLOSE
    due = sells & (position <= points.reorder_point + _CLOSE)
    missing = points.reorder_point + until_review - position
    quantity = np.where(due, in_packs(np.maximum(missing, policy.minimum), policy.pack), 0.0)
    days_left = totals.days_until(stock.available)
    urgency = _urgency(stock, policy, totals, due, position - until_review <= points.reorder_point)
    return Plan(points, until_review, quantity, days_left, np.where(sells, urgency, _ENOUGH))


_OUT, _LATE, _DUE, _SOON, _ENOUGH = range(len(URGENCIES))


def _urgency(stock: Stock, policy: Policy, totals: Totals, due: Flags, soon: Flags) -> Ints:
    """Return the first that holds of: out of stock, late, due, due at the next review, enough."""
    helped = totals.days_until(np.maximum(stock.position, 0.0))
    late = due & (helped < policy.lead_days)
    found = np.select(
        [stock.available <= 0, late, due, soon], [_OUT, _LATE, _DUE, _SOON], default=_ENOUGH
    )
    return found.astype(np.int64)


def in_packs(units: Doubles, pack: Doubles) -> Doubles:
    """Return the least whole packs that hold so many units, as units."""
    return np.ceil(np.round(units / pack, 6)) * pack
