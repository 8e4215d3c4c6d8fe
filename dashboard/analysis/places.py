"""The panels of the map: areas by what was sold to them, who leads in each, and our own places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard.analysis.cuts import Cut, ValueCut
from dashboard.analysis.measures import (
    HEADINGS,
    ORDER_OF,
    UNIT_OF,
    drill_of,
    figures_table,
    value_of,
)
from dashboard.analysis.panels import Column, Control, Drawing, Frame, Table, empty, plain
from dashboard.analysis.view import MEASURES
from dashboard.analysis.words import part_of, said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.cuts import Row, Summary
    from dashboard.analysis.panels import Found
    from dashboard.analysis.view import View

MOST_AREAS = 1_000
MOST_LEADERS = 6
LEVELS = {
    "STATE": "States",
    "POSTAL_CODE": "Postal codes",
    "COUNTRY": "Countries",
    "DISTRIBUTOR": "Leading distributors",
}
GEOMETRY = {
    "STATE": "us-states",
    "DISTRIBUTOR": "us-states",
    "COUNTRY": "world",
    "POSTAL_CODE": "us-postal-codes",
}


def _level(view: View) -> str:
    chosen = view.choices.get("by", "STATE")
    return chosen if chosen in LEVELS else "STATE"


def _cuts(view: View) -> dict[str, Cut]:
    level, where, order = _level(view), view.sales_filter(), ORDER_OF[view.measure]
    cuts = {"stores": Cut(("LOCATION",), where, order=order)}
    if level == "DISTRIBUTOR":
        return cuts | {"now": Cut(("STATE", "DISTRIBUTOR"), where, order=order)}
    cuts["now"] = Cut((level,), where, view.most(MOST_AREAS), order=order)
    if level != "POSTAL_CODE":
        cuts["frames"] = ValueCut((view.grain, level), where)
    return cuts


def _draw(view: View, found: Found, retailer: Retailer) -> Drawing:
    level, now = _level(view), found["now"]
    if now.is_empty:
        return empty()
    controls = [Control("by", "Show", level, LEVELS)]
    shown: dict[str, Any] = {
        "level": level,
        "geometry": GEOMETRY[level],
        "unit": UNIT_OF[view.measure],
    }
    shown["stores"] = _stores(view, found["stores"], retailer)
    if level == "DISTRIBUTOR":
        return _draw_leaders(view, now, shown, controls)
    shown["areas"] = [_area(row, level, view.measure) for row in now.rows if row.id is not None]
    if "frames" in found:
        shown["frames"] = _frames(view, found["frames"])
    first, unit = now.rows[0], UNIT_OF[view.measure]
    value = first.figures.of_measure(view.measure)
    share = part_of(value, now.totals.of_measure(view.measure))
    return Drawing(
        f"{first.label} comes first with {said(value, unit, retailer.currency)}{share};"
        f" sales to {_count(len(now.rows), level)}.",
        table=figures_table((level,), now.rows),
        map=shown,
        controls=controls,
        note=_not_said(now, view, retailer),
    )


def _count(count: int, level: str) -> str:
    return f"one {HEADINGS[level].lower()}" if count == 1 else f"{count} {LEVELS[level].lower()}"


def _area(row: Row, level: str, measure: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "label": row.label,
        "value": plain(value_of(row.figures, measure)),
        "orders": row.figures.orders,
        "drill": drill_of(level, row.id),
    }


def _frames(view: View, found: Summary) -> dict[str, Any]:
    """Return the value of each area at each step, so that moving through time asks nothing."""
    places = view.steps()
    index = {place: at for at, place in enumerate(places)}
    values: dict[str, list[Any]] = {}
    for row in found.rows:
        step, area = row.ids
        if area is not None and step in index:
            line = values.setdefault(area, [0] * len(places))
            line[index[step]] = plain(value_of(row.figures, view.measure))
    return {"steps": places, "values": values}


def _stores(view: View, found: Summary, retailer: Retailer) -> list[dict[str, Any]]:
    figures = found.by_id()
    return [
        {
            "name": place["name"],
            "latitude": place["latitude"],
            "longitude": place["longitude"],
            "value": plain(value_of(figures.get(place["code"]), view.measure)),
            "drill": drill_of("LOCATION", place["code"]),
        }
        for place in retailer.places
        if place["latitude"] is not None and place["longitude"] is not None
    ]


def _draw_leaders(
    view: View, now: Summary, shown: dict[str, Any], controls: Sequence[Control]
) -> Drawing:
    leaders: dict[str, Row] = {}
    counts: dict[str, int] = {}
    for row in now.rows:
        state = row.ids[0]
        if state is not None:
            leaders.setdefault(state, row)
            counts[state] = counts.get(state, 0) + 1
    names = [row.label_at(1) for row in leaders.values()]
    ranked = sorted(set(names), key=lambda name: -names.count(name))
    shown["groups"] = ranked[:MOST_LEADERS]
    shown["areas"] = [
        _area(row, "STATE", view.measure)
        | {"group": row.label_at(1), "note": f"{counts[state]} in this state"}
        for state, row in leaders.items()
    ]
    unit = UNIT_OF[view.measure]
    columns = [Column(HEADINGS["STATE"]), Column("Leads"), Column(MEASURES[view.measure], unit)]
    return Drawing(
        f"{ranked[0]} leads in {names.count(ranked[0])} of {len(leaders)} states.",
        table=Table(
            [*columns, Column("Distributors", "count")],
            [
                [row.label, row.label_at(1), value_of(row.figures, view.measure), counts[state]]
                for state, row in leaders.items()
            ],
            [drill_of("STATE", state) for state in leaders],
        ),
        map=shown,
        controls=list(controls),
    )


def _not_said(now: Summary, view: View, retailer: Retailer) -> str:
    value = value_of(now.by_id().get(None), view.measure)
    if not value:
        return ""
    return f"{said(value, UNIT_OF[view.measure], retailer.currency)} went where no sale says where."


AREAS = Frame("areas", "Where it sells", "map", "full").panel(_cuts, _draw, "map")
