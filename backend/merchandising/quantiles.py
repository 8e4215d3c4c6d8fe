"""What demand stays below so often, from its mean and variance. Pure."""

import math
from statistics import NormalDist
from typing import Final

_MOST_COUNTED: Final = 500
"""Mean from which on the normal distribution is close enough."""


def demand_quantile(mean: float, variance: float, level: float) -> float:
    """Return the least whole number that demand does not exceed with probability `level`.

    Demand is negative binomial where it varies more than its mean, else Poisson.
    """
    if mean <= 0:
        return 0.0
    if mean > _MOST_COUNTED:
        spread = math.sqrt(max(variance, mean))
        return float(math.ceil(mean + NormalDist().inv_cdf(level) * spread))
    if variance > mean * (1 + 1e-6):
        size = mean * mean / (variance - mean)
        keep = mean / (mean + size)  # of two neighbours, (size + k) / (k + 1) × keep
        mass = math.exp(-size * math.log1p(mean / size))
    else:
        size, keep, mass = 0.0, 0.0, math.exp(-mean)
    total, found = mass, 0
    # Small masses of the far tail could stop adding up below the level: the bound ends it.
    while total < level and found < 200 * _MOST_COUNTED:
        mass *= (size + found) / (found + 1) * keep if keep else mean / (found + 1)
        found += 1
        total += mass
    return float(found)
