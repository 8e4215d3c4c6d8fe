"""Panels that rank the groups of a dimension, or set two dimensions against each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboard.analysis.cuts import Cut
from dashboard.analysis.measures import (
    HEADINGS,
    ORDER_OF,
    UNIT_OF,
    drill_of,
    figures_table,
    name_of,
    named_of,
    value_of,
)
from dashboard.analysis.panels import Column, Drawing, Table, empty
from dashboard.analysis.view import MEASURES
from dashboard.analysis.words import part_of, said
from dashboard.figures.bars import Bar, ranked_bars
from dashboard.figures.parts import heat_map, ring

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.cuts import Figures, Row
    from dashboard.analysis.panels import Found, Frame, Panel
    from dashboard.analysis.view import View

    Level = Callable[[View], str]

SHOWN_BARS = 12
SHOWN_PARTS = 8
SHOWN_ROWS = 100
MOST_COMPARED = 1_000
MOST_PAIRS = 10_000
MOST_WRITTEN = 12
MANY = frozenset({"PRODUCT", "CUSTOMER", "POSTAL_CODE"})
"""Dimensions of so many groups that those of another period are not asked for as well."""
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
        top = view.most(shown + 1)
        now = Cut(dimension, view.sales_filter(), top=top, order=order, is_ascending=is_bottom)
        if not view.compared_with or is_bottom or level(view) in MANY:
            return {"now": now}
        where = view.sales_filter(view.compared_with)
        return {"now": now, "before": Cut(dimension, where, top=MOST_COMPARED, order=order)}

    def draw(view: View, found: Found, retailer: Retailer) -> Drawing:
        now = found["now"]
        if now.is_empty:
            return empty()
        unit, dimension = UNIT_OF[frame.measure_of(view)], level(view)
        if unsaid := unsaid_of((dimension,), now.rows):
            return empty(unsaid)
        before = found["before"].by_id() if "before" in found else {}
        rows, unnamed = named_of(dimension, now.rows)
        bars = [
            Bar(
                name_of(dimension, row),
                row.figures.of_measure(frame.measure_of(view)),
                before[row.id].of_measure(frame.measure_of(view)) if row.id in before else None,
                drill_of(dimension, row.id),
            )
            for row in rows
        ]
        first = rows[0]
        value = first.figures.of_measure(frame.measure_of(view))
        place = "last" if is_bottom else "first"
        share = part_of(value, now.totals.of_measure(frame.measure_of(view)))
        return Drawing(
            f"{bars[0].name} comes {place} with {said(value, unit, retailer.currency)}{share}.",
            ranked_bars(
                bars[:shown], unit=unit, colour="--series-2" if is_bottom else "--series-1"
            ),
            figures_table((dimension,), now.rows),
            note=" ".join(
                filter(
                    None,
                    [
                        _line_note(view) if before else "",
                        unnamed_note(unnamed, now.totals, frame.measure_of(view)),
                    ],
                )
            ),
        )

    return frame.panel(cuts, draw)


def unsaid_of(dimensions: Sequence[str], rows: Sequence[Row]) -> str:
    """Say which of these dimensions no sale says; nothing where each is said by some."""
    for at, dimension in enumerate(dimensions):
        if all(row.ids[at] is None for row in rows):
            return f"No sale of this period says its {HEADINGS[dimension].lower()}."
    return ""


def unnamed_note(unnamed: Row | None, totals: Figures, measure: str) -> str:
    """Say which part of all was sold to nobody in particular; nothing where all say to whom."""
    part = (
        part_of(unnamed.figures.of_measure(measure), totals.of_measure(measure)) if unnamed else ""
    )
    return f"Sales that name no customer are left out{part}." if unnamed else ""


def _line_note(view: View) -> str:
    gap = f": {view.gap}" if view.gap else ""
    return f"The line across a bar is the period compared with{gap}."


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
        share = part_of(sum(bar.value for bar in bars), total)
        largest = f"{bars[0].name} is the largest; shown are {len(bars)}{share}."
        return Drawing(
            largest if len(bars) > 1 else f"{bars[0].name} is the only one.",
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
        if unsaid := unsaid_of(dimensions[:1], rows):
            return empty(unsaid)
        is_all = len(rows) < view.most(SHOWN_ROWS)
        by = f"by {MEASURES[frame.measure_of(view)].lower()}"
        return Drawing(
            f"All {len(rows)}, {by}." if is_all else f"The first {len(rows)} {by}; files hold all.",
            table=figures_table(dimensions, rows),
        )

    return frame.panel(cuts, draw, "table")


def crossed_panel(
    frame: Frame, down: str, across: str, *, is_share: bool = False, most: int = 15
) -> Panel:
    """Return a field per pair of two dimensions; `is_share`: as part of its row."""

    def cuts(view: View) -> dict[str, Cut]:
        order = ORDER_OF[frame.measure_of(view)]
        return {"both": Cut((down, across), view.sales_filter(), MOST_PAIRS, order=order)}

    def draw(view: View, found: Found, retailer: Retailer) -> Drawing:
        measure = frame.measure_of(view)
        cells = {row.ids: value_of(row.figures, measure) for row in found["both"].rows}
        if not cells:
            return empty()
        if unsaid := unsaid_of((down, across), found["both"].rows):
            return empty(unsaid)
        rows = _groups(found["both"].rows, 0, measure, most=view.most(most), is_time=down in GRAINS)
        columns = _groups(found["both"].rows, 1, measure, most=most, is_time=across in GRAINS)
        fields = [[cells.get((row.id, one.id), 0) for one in columns] for row in rows]
        if is_share:
            fields = [
                [float(value) / float(row.sum) if row.sum else None for value in line]
                for row, line in zip(rows, fields, strict=True)
            ]
        unit = "percent" if is_share else UNIT_OF[measure]
        best = max(
            (value or 0, row.label, one.label)
            for row, line in zip(rows, fields, strict=True)
            for one, value in zip(columns, line, strict=True)
        )
        return Drawing(
            f"Strongest: {best[2]} in {best[1]} with {said(best[0], unit, retailer.currency)}.",
            heat_map(
                [one.label for one in columns],
                [row.label for row in rows[:most]],
                fields[:most],
                unit=unit,
                is_written=len(columns) <= MOST_WRITTEN,
            ),
            Table(
                [Column(HEADINGS[down]), *(Column(one.label, unit) for one in columns)],
                [[row.label, *line] for row, line in zip(rows, fields, strict=True)],
                [drill_of(down, row.id) for row in rows],
            ),
            note=_cut_note(down, len({row.ids[0] for row in found["both"].rows}), most),
        )

    return frame.panel(cuts, draw)


def _cut_note(dimension: str, count: int, most: int) -> str:
    which = "last" if dimension in GRAINS else "first"
    return f"Drawn are the {which} {most} of {count:,}." if count > most else ""


@dataclass(frozen=True, slots=True)
class Group:
    """A value of one of two dimensions, and the sum of its pairs."""

    id: str | None
    label: str
    sum: Any


def _groups(rows: Sequence[Row], at: int, measure: str, *, most: int, is_time: bool) -> list[Group]:
    """Return the largest values of a dimension, or its last steps in their order."""
    sums: dict[str | None, Any] = {}
    labels: dict[str | None, str] = {}
    for row in rows:
        sums[row.ids[at]] = sums.get(row.ids[at], 0) + value_of(row.figures, measure)
        labels[row.ids[at]] = row.label_at(at)
    groups = [Group(one, labels[one], value) for one, value in sums.items()]
    if is_time:
        return sorted(groups, key=lambda group: group.id or "")[-most:]
    return sorted(groups, key=lambda group: group.sum, reverse=True)[:most]
