"""Figures in sentences, for those who hear a chart instead of seeing it."""

from __future__ import annotations

from typing import Any, Final

SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}


def said(value: Any, unit: str, currency: str) -> str:
    """Return a figure as part of a sentence; money without its small change."""
    if value is None:
        return "an unknown amount"
    amount = float(value)
    if unit == "percent":
        return f"{amount:.1%}"
    if unit == "money":
        sign = "−" if amount < 0 else ""
        return f"{sign}{SYMBOLS.get(currency, f'{currency} ')}{abs(amount):,.0f}"
    return f"{amount:,.0f}" if amount == round(amount) else f"{amount:,.2f}"


def part_of(value: Any, total: Any) -> str:
    """Return ` (12.3% of all)`; nothing where there is no whole."""
    if value is None or not total or float(total) <= 0:
        return ""
    return f" ({float(value) / float(total):.1%} of all)"
