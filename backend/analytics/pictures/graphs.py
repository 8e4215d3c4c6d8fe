"""Bar graphs of analyses: the largest, the smallest, and what the picture says of itself."""

from datetime import UTC, date
from decimal import Decimal
from typing import Final

from backend.analytics.pictures.bars import Bar, BarGraph
from backend.analytics.pictures.parameters import Wish, told
from backend.analytics.presets.preset import Coverage
from backend.analytics.presets.service import Analysis
from backend.analytics.presets.table import ColumnKind, Row

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def bar_graph(found: Analysis, column: str, wish: Wish, currency: str) -> BarGraph:
    """Return the graph of one column: the first rows, and the last where some are asked for."""
    columns = found.table.columns
    value = next(n for n, one in enumerate(columns) if one.name == column)
    name = next(n for n, one in enumerate(columns) if one.label_of is not None)
    rows = found.table.rows
    is_cut = len(rows) > wish.top + wish.bottom
    shown = (*rows[: wish.top], *(rows[-wish.bottom :] if wish.bottom else ())) if is_cut else rows
    kind = columns[value].kind
    unit = f", {currency}" if kind is ColumnKind.MONEY else ""
    return BarGraph(
        title=found.preset.title,
        subtitle=f"{told(wish.criteria)} · {_days(found.covers)}",
        axis=f"{columns[value].label}{unit}",
        footer=_footer(found),
        kind=kind,
        bars=tuple(Bar(str(row[name] or row[name - 1]), _number(row, value)) for row in shown),
        before_gap=wish.top,
        left_out=len(rows) - len(shown) if wish.bottom else 0,
        empty=found.table.notes[0].message if found.table.notes else "nothing was sold",
    )


def _number(row: Row, at: int) -> Decimal | int | None:
    value = row[at]
    return value if isinstance(value, Decimal | int) else None


def _days(covers: Coverage) -> str:
    if covers.first is None or covers.last is None:
        return "no sales"
    return f"{_day(covers.first)} to {_day(covers.last)}"


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _footer(found: Analysis) -> str:
    moment = found.as_of.astimezone(UTC)
    parts = [f"As of {moment:%Y-%m-%d %H:%M} UTC", f"{len(found.table.rows):,} items"]
    if found.covers.is_partial:
        parts.append("the last day is not over")
    if not found.trace.is_whole and found.trace.kept_from is not None:
        parts.append(f"sums only before {_day(found.trace.kept_from)}")
    return " · ".join(parts)
