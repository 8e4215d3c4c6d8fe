"""How far off a landing may be: how a member's months usually move about their season. Pure.

The level of a month is what it sold by the weight of its days. From one month to another it moves
by noise, which averages out, and by drift, which adds up (Harvey's local level model). So months h
apart differ by 2 × noise + h × drift, squared and relative to their mean; and what is
still to come of a period differs from what has come by noise (1/k + 1/j) + drift (k + j) / 3, with
k months passed and j to come.

Harvey, Forecasting, structural time series models and the Kalman filter, 1989; Wilson and Hilferty,
The distribution of chi-square, 1931.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import NormalDist, fmean
from typing import Final

from backend.analytics.goals.season import EVEN, Base, Month, Season

LEAST_MONTHS: Final = 6
"""Whole months of history from which a spread can be told."""
FAR: Final = 3
"""How many months apart drift is told from noise."""
A_MONTH: Final = 365.25 / 12
"""Days."""
LEAST_DEVIATION: Final = 1e-9
"""Below it a rest counts as certain."""
MOST_DEVIATION: Final = 2.0
"""Beyond it the approximation fails; by then nearly anything is possible."""
_STANDARD: Final = NormalDist()
EDGE: Final = _STANDARD.inv_cdf(0.95)
"""Deviations from the middle to either end of a band that holds 90 %."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Relative variances of a month: `noise` averages out, `drift` adds up."""

    noise: float
    drift: float

    def deviation(self, passed: float, left: float) -> float:
        """Return how far the rest usually is from what the past lets expect, relative to it.

        `passed` and `left` are days of the period, neither of them none.
        """
        k, j = passed / A_MONTH, left / A_MONTH
        square = self.noise * (1 / k + 1 / j) + self.drift * (k + j) / 3
        return min(math.sqrt(square), MOST_DEVIATION)


def levels_of(
    base: Base, season: Season, sold: Mapping[Month, Decimal], *, is_own: bool
) -> list[float]:
    """Return what a member sold in each month from its first sale on, by the weight of the month.

    `is_own`: the season was taken from these very sums, so that a month lies nearer to it than new
    ones will, with n years by the root of (n - 1) / n. A season of one year cannot be told from the
    spread of its months: they count as they are.
    """
    months = EVEN.months if base.years == 1 else season.months
    weights = (
        months[month - 1] * weight
        for (_, month), weight in zip(base.months, base.weights, strict=True)
    )
    found = [
        float(sold.get(month, 0)) / weight if weight else 0.0
        for month, weight in zip(base.months, weights, strict=True)
    ]
    first = next((at for at, one in enumerate(found) if one), len(found))
    found = found[first:]
    if not is_own or base.years < 2 or not found:
        return found
    mean, wider = sum(found) / len(found), (base.years / (base.years - 1)) ** 0.5
    return [mean + (one - mean) * wider for one in found]


def spread_of(levels: Sequence[float], *, has_season: bool = False) -> Spread | None:
    """Return the spread of levels of months that follow one another; None: they are too few.

    `has_season`: there is a season in them, a smooth one. Then a month is compared with the mean of
    its neighbours, from which it differs by 3/2 of its noise (Gasser, Sroka and Jennen-Steinmetz,
    Residual variance and residual pattern in nonlinear regression, 1986); drift is not seen.
    """
    if len(levels) < LEAST_MONTHS:
        return None
    if has_season:
        between = [(one + other) / 2 for one, other in zip(levels, levels[2:], strict=False)]
        return Spread(_squares(zip(levels[1:-1], between, strict=True)) / 1.5, 0.0)
    near = _squares(pairwise(levels))
    far = _squares(zip(levels, levels[FAR:], strict=False))
    drift = max(0.0, (far - near) / (FAR - 1))
    return Spread(max(0.0, (near - drift) / 2), drift)


@dataclass(frozen=True, slots=True)
class Chance:
    """Where a rest may end, lowest and highest of nine in ten, and how likely it is enough."""

    low: float
    high: float
    probability: float


def chance_of(rest: float, needed: float, deviation: float) -> Chance:
    """Return the chance of a rest above 0 that is spread like a gamma distribution.

    Its cube root is nearly normal (Wilson and Hilferty); months without a sale fit in.
    """
    if deviation < LEAST_DEVIATION:
        return Chance(rest, rest, float(rest >= needed))
    part = deviation**2 / 9
    low, high = (max(0.0, 1 - part + edge * math.sqrt(part)) ** 3 for edge in (-EDGE, EDGE))
    wanted = max(0.0, needed / rest) ** (1 / 3)
    probability = _STANDARD.cdf((1 - part - wanted) / math.sqrt(part)) if needed > 0 else 1.0
    return Chance(rest * low, rest * high, probability)


def _squares(pairs: Iterable[tuple[float, float]]) -> float:
    """Return the mean square of differences, each relative to the mean of the two."""
    return fmean(_relative(one, other) ** 2 for one, other in pairs)


def _relative(one: float, other: float) -> float:
    mean = (abs(one) + abs(other)) / 2
    return (other - one) / mean if mean else 0.0
