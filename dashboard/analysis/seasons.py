"""Panels of the calendar: one line per year, weekday and hour, the strongest days, changes."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from dashboard.analysis.cuts import Cut
from dashboard.analysis.measures import HEADINGS, ORDER_OF, UNIT_OF, drill_of, value_of
from dashboard.analysis.panels import Column, Drawing, Frame, Table, empty
from dashboard.analysis.periods import Span, day_name
from dashboard.analysis.restated import marks_of
from dashboard.analysis.view import MEASURES, narrowed_to
from dashboard.analysis.words import said
from dashboard.figures.bars import Bar, ranked_bars
from dashboard.figures.lines import Line, lines
from dashboard.figures.parts import heat_map

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.cuts import Row
    from dashboard.analysis.panels import Found, Panel
    from dashboard.analysis.view import View

MONTHS = tuple(calendar.month_abbr[1:])
WEEKDAYS = tuple(calendar.day_name)
HOURS = tuple(f"{hour:02}" for hour in range(24))
MOST_YEARS = 6
MOST_NAMED = 6
PEAKS = 10
MOST_CHANGES = 8
MOST_GROUPS = 5_000


def _year_cuts(view: View) -> dict[str, Cut]:
    return {"months": Cut(("MONTH",), view.sales_filter(), is_marked=True)}


def _draw_years(view: View, found: Found, _: Retailer) -> Drawing:
    figures, unit = found["months"].by_id(), UNIT_OF[view.measure]
    if not figures:
        return empty()
    months = [f"P{month}" for month in range(1, 13)] if view.years else MONTHS
    part = "P" if view.years else ""
    years = sorted({month.split("-")[0] for month in figures if month})[-MOST_YEARS:]
    series = [
        Line(
            year,
            [
                value_of(figures[key], view.measure) if key in figures else None
                for key in (f"{year}-{part}{month:02}" for month in range(1, 13))
            ],
        )
        for year in years
    ]
    sums = [sum(line.values[at] or 0 for line in series) for at in range(12)]
    best = max(range(12), key=lambda at: sums[at])
    short = "" if view.span.days > 700 else "Two years or more show a season best."
    return Drawing(
        f"{months[best]} is the strongest month of the years shown.",
        lines(months, series, unit=unit, is_time=False),
        Table(
            [Column("Month"), *(Column(line.name, unit) for line in series)],
            [[month, *(line.values[at] for line in series)] for at, month in enumerate(months)],
        ),
        note=" ".join(filter(None, [short, _restated_months(found["months"].rows, view)])),
    )


def _restated_months(rows: Sequence[Row], view: View) -> str:
    """Name the months that changed; their rows are those of every year."""
    marks = marks_of(rows, view, "MONTH")
    if not marks.steps or view.since is None:
        return marks.note
    names = sorted(marks.steps, reverse=True)
    rest = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    shown = ", ".join(names[:MOST_NAMED])
    return f"Restated since {day_name(view.since)} by late sales or returns: {shown}{rest}."


SEASONS = Frame("seasons", "Seasons: each year by month", "trends").panel(_year_cuts, _draw_years)


def _hour_cuts(view: View) -> dict[str, Cut]:
    return {"fields": Cut(("WEEKDAY", "HOUR"), view.sales_filter())}


def _draw_hours(view: View, found: Found, retailer: Retailer) -> Drawing:
    cells = {row.ids: row.figures for row in found["fields"].rows}
    if not cells:
        return empty()
    unit = UNIT_OF[view.measure]
    fields = [
        [value_of(cells.get((str(day), str(hour))), view.measure) for hour in range(24)]
        for day in range(1, 8)
    ]
    best = max(
        (value, day, hour) for day, row in enumerate(fields) for hour, value in enumerate(row)
    )
    has_times = len({ids[1] for ids in cells}) > 1
    return Drawing(
        f"Strongest: {WEEKDAYS[best[1]]} at {best[2]:02}:00 with"
        f" {said(best[0], unit, retailer.currency)}.",
        heat_map(HOURS, [day[:3] for day in WEEKDAYS], fields, unit=unit),
        Table(
            [Column("Weekday"), *(Column(hour, unit) for hour in HOURS)],
            [[day, *row] for day, row in zip(WEEKDAYS, fields, strict=True)],
        ),
        note="" if has_times else "These sales were recorded by day, without the time of day.",
    )


WEEK = Frame("week", "Weekday and hour", "heat").panel(_hour_cuts, _draw_hours)


def _peak_cuts(view: View) -> dict[str, Cut]:
    order, top = ORDER_OF[view.measure], view.most(PEAKS)
    cut = Cut(("DAY",), view.sales_filter(), top=top, order=order, is_marked=True)
    return {"days": cut}


def _draw_peaks(view: View, found: Found, retailer: Retailer) -> Drawing:
    rows, unit = found["days"].rows, UNIT_OF[view.measure]
    if not rows:
        return empty()
    days = [date.fromisoformat(row.id) for row in rows]
    bars = [
        Bar(
            f"{day:%a} {day_name(day)}",
            row.figures.of_measure(view.measure),
            drill=narrowed_to(Span(day, day)),
        )
        for day, row in zip(days, rows, strict=True)
    ]
    marks = marks_of(rows, view, "DAY")
    return Drawing(
        f"The strongest day was {bars[0].name}: {said(bars[0].value, unit, retailer.currency)}.",
        ranked_bars(bars[:PEAKS], unit=unit),
        marks.in_table(
            Table(
                [Column("Day", "date"), Column(MEASURES[view.measure], unit)],
                [[row.id, bar.value] for row, bar in zip(rows, bars, strict=True)],
                [bar.drill for bar in bars],
            ),
            [row.id for row in rows],
        ),
        note=marks.note,
    )


PEAK_DAYS = Frame("peaks", "Strongest days", "target").panel(_peak_cuts, _draw_peaks)


def change_panel(frame: Frame, dimension: str) -> Panel:
    """Return what grew and what shrank most against the period compared with."""

    def cuts(view: View) -> dict[str, Cut]:
        def cut(span: Span) -> Cut:
            return Cut((dimension,), view.sales_filter(span), MOST_GROUPS, order=order)

        order = ORDER_OF[frame.measure_of(view)]
        now = {"now": cut(view.span)}
        return now | ({"before": cut(view.compared_with)} if view.compared_with else {})

    def draw(view: View, found: Found, retailer: Retailer) -> Drawing:
        measure = frame.measure_of(view)
        if "before" not in found:
            return empty("Choose a period to compare with.")
        if not view.has_before:
            return empty("There are no data of the period compared with.")
        changes = _changes(found, measure)
        if not changes:
            return empty()
        unit, shown = UNIT_OF[measure], _both_ends(changes)
        up, down = changes[0], changes[-1]
        way = "most downwards" if down.by < 0 else "least"
        heads = [Column(HEADINGS[dimension]), Column("Now", unit), Column("Compared", unit)]
        return Drawing(
            f"{up.name} changed most upwards ({said(up.by, unit, retailer.currency)}),"
            f" {down.name} {way} ({said(down.by, unit, retailer.currency)}).",
            ranked_bars(
                [Bar(one.name, one.by, None, drill_of(dimension, one.id)) for one in shown],
                unit=unit,
                colour="--good",
            ),
            Table(
                [*heads, Column("Change", unit), Column("Change in %", "percent")],
                [
                    [one.name, one.now, one.before, one.by, None if view.gap else one.rate]
                    for one in changes
                ],
                [drill_of(dimension, one.id) for one in changes],
            ),
            note=f"The period compared with: {view.gap}." if view.gap else "",
        )

    return frame.panel(cuts, draw)


@dataclass(frozen=True, slots=True)
class Change:
    """A group's value now and in the period compared with."""

    id: str | None
    name: str
    now: Any
    before: Any

    @property
    def by(self) -> Any:
        """Return how much more it is now."""
        return self.now - self.before

    @property
    def rate(self) -> float | None:
        """Return that as a part of what it was; None where it was nothing."""
        return float(self.by) / float(self.before) if self.before else None


def _changes(found: Found, measure: str) -> list[Change]:
    """Return every group of either period, the largest gain first."""
    now, before = found["now"].by_id(), found["before"].by_id()
    labels = {row.id: row.label for row in (*found["before"].rows, *found["now"].rows)}
    changes = [
        Change(one, name, value_of(now.get(one), measure), value_of(before.get(one), measure))
        for one, name in labels.items()
    ]
    return sorted(changes, key=lambda change: change.by, reverse=True)


def _both_ends(changes: Sequence[Change]) -> Sequence[Change]:
    if len(changes) <= 2 * MOST_CHANGES:
        return changes
    return [*changes[:MOST_CHANGES], *changes[-MOST_CHANGES:]]
