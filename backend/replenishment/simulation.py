"""What reorder points would have done: fill rate and stock held, period by period. Pure."""

from dataclasses import dataclass

import numpy as np

from backend.forecasting.arrays import Doubles, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """By series: what was wanted, sold and lost, the mean stock held, and how often was ordered."""

    wanted: Doubles
    sold: Doubles
    mean_on_hand: Doubles
    orders: Doubles

    @property
    def fill_rate(self) -> float | None:
        """The share of all that was wanted that was there; None where nothing was wanted."""
        wanted = float(self.wanted.sum())
        return float(self.sold.sum()) / wanted if wanted > 0 else None

    @property
    def stock_held(self) -> float:
        """The mean stock of all series together."""
        return float(self.mean_on_hand.sum())


def simulate(
    demand: Floats, reorder_point: Doubles, order_up_to: Doubles, lead_time: int
) -> Outcome:
    """Return what would have become of `demand` [series, period].

    At the end of each period, what has an inventory position at or below its `reorder_point`
    [series, period] is ordered up to `order_up_to`; it arrives before sales so many periods later,
    at least one. What is not there is not sold, and nobody waits for it. All begin full.
    """
    series, periods = demand.shape
    on_hand = order_up_to[:, 0].copy()
    arriving = np.zeros((series, periods + lead_time + 1))
    sold, held, orders = np.zeros(series), np.zeros(series), np.zeros(series)
    for now in range(periods):
        on_hand += arriving[:, now]
        taken = np.minimum(on_hand, demand[:, now])
        on_hand -= taken
        sold += taken
        held += on_hand
        position = on_hand + arriving[:, now + 1 :].sum(1)
        wanting = position <= reorder_point[:, now]
        amount = np.where(wanting, np.maximum(order_up_to[:, now] - position, 0.0), 0.0)
        arriving[:, now + lead_time] += amount
        orders += amount > 0
    wanted = demand.sum(axis=1, dtype=np.float64)
    return Outcome(wanted, sold, held / max(periods, 1), orders)
