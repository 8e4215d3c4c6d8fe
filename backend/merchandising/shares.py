"""Shares that sum to a hundred. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

_WHOLE: Final = 10_000
_CENT: Final = Decimal("0.01")


def percentages(weights: Sequence[float]) -> list[Decimal]:
    """Return the share of each weight in per cent, two decimals that sum to 100 exactly.

    Each is rounded down and the hundredths that are left go to the largest remainders, the first
    of equal ones first. Weights below 0, or that are no numbers, count as 0; where all do, all
    share alike. Empty for none.
    """
    counted = [weight if 0 < weight < float("inf") else 0.0 for weight in weights]
    largest = max(counted, default=0.0)
    # Divided by the largest first: sums of huge weights would overflow.
    scaled = [one / largest for one in counted] if largest > 0 else [1.0] * len(counted)
    total = sum(scaled)
    exact = [one / total * _WHOLE for one in scaled]
    floors = [int(one) for one in exact]
    rest = _WHOLE - sum(floors) if floors else 0
    order = sorted(range(len(exact)), key=lambda n: (floors[n] - exact[n], n))
    for n in order[:rest]:
        floors[n] += 1
    return [one * _CENT for one in floors]
