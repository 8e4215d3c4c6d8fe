"""Axes and numbers: round steps, thousands, units. Pure."""

from decimal import Decimal
from math import ceil, floor, log10
from typing import Final

from backend.analytics.presets.table import ColumnKind

_STEPS: Final = (1, 2, 5, 10)
_SHORT: Final = ((1e12, "T"), (1e9, "bn"), (1e6, "M"), (1e3, "k"))
_MINUS: Final = "−"


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return round values that enclose low to high and nothing, at most so many intervals."""
    low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        high = 1.0
    rough = (high - low) / most
    power = 10.0 ** floor(log10(rough))
    step = next((one for one in _STEPS if one * power >= rough * 0.999), 10) * power
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [n * step for n in range(first, last + 1)]


def short(value: float, kind: ColumnKind) -> str:
    """Return a value for an axis: 12k, 1.5M, 30 %."""
    if kind is ColumnKind.PERCENT:
        return f"{_signed(f'{value * 100:,.10g}')} %"
    for size, letter in _SHORT:
        if abs(value) >= size:
            return _signed(f"{value / size:,.6g}{letter}")
    return _signed(f"{value:,.6g}")


def full(value: Decimal | int, kind: ColumnKind) -> str:
    """Return a value beside its bar: cents where they matter."""
    if kind is ColumnKind.PERCENT:
        return f"{_signed(f'{value * 100:,.1f}')} %"
    if kind is ColumnKind.MONEY:
        return _signed(f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}")
    if kind is ColumnKind.COUNT or value == int(value):
        return _signed(f"{int(value):,}")
    return _signed(f"{value:,.2f}")


def _signed(text: str) -> str:
    return text.replace("-", _MINUS)
