"""Panels of how things spread: two rates against each other, and how few bring how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.analysis.cuts import Cut
from dashboard.analysis.measures import (
    ORDER_OF,
    UNIT_OF,
    drill_of,
    figures_table,
    name_of,
    named_of,
    value_of,
)
from dashboard.analysis.panels import SECRET, Drawing, Panel, empty
from dashboard.analysis.ranked import unnamed_note
from dashboard.analysis.words import said
from dashboard.figures.bars import Bar, pareto
from dashboard.figures.parts import Point, points

if TYPE_CHECKING:
    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.panels import Found, Frame
    from dashboard.analysis.view import View

MOST_POINTS = 300
VITAL = 0.8


def contribution_panel(frame: Frame, dimension: str) -> Panel:
    """Return the largest of a dimension with the part of all that they make up together."""

    def cuts(view: View) -> dict[str, Cut]:
        order = ORDER_OF[frame.measure_of(view)]
        top = view.most(MOST_POINTS)
        return {"now": Cut((dimension,), view.sales_filter(), top=top, order=order)}

    def draw(view: View, found: Found, _: Retailer) -> Drawing:
        measure, totals = frame.measure_of(view), found["now"].totals
        rows, unnamed = named_of(dimension, found["now"].rows)
        total = totals.of_measure(measure) or 0
        if unnamed:
            total -= value_of(unnamed.figures, measure)
        if not rows or not total:
            return empty()
        bars = [
            Bar(
                name_of(dimension, row),
                value_of(row.figures, measure),
                None,
                drill_of(dimension, row.id),
            )
            for row in rows
        ]
        return Drawing(
            _vital_few(bars, total),
            pareto(bars, total, unit=UNIT_OF[measure]),
            figures_table((dimension,), found["now"].rows),
            note=unnamed_note(unnamed, totals, measure),
        )

    return frame.panel(cuts, draw)


def _vital_few(bars: list[Bar], total: object) -> str:
    running, whole = 0.0, float(total)  # pyright: ignore[reportArgumentType] - exact figures convert
    for count, bar in enumerate(bars, start=1):
        running += float(bar.value)
        if running >= VITAL * whole:
            return f"{count} make up {VITAL:.0%} of all."
    return f"The first {len(bars)} make up {running / whole:.1%} of all."


def discount_panel(frame: Frame, dimension: str) -> Panel:
    """Return discount against margin, a mark per group; where it lies below zero, money is lost."""

    def cuts(view: View) -> dict[str, Cut]:
        top = view.most(MOST_POINTS)
        return {"now": Cut((dimension,), view.sales_filter(), top=top, order="NET_SALES")}

    def draw(_: View, found: Found, __: Retailer) -> Drawing:
        rows = [row for row in found["now"].rows if row.figures.margin is not None]
        if not rows:
            return empty("Nothing with a known cost was sold.")
        marks = [
            Point(
                row.label,
                row.figures.discount_rate or 0,
                row.figures.margin,
                row.figures.net_sales,
                drill_of(dimension, row.id),
                "Earns" if (row.figures.profit or 0) >= 0 else "Loses",
            )
            for row in rows
        ]
        losing = [mark for mark in marks if mark.group == "Loses"]
        worst = min(marks, key=lambda mark: mark.y)
        return Drawing(
            f"{len(losing)} of {len(marks)} lose money; lowest margin: {worst.name},"
            f" {said(worst.y, 'percent', '')} at {said(worst.x, 'percent', '')} discount.",
            points(marks, units=("percent", "percent"), titles=("Discount", "Margin")),
            figures_table((dimension,), rows),
            note="The larger a mark, the more was sold."
            + (f" Drawn are the {MOST_POINTS} largest." if len(rows) == MOST_POINTS else ""),
        )

    return Panel(
        frame.key,
        frame.title,
        frame.symbol,
        cuts,
        draw,
        frame.size,
        needs=frozenset({SECRET}),
    )
