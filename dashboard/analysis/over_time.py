"""Panels along the time axis: the trend, the largest of a dimension, their shares, seasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard.analysis.cuts import Cut
from dashboard.analysis.measures import HEADINGS, UNIT_OF, drill_of, value_of
from dashboard.analysis.panels import Column, Drawing, Panel, Table, empty
from dashboard.analysis.periods import day_name
from dashboard.analysis.restated import marks_of, since_control
from dashboard.analysis.view import MEASURES, narrowed_to
from dashboard.analysis.words import said, with_dates
from dashboard.figures.bars import Stack, stacked_bars
from dashboard.figures.lines import Earlier, Line, lines, ringed, trend

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.panels import Found, Frame
    from dashboard.analysis.view import View

    Level = Callable[[View], str]

MOST_LINES = 6


def _trend_cuts(view: View) -> dict[str, Cut]:
    cuts = {"now": Cut((view.grain,), view.sales_filter(), is_marked=True)}
    if view.compared_with:
        cuts["before"] = Cut((view.grain,), view.sales_filter(view.compared_with))
    return cuts


def _draw_trend(view: View, found: Found, retailer: Retailer) -> Drawing:
    if found["now"].is_empty:
        return empty("Nothing was sold in this period.")
    grain, unit, name = view.grain, UNIT_OF[view.measure], MEASURES[view.measure]
    places, figures = view.steps(), found["now"].by_id()
    values = [value_of(figures.get(place), view.measure) for place in places]
    drills = [_drill_into(place, view) for place in places]
    earlier = view.steps(view.compared_with) if view.compared_with else []
    old = found["before"].by_id() if "before" in found else {}
    before = [
        value_of(old.get(place), view.measure) if _has_data(place, view) else None
        for place in earlier
    ]
    best = max(range(len(places)), key=lambda at: values[at])
    marks = marks_of(found["now"].rows, view, grain)
    figure = trend(
        [view.step_start(place) for place in places],
        values,
        name=name,
        unit=unit,
        earlier=Earlier("Compared", before, earlier) if earlier else None,
        drills=drills,
    )
    return Drawing(
        f"{name} of"
        f" {said(found['now'].totals.of_measure(view.measure), unit, retailer.currency)} in all;"
        f" most in {_named(places[best], view)}: {said(values[best], unit, retailer.currency)}.",
        ringed(figure, [view.step_start(place) for place in places], values, marks.of(places)),
        marks.in_table(
            Table(
                [Column(HEADINGS[grain]), Column(name, unit), Column("Compared", unit)],
                [
                    [place, values[at], before[at] if at < len(before) else None]
                    for at, place in enumerate(places)
                ],
                drills,
            ),
            places,
        ),
        controls=[since_control(view)] if grain != "HOUR" else [],
        note=f"{_trend_note(view)} {marks.note}".strip(),
    )


def _named(step: str, view: View) -> str:
    """Return a step as part of a sentence; a week by the day with which it begins."""
    if view.grain == "HOUR":
        return f"the hour from {int(step):02}:00"
    if view.grain == "WEEK":
        return f"the week of {day_name(view.step_span(step).first)}"
    return step if view.years else with_dates(step)


def _trend_note(view: View) -> str:
    gap = f"The period compared with: {view.gap}." if view.gap else ""
    return f"{gap} {_ends_note(view)}".strip()


def _ends_note(view: View) -> str:
    """Say which steps at the ends of a period it has a part of only."""
    if view.grain != "HOUR" and view.today is not None and view.span.last >= view.today:
        return "The last step goes on."
    if view.grain in {"HOUR", "DAY"}:
        return ""
    places = view.steps()
    ends = [
        *(["first"] if view.step_span(places[0]).first < view.span.first else []),
        *(["last"] if view.step_span(places[-1]).last > view.span.last else []),
    ]
    part = HEADINGS[view.grain].lower()
    return f"Of the {' and the '.join(ends)} {part} only a part is in this period." if ends else ""


def _drill_into(step: str, view: View) -> str | None:
    return None if view.grain == "HOUR" else narrowed_to(view.step_span(step))


def _has_data(step: str, view: View) -> bool:
    """Tell whether a step compared with has data; what has none is no zero."""
    if view.grain == "HOUR":
        return view.has_before
    return view.days_known(view.step_span(step)) > 0


TREND = Panel("trend", "Trend", "trends", _trend_cuts, _draw_trend, "full")


def series_panel(frame: Frame, level: Level, *, is_stacked: bool = False) -> Panel:
    """Return a panel of the largest of a dimension over time, as lines or stacked bars.

    `level` says which dimension it is for a view, so that it can follow a drill-down.
    """

    def cuts(view: View) -> dict[str, Cut]:
        return {"by": Cut((view.grain, level(view)), view.sales_filter(), is_marked=True)}

    def draw(view: View, found: Found, _: Retailer) -> Drawing:
        if found["by"].is_empty:
            return empty()
        measure, dimension, grain = frame.measure_of(view), level(view), view.grain
        if all(row.ids[1] is None for row in found["by"].rows):
            return empty(f"No sale of this period says its {HEADINGS[dimension].lower()}.")
        unit, places = UNIT_OF[measure], view.steps()
        cells = {row.ids: value_of(row.figures, measure) for row in found["by"].rows}
        names = {row.ids[1]: row.label_at(1) for row in found["by"].rows}
        series = [
            Line(
                names[one],
                [cells.get((place, one), 0) for place in places],
                drill_of(dimension, one),
            )
            for one in names
        ]
        series.sort(key=lambda line: sum(line.values), reverse=True)
        series = series[:MOST_LINES]
        axis = [view.step_start(place) for place in places]
        stacks = [Stack(one.name, one.values, one.drill) for one in series]
        marks = marks_of(found["by"].rows, view, grain)
        figure = (
            stacked_bars(axis, stacks, unit=unit, is_time=grain != "HOUR")
            if is_stacked
            else lines(axis, series, unit=unit)
        )
        return Drawing(
            f"{MEASURES[measure]} of {', '.join(one.name for one in series)}.",
            ringed(figure, axis, _tops(series, is_stacked=is_stacked), marks.of(places)),
            marks.in_table(
                Table(
                    [Column(HEADINGS[grain]), *(Column(line.name, unit) for line in series)],
                    [
                        [place, *(line.values[at] for line in series)]
                        for at, place in enumerate(places)
                    ],
                ),
                places,
            ),
            note=f"{_ends_note(view)} {marks.note}".strip(),
        )

    return frame.panel(cuts, draw)


def _tops(series: Sequence[Line], *, is_stacked: bool) -> list[Any]:
    """Return where the highest mark of each step stands."""
    steps = zip(*(line.values for line in series), strict=True)
    return [sum(values) if is_stacked else max(values) for values in steps]
