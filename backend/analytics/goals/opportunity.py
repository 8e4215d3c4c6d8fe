"""Where little is missing: goals attained between two bounds. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from backend.analytics.goals.errors import InvalidGoal
from backend.analytics.goals.progress import Progress
from backend.core.numbers import ZERO

LOWER: Final = Decimal("0.6")
UPPER: Final = Decimal("0.8")
_MOST: Final = 10


def opportunities(
    rows: Sequence[Progress], lower: Decimal, upper: Decimal, *, is_to_date: bool
) -> tuple[Progress, ...]:
    """Return those attained between the bounds, both inclusive, the largest gap in money first.

    `is_to_date`: as parts of what the plan wanted by then, not of the whole goal. Compared exactly,
    not as rounded shares.

    Raises:
        InvalidGoal: bounds that are none, or the lower above the upper.
    """
    for name, bound in (("lower", lower), ("upper", upper)):
        if not bound.is_finite() or not 0 <= bound <= _MOST:
            raise InvalidGoal(
                f"a bound is a part of one, 0 to {_MOST}", field=[name], value=str(bound)[:40]
            )
    if lower > upper:
        raise InvalidGoal("the lower bound lies above the upper", field=["lower"], value=str(lower))
    found = [
        one
        for one in rows
        for whole in [one.expected if is_to_date else one.goal.amount]
        if whole > ZERO and lower * whole <= one.attained <= upper * whole
    ]
    return tuple(sorted(found, key=lambda one: one.gap_money or ZERO, reverse=True))
