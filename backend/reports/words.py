"""How numbers, days and periods are written in sentences and tables. Pure."""

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from backend.analytics.presets.table import ColumnKind

_SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CAD": "CA$", "AUD": "A$"}
_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
MINUS: Final = "−"


def shown(value: Decimal | int | None, kind: ColumnKind, currency: str) -> str:
    """Return a number for people: cents below a thousand, percents of a hundred."""
    if value is None:
        return "–"
    sign, size = (MINUS if value < 0 else ""), abs(value)
    if kind is ColumnKind.PERCENT:
        return f"{sign}{_rounded(Decimal(size) * 100, 1):,.1f} %"
    if kind is ColumnKind.MONEY:
        places = 0 if size >= 1000 else 2
        return f"{sign}{symbol(currency)}{_rounded(Decimal(size), places):,.{places}f}"
    if kind is ColumnKind.COUNT or size == int(size):
        return f"{sign}{int(size):,}"
    return f"{sign}{_rounded(Decimal(size), 2):,.2f}"


def symbol(currency: str) -> str:
    """Return what stands before an amount."""
    return _SYMBOLS.get(currency, f"{currency} ")


def signed(value: Decimal | int, kind: ColumnKind, currency: str) -> str:
    """Return a change with its sign."""
    return f"+{shown(value, kind, currency)}" if value > 0 else shown(value, kind, currency)


def changed(change: Decimal, kind: ColumnKind) -> str:
    """Return a change beside a figure: in percent, of rates in points."""
    said = signed(change, ColumnKind.PERCENT, "")
    return said.replace(" %", " points") if kind is ColumnKind.PERCENT else said


def day(one: date) -> str:
    """Return a day: 5 Mar 2026."""
    return f"{one.day} {_MONTHS[one.month - 1]} {one.year}"


def days(first: date | None, last: date | None) -> str:
    """Return a period: a day, a whole month or year by its name, else from and to."""
    if first is None or last is None:
        return "all days"
    if first == last:
        return day(first)
    if first.day == 1 and (first.year, first.month) == (last.year, last.month) and _ends(last):
        return f"{_MONTHS[first.month - 1]} {first.year}"
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return str(first.year)
    return f"{day(first)} to {day(last)}"


def _ends(last: date) -> bool:
    return last.toordinal() + 1 == _following(last).toordinal()


def _following(one: date) -> date:
    return date(one.year + one.month // 12, one.month % 12 + 1, 1)


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
