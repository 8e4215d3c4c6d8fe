"""How demand answers to prices, from what was sold at which price. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Flags, Floats

_ROUNDS: Final = 25
_WIDEST: Final = 8.0
"""No elasticity is further from nothing than that."""
_LEAST_CHANGE: Final = 0.02
"""Part of its usual price that a price must differ by to tell anything."""
_SURE: Final = 2.0
"""Standard errors that an elasticity must be below nothing to be told from chance."""


@dataclass(frozen=True, slots=True)
class Elasticity:
    """By how many percent demand changes when a price rises by one; `error` is its standard error.

    `series` and `days` are those at whose prices something differed.
    """

    value: float
    error: float
    series: int
    days: int

    @property
    def is_sure(self) -> bool:
        """Tell whether lower prices sell more, beyond chance."""
        return self.value + _SURE * self.error < 0

    def factor(self, discount: float) -> float:
        """Return what demand is multiplied by under a discount."""
        return (1.0 - discount) ** self.value


def price_elasticity(demand: Floats, exposure: Floats, price: Floats) -> Elasticity | None:
    """Return the elasticity of series [series, day], `price` being what was paid, NaN unknown.

    Poisson regression with an effect of each series, which is conditioned away (Hausman, Hall and
    Griliches 1984), beside what all series together sold that day; the error is widened by the
    dispersion. None where too few prices ever differed to tell.
    """
    seen = ~np.isnan(price) & (exposure > 0) & (price > 0)
    some = seen.any(1) & (np.where(seen, demand, 0.0).sum(1) > 0)
    demand, exposure, price, seen = demand[some], exposure[some], price[some], seen[some]
    if not len(demand):
        return None
    usual = np.nanmedian(np.where(seen, price, np.nan), axis=1, keepdims=True)
    changes = np.where(seen, np.log(np.where(seen, price, usual) / usual), 0.0).astype(np.float64)
    telling = np.abs(changes) > _LEAST_CHANGE
    rows = telling.any(1)
    sold = np.where(seen, demand, 0.0).astype(np.float64)
    chance = np.where(seen, exposure, 0.0).astype(np.float64) * _usual_days(sold, telling)
    sold, chance, changes, telling = sold[rows], chance[rows], changes[rows], telling[rows]
    fitted = _fit(sold, chance, changes)
    if fitted is None:
        return None
    return Elasticity(*fitted, series=len(sold), days=int(telling.any(0).sum()))


def _usual_days(sold: Doubles, telling: Flags) -> Doubles:
    """Return by day what was sold beside the mean, of what had its usual price on it."""
    kept = np.where(telling, 0.0, sold)
    mean = kept.sum(1, keepdims=True) / np.maximum((~telling).sum(1, keepdims=True), 1)
    usual = kept.sum(0)
    expected = np.where(telling, 0.0, mean).sum(0)
    told = expected > 0
    found = np.divide(usual, expected, out=np.ones_like(usual), where=told)
    return np.clip(found, 0.2, 5.0)


def _fit(sold: Doubles, chance: Doubles, changes: Doubles) -> tuple[float, float] | None:
    total, value = sold.sum(1, keepdims=True), 0.0
    information = 0.0
    for _ in range(_ROUNDS):
        shares = _shares(chance, changes, value)
        mean = (shares * changes).sum(1, keepdims=True)
        slope = float((sold * changes).sum() - (total * mean).sum())
        information = float((total * (shares * (changes - mean) ** 2)).sum())
        if information < 1e-6:
            return None
        step = np.clip(slope / information, -1.0, 1.0)
        value = float(np.clip(value + step, -_WIDEST, _WIDEST))
        if abs(step) < 1e-8:
            break
    expected = total * _shares(chance, changes, value)
    counted = expected > 0
    freedom = max(int(counted.sum()) - len(sold) - 1, 1)
    off = (sold[counted] - expected[counted]) ** 2 / np.maximum(expected[counted], 1e-9)
    dispersion = max(float(off.sum()) / freedom, 1.0)
    return value, float(np.sqrt(dispersion / information))


def _shares(chance: Doubles, changes: Doubles, value: float) -> Doubles:
    weight = chance * np.exp(value * changes)
    return weight / np.maximum(weight.sum(1, keepdims=True), 1e-12)
