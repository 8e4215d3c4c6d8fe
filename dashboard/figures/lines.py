"""Lines over time: one trend against another period, or several series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dashboard.figures.chart import chart, numbers, series_style

if TYPE_CHECKING:
    from collections.abc import Sequence


MOST_MARKED: Final = 31
"""Marks on one line: each is drawn by itself, and more of them only thicken it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A series of values, one per step of the axis."""

    name: str
    values: Sequence[Any]
    drill: str | None = None
    """What a click on it adds to the address, at any step."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The period compared with: its values and the names of its steps."""

    name: str
    values: Sequence[Any]
    steps: Sequence[str]


def trend(
    steps: Sequence[str],
    values: Sequence[Any],
    *,
    name: str,
    unit: str,
    earlier: Earlier | None = None,
    drills: Sequence[str | None] = (),
) -> dict[str, Any]:
    """Return values over time, the period compared with as a dashed line below them.

    Dragging zooms in, the strip below shows where; a double click shows all again.
    """
    colour, *_ = series_style(0)
    traces = [_earlier_trace(steps, earlier, unit)] if earlier else []
    traces.append(
        {
            "type": "scatter",
            "mode": "lines+markers" if len(steps) <= MOST_MARKED else "lines",
            "name": name,
            "x": list(steps),
            "y": numbers(values),
            "customdata": numbers(values),
            "meta": {"drills": list(drills), "unit": unit},
            "line": {"color": colour, "width": 2.4},
            "marker": {"size": 5, "color": colour},
            "fill": "tozeroy",
            "fillcolor": "--series-1-soft",
            "hovertemplate": "<b>%{customdata}</b><extra>" + name + "</extra>",
        }
    )
    strip = {"visible": True, "thickness": 0.07, "bgcolor": "--hover", "bordercolor": "--line"}
    return chart(
        traces,
        x={"fixedrange": False, "showgrid": False, "rangeslider": strip} | _kind(steps),
        y={"rangemode": "tozero"},
        units={"yaxis": unit},
        hovermode="x unified",
        dragmode="zoom",
        showlegend=earlier is not None,
    )


def _earlier_trace(steps: Sequence[str], earlier: Earlier, unit: str) -> dict[str, Any]:
    values = numbers(list(earlier.values)[: len(steps)])
    return {
        "type": "scatter",
        "mode": "lines",
        "name": earlier.name,
        "x": list(steps[: len(values)]),
        "y": values,
        "customdata": values,
        "text": list(earlier.steps[: len(values)]),
        "meta": {"unit": unit},
        "line": {"color": "--dim", "width": 1.6, "dash": "dot"},
        "hovertemplate": "%{customdata} · %{text}<extra>" + earlier.name + "</extra>",
    }


def ringed(
    figure: dict[str, Any], steps: Sequence[str], values: Sequence[Any], restated: Sequence[bool]
) -> dict[str, Any]:
    """Return a figure over these steps with rings around the values of those restated."""
    marked = [at for at, is_marked in enumerate(restated) if is_marked]
    if not marked:
        return figure
    rings = {
        "type": "scatter",
        "mode": "markers",
        "name": "Restated",
        "x": [steps[at] for at in marked],
        "y": numbers([values[at] for at in marked]),
        "marker": {
            "symbol": "circle-open",
            "size": 13,
            "color": "--warning",
            "line": {"width": 2.2, "color": "--warning"},
        },
        "hovertemplate": "late sales or returns<extra>Restated</extra>",
    }
    layout = figure["layout"] | {"showlegend": True}
    return figure | {"data": [*figure["data"], rings], "layout": layout}


def lines(
    steps: Sequence[str], series: Sequence[Line], *, unit: str, is_time: bool = True
) -> dict[str, Any]:
    """Return one line per series of which something is known, by colour, dash and mark."""
    traces = []
    for at, line in enumerate(series):
        if all(value is None for value in line.values):
            continue
        colour, dash, symbol, _ = series_style(at, line.drill)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": line.name,
                "x": list(steps),
                "y": numbers(line.values),
                "customdata": numbers(line.values),
                "meta": {"drills": line.drill, "unit": unit},
                "line": {"color": colour, "width": 2, "dash": dash},
                "marker": {
                    "symbol": symbol,
                    "size": 6,
                    "color": colour,
                    "maxdisplayed": MOST_MARKED,
                },
                "hovertemplate": "<b>%{customdata}</b><extra>" + line.name + "</extra>",
            }
        )
    kind = _kind(steps) if is_time else {"type": "category"}
    return chart(
        traces,
        x={"showgrid": False, "fixedrange": not is_time} | kind,
        y={"rangemode": "tozero"},
        units={"yaxis": unit},
        hovermode="x unified",
        dragmode="zoom" if is_time else False,
        showlegend=True,
    )


def _kind(steps: Sequence[str]) -> dict[str, Any]:
    """Return whether an axis has dates or hours."""
    if steps and len(steps[0]) == len("2018-03-05"):
        return {"type": "date"}
    return {"type": "category", "nticks": 12}
