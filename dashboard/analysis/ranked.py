"""Panels that rank the groups of a dimension, or set two dimensions against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.analysis.cuts import Cut
from dashboard.analysis.measures import (
    HEADINGS,
    ORDER_OF,
    UNIT_OF,
    drill_of,
    figures_table,
    value_of,
)
from dashboard.analysis.panels import Column, Drawing, Table, empty
from dashboard.analysis.view import MEASURES
from dashboard.analysis.words import part_of, said
from dashboard.figures.bars import Bar, ranked_bars
from dashboard.figures.parts import heat_map, ring

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.panels import Found, Frame, Panel
    from dashboard.analysis.view import View

    Level = Callable[[View], str]

SHOWN_BARS = 12
SHOWN_PARTS = 8
SHOWN_ROWS = 100
MOST_COMPARED = 2_000
GRAINS = frozenset({"HOUR", "WEEKDAY", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"})


def at(dimension: str) -> Level:
    """Return the level that is always this dimension."""
    return lambda _: dimension


def ranked_panel(
    frame: Frame, level: Level, *, is_bottom: bool = False, shown: int = SHOWN_BARS
) -> Panel:
    """Return bars of the first of a dimension, or of the last; what each was before is marked."""

    def cuts(view: View) -> dict[str, Cut]:
        dimension, order = (level(view),), ORDER_OF[frame.measure_of(view)]
        top = view.most(shown)
        now = Cut(dimension, view.sales_filter(), top=top, order=order, is_ascending=is_bottom)
        if not view.compared_with or is_bottom:
            return {"now": now}
        where = view.sales_filter(view.compared_with)
        return {"now": now, "before": Cut(dimension, where, top=MOST_COMPARED, order=order)}

    def draw(view: View, found: Found, retailer: Retailer) -> Drawing:
        now = found["now"]
        if now.is_empty:
            return empty()
        unit, dimension = UNIT_OF[frame.measure_of(view)], level(view)
        before = found["before"].by_id() if "before" in found else {}
        bars = [
            Bar(
                row.label,
                row.figures.of_measure(frame.measure_of(view)),
                before[row.id].of_measure(frame.measure_of(view)) if row.id in before else None,
                drill_of(dimension, row.id),
            )
            for row in now.rows
        ]
        first = now.rows[0]
        value = first.figures.of_measure(frame.measure_of(view))
        place = "last" if is_bottom else "first"
        share = part_of(value, now.totals.of_measure(frame.measure_of(view)))
        return Drawing(
            f"{first.label} comes {place} with {said(value, unit, retailer.currency)}{share}.",
            ranked_bars(
                bars[:shown], unit=unit, colour="--series-2" if is_bottom else "--series-1"
            ),
            figures_table((dimension,), now.rows),
            note="The line across a bar is the period compared with." if before else "",
        )

    return frame.panel(cuts, draw)


def ring_panel(frame: Frame, level: Level) -> Panel:
    """Return the shares of the largest of a dimension."""

    def cuts(view: View) -> dict[str, Cut]:
        order = ORDER_OF[frame.measure_of(view)]
        top = view.most(SHOWN_PARTS)
        return {"now": Cut((level(view),), view.sales_filter(), top=top, order=order)}

    def draw(view: View, found: Found, _: Retailer) -> Drawing:
        now, dimension = found["now"], level(view)
        total = now.totals.of_measure(frame.measure_of(view))
        if now.is_empty:
            return empty()
        bars = [
            Bar(
                row.label,
                value_of(row.figures, frame.measure_of(view)),
                None,
                drill_of(dimension, row.id),
            )
            for row in now.rows[:SHOWN_PARTS]
        ]
        together = sum(bar.value for bar in bars)
        return Drawing(
            f"{bars[0].name} is the largest; the first {len(bars)} make up"
            f" {said(float(together) / float(total), 'percent', '') if total else 'nothing'}.",
            ring(bars, unit=UNIT_OF[frame.measure_of(view)], total=total),
            figures_table((dimension,), now.rows),
        )

    return frame.panel(cuts, draw)


def table_panel(frame: Frame, *dimensions: str) -> Panel:
    """Return all figures of the first groups as a table."""

    def cuts(view: View) -> dict[str, Cut]:
        order, top = ORDER_OF[frame.measure_of(view)], view.most(SHOWN_ROWS)
        return {"now": Cut(dimensions, view.sales_filter(), top=top, order=order)}

    def draw(view: View, found: Found, _: Retailer) -> Drawing:
        rows = found["now"].rows
        if not rows:
            return empty()
        return Drawing(
            f"The first {len(rows)} by {MEASURES[frame.measure_of(view)].lower()}; files hold all.",
            table=figures_table(dimensions, rows),
        )

    return frame.panel(cuts, draw, "table")


def crossed_panel(
    frame: Frame, down: str, across: str, *, is_share: bool = False, most: int = 15
) -> Panel:
    """Return a field per pair of two dimensions; `is_share`: as part of its row."""

    def cuts(view: View) -> dict[str, Cut]:
        order, where = ORDER_OF[frame.measure_of(view)], view.sales_filter()
        is_time = down in GRAINS
        return {
            "down": Cut((down,), where)
            if is_time
            else Cut((down,), where, top=view.most(most), order=order),
            "across": Cut((across,), where, top=most, order=order),
            "both": Cut((down, across), where),
        }

    def draw(view: View, found: Found, retailer: Retailer) -> Drawing:
        rows, columns = found["down"].rows[-view.most(most) :], found["across"].rows
        if not rows:
            return empty()
        cells = {row.ids: row.figures for row in found["both"].rows}
        fields = [
            [value_of(cells.get((row.id, column.id)), frame.measure_of(view)) for column in columns]
            for row in rows
        ]
        wholes = [value_of(row.figures, frame.measure_of(view)) for row in rows]
        if is_share:
            fields = [
                [float(value) / float(whole) if whole else None for value in line]
                for line, whole in zip(fields, wholes, strict=True)
            ]
        unit = "percent" if is_share else UNIT_OF[frame.measure_of(view)]
        values = [
            (value or 0, row.label, column.label)
            for row, line in zip(rows, fields, strict=True)
            for column, value in zip(columns, line, strict=True)
        ]
        best = max(values)
        return Drawing(
            f"Strongest: {best[2]} in {best[1]} with {said(best[0], unit, retailer.currency)}.",
            heat_map(
                [column.label for column in columns],
                [row.label for row in rows[:most]],
                fields[:most],
                unit=unit,
                is_written=len(columns) <= 6,
            ),
            Table(
                [Column(HEADINGS[down]), *(Column(column.label, unit) for column in columns)],
                [[row.label, *line] for row, line in zip(rows, fields, strict=True)],
                [drill_of(down, row.id) for row in rows],
            ),
        )

    return frame.panel(cuts, draw)
