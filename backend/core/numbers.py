"""Exact money and quantities: four decimals, bounded, never NaN."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from backend.core.errors import Invalid

SCALE: Final = Decimal("0.0001")
MAX_QUANTITY: Final = Decimal(1_000_000_000)
MAX_MONEY: Final = Decimal(1_000_000_000_000)
ZERO: Final = Decimal(0)


class InvalidNumber(Invalid):
    """A number that is not finite, has more than four decimals or is out of bounds."""

    code = "INVALID_NUMBER"


class InvalidQuantity(InvalidNumber):
    """A quantity that cannot be counted."""

    code = "INVALID_QUANTITY"


class InvalidAmount(InvalidNumber):
    """An amount of money that cannot be paid."""

    code = "INVALID_AMOUNT"


def quantity(value: Decimal, field: Sequence[str], *, least: Decimal | None = None) -> Decimal:
    """Return `value` as a quantity of at most four decimals.

    `least` is inclusive; None admits negative quantities.

    Raises:
        InvalidQuantity: not finite, too fine, below `least` or beyond ±10^9.
    """
    exact = _exact(value, MAX_QUANTITY)
    if exact is None or (least is not None and exact < least):
        bound = "" if least is None else f" of at least {least}"
        raise InvalidQuantity(
            f"{value} is not a quantity{bound} with at most four decimals below {MAX_QUANTITY}",
            field=field,
            value=str(value)[:40],
        )
    return exact


def money(value: Decimal, field: Sequence[str], *, signed: bool = False) -> Decimal:
    """Return `value` as an amount of at most four decimals.

    Raises:
        InvalidAmount: not finite, too fine, negative unless `signed`, or beyond ±10^12.
    """
    exact = _exact(value, MAX_MONEY)
    if exact is None or (exact < 0 and not signed):
        raise InvalidAmount(
            f"{value} is not an amount with at most four decimals below {MAX_MONEY}",
            field=field,
            value=str(value)[:40],
        )
    return exact


def rounded(value: Decimal) -> Decimal:
    """Round a computed amount to the four decimals the ledger keeps, half to even."""
    return value.quantize(SCALE, ROUND_HALF_EVEN)


def _exact(value: Decimal, bound: Decimal) -> Decimal | None:
    # Comparing is exact; abs() would compute, and overflows where 1e999999999 is sent.
    if not value.is_finite() or not -bound <= value <= bound:
        return None
    scaled = value.quantize(SCALE)  # within the bounds 28 digits are more than enough
    return scaled if scaled == value else None
