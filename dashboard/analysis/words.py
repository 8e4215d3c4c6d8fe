"""Figures in sentences, for those who hear a chart instead of seeing it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from dashboard.analysis.periods import day_name

SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}


_DATE: Final = re.compile(r"\b(\d{4})-(\d\d)(?:-(\d\d))?\b")


def with_dates(text: str) -> str:
    """Return a sentence whose days and months are written as people do: `3 Mar 2018`."""

    def written(found: re.Match[str]) -> str:
        year, month, day = found.groups()
        named = day_name(date(int(year), int(month), int(day or 1)))
        return named if day else named.partition(" ")[2]

    return _DATE.sub(written, text)


def said(value: Any, unit: str, currency: str) -> str:
    """Return a figure as part of a sentence; money without its small change."""
    if value is None:
        return "an unknown amount"
    amount = float(value)
    if unit == "percent":
        return f"{amount:.1%}".replace("-", "−")
    if unit == "money":
        sign = "−" if amount < 0 else ""
        return f"{sign}{SYMBOLS.get(currency, f'{currency} ')}{abs(amount):,.0f}"
    written = f"{amount:,.0f}" if amount == round(amount) else f"{amount:,.2f}"
    return written.replace("-", "−")


def part_of(value: Any, total: Any) -> str:
    """Return ` (12.3% of all)`; nothing where there is no whole."""
    if value is None or not total or float(total) <= 0:
        return ""
    return f" ({said(float(value) / float(total), 'percent', '')} of all)"
