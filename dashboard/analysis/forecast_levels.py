"""The panel of sums: what is expected of each category, product or place, with its own band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dashboard.analysis.forecast_panels import absent, readable
from dashboard.analysis.forecasts import LEVELS, NO_LEVEL, Group, horizon_of, level_of
from dashboard.analysis.panels import Column, Control, Drawing, Table
from dashboard.analysis.view import narrowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.analysis.choices import Retailer
    from dashboard.analysis.forecasts import Forecast
    from dashboard.analysis.view import View

FILTERED: Final = {"PRODUCT": "sku", "LOCATION": "location"}
"""Levels to which the page can be narrowed, and the names of these filters."""
OTHERS: Final = "All others"


def draw_levels(view: View, found: Mapping[str, Any], _: Retailer) -> Drawing:
    """Return the sums of the chosen level, the most demanded first."""
    forecast: Forecast = found["ahead"]
    if forecast.sum is None:
        return absent(found)
    level, days = level_of(view), horizon_of(view)
    named = [group for group in forecast.groups if group.name]
    return Drawing(
        _said(named, level) if level else f"All of it in {days} days; choose what to add up by.",
        table=_table(forecast, view, level, days),
        controls=[Control("by", "Add up by", level or NO_LEVEL, LEVELS)],
        note="Each sum is forecast with its own band, and means add up to that of all of it; bands"
        " do not, for days and groups do not all turn out high at once.",
    )


def _said(named: list[Group], level: str) -> str:
    pressed = "; a press on one narrows the page to it" if level in FILTERED else ""
    if not named:
        return "Nothing is forecast of what is chosen."
    first = named[0]
    return (
        f"{first.name} comes first with {readable(first.sum.mean):,g} units"
        f" of {len(named):,} {'sum' if len(named) == 1 else 'sums'}{pressed}."
    )


def _table(forecast: Forecast, view: View, level: str, days: int) -> Table:
    """Return a row for each sum; in files its days are columns, on the page a line."""
    dates = list(forecast.total.days) if forecast.total else []
    shape = (
        [Column(day, "number") for day in dates]
        if view.is_export
        else [Column("Day by day", "spark")]
    )
    columns = [
        Column(LEVELS[level] if level else "What"),
        Column("Series", "count"),
        Column(f"Units in {days} days", "number"),
        Column("5 %", "number"),
        Column("95 %", "number"),
        *shape,
    ]
    groups = forecast.groups if level else (_everything(forecast),)
    rows = [
        [
            group.name or OTHERS,
            group.series,
            *map(readable, (group.sum.mean, group.sum.low, group.sum.high)),
            *(group.means if view.is_export else [list(group.means)]),
        ]
        for group in groups
    ]
    return Table(columns, rows, [_drill(group, level) for group in groups])


def _drill(group: Group, level: str) -> str | None:
    """Return what a press on a sum adds to the address; None where no filter says it."""
    name = FILTERED.get(level)
    return narrowed(**{name: group.id}) if name and group.id is not None else None


def _everything(forecast: Forecast) -> Group:
    assert forecast.sum is not None
    assert forecast.total is not None
    return Group(None, "All of it", forecast.count, tuple(forecast.total.mean), forecast.sum)
