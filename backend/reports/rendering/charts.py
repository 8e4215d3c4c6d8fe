"""The graphs of a document's tables, as SVG. Pure."""

from typing import Final

from backend.analytics.pictures import bars, lines
from backend.analytics.pictures.bars import Bar, BarGraph
from backend.analytics.pictures.lines import LineGraph, Point
from backend.analytics.presets.table import ColumnKind
from backend.reports.documents import Grid, GridColumn, JsonCell, number

MOST_BARS: Final = 15


def chart_svg(grid: Grid, currency: str) -> str | None:
    """Return the graph of a table; None where it has none."""
    if grid.chart is None or not grid.rows:
        return None
    at = {one.name: n for n, one in enumerate(grid.columns)}
    label, value = at[grid.chart.label], at[grid.chart.value]
    column = grid.columns[value]
    axis = axis_of(column, currency)
    if grid.chart.is_line:
        points = tuple(
            Point(str(row[label] or ""), number(row[value], column.kind)) for row in grid.rows
        )
        return lines.draw(LineGraph(axis, column.kind, points))
    return bars.draw(_bar_graph(grid, axis, column.kind, label, value))


def axis_of(column: GridColumn, currency: str) -> str:
    """Return what a column counts, amounts with their currency."""
    return f"{column.label}, {currency}" if column.kind is ColumnKind.MONEY else column.label


def _bar_graph(grid: Grid, axis: str, kind: ColumnKind, label: int, value: int) -> BarGraph:
    rows = grid.rows[:MOST_BARS]
    left_out = len(grid.rows) - len(rows)
    return BarGraph(
        title="",
        subtitle="",
        axis=axis,
        footer="",
        kind=kind,
        bars=tuple(Bar(_named(row, label), number(row[value], kind)) for row in rows),
        before_gap=len(rows),
        left_out=left_out,
    )


def _named(row: list[JsonCell], label: int) -> str:
    return str(row[label] if row[label] not in (None, "") else "not said")
