"""Bars: ranked, side by side or stacked, and ranked with their running total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboard.figures.chart import chart, number, numbers, series_style

if TYPE_CHECKING:
    from collections.abc import Sequence

ROW_HEIGHT = 30
FRAME_HEIGHT = 56
LOWEST = 260
ROOM = 0.17
"""The part of the axis that is left for the value of the longest bar."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A named value; `before` is what it was in the period compared with."""

    name: str
    value: Any
    before: Any = None
    drill: str | None = None


def ranked_bars(bars: Sequence[Bar], *, unit: str, colour: str = "--series-1") -> dict[str, Any]:
    """Return a bar per name, the first at the top; a tick marks what each was before.

    Names are whole: the browser shortens them to the width it has.
    """
    places = list(range(len(bars)))
    values = numbers([bar.value for bar in bars])
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "orientation": "h",
            "y": places,
            "x": values,
            "customdata": values,
            "hovertext": [bar.name for bar in bars],
            "meta": {"drills": [bar.drill for bar in bars], "unit": unit},
            "marker": {
                "color": [colour if (value or 0) >= 0 else "--bad" for value in values],
                "pattern": {
                    "shape": ["" if (value or 0) >= 0 else "/" for value in values],
                    "fgcolor": "--panel",
                    "fillmode": "overlay",
                    "size": 6,
                    "solidity": 0.25,
                },
            },
            "hovertemplate": "<b>%{hovertext}</b><br>%{customdata}<extra></extra>",
        }
    ]
    if any(bar.before is not None for bar in bars):
        traces.append(_ticks(bars, places, unit))
    traces.append(_ends(bars, places, unit))
    return chart(
        traces,
        x={"zeroline": True, "nticks": 5} | _room_for_ends(bars),
        y={
            "autorange": "reversed",
            "tickmode": "array",
            "tickvals": places,
            "ticktext": [bar.name for bar in bars],
            "showgrid": False,
            "zeroline": False,
            "ticks": "",
        },
        units={"xaxis": unit},
        names="yaxis",
        # Where it is narrow, the part of the axis is less than a value is wide.
        margin={"l": 8, "r": 36, "t": 8, "b": 8},
        # A single bar as high as the panel would look like a wall.
        bargap=max(0.28, 0.84 - 0.14 * len(bars)),
        height=max(FRAME_HEIGHT + ROW_HEIGHT * len(bars), LOWEST),
    )


def _ticks(bars: Sequence[Bar], places: list[int], unit: str) -> dict[str, Any]:
    before = numbers([bar.before for bar in bars])
    return {
        "type": "scatter",
        "mode": "markers",
        "y": places,
        "x": before,
        "customdata": before,
        "meta": {"unit": unit},
        "marker": {"symbol": "line-ns", "size": 16, "line": {"width": 2.5, "color": "--text"}},
        "hovertemplate": "%{customdata}<extra>before</extra>",
    }


def _ends(bars: Sequence[Bar], places: list[int], unit: str) -> dict[str, Any]:
    """Return the values beyond bars and ticks, where neither crosses them.

    Those of losses stand right of nothing too: left of the longest they would meet the names.
    """
    values = numbers([bar.value for bar in bars])
    before = numbers([bar.before for bar in bars])
    return {
        "type": "scatter",
        "mode": "text",
        "y": places,
        "x": [max(value or 0, old or 0, 0) for value, old in zip(values, before, strict=True)],
        "text": values,
        # An en space off the end of the bar.
        "texttemplate": "\u2002%{text}",
        "textposition": "middle right",
        "textfont": {"color": "--text"},
        "meta": {"unit": unit, "text": "short"},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _room_for_ends(bars: Sequence[Bar]) -> dict[str, Any]:
    """Return an axis on which the longest bar leaves room for its value."""
    values = [number(value) or 0 for bar in bars for value in (bar.value, bar.before)]
    low, high = min(0, *values), max(0, *values)
    if high > low:
        return {"range": [low, high + (high - low) * ROOM]}
    return {"range": [0, 1], "tickmode": "array", "tickvals": []}


@dataclass(frozen=True, slots=True)
class Stack:
    """A series of bars, one per place on the axis."""

    name: str
    values: Sequence[Any]
    drill: str | None = None


def stacked_bars(
    places: Sequence[str],
    series: Sequence[Stack],
    *,
    unit: str,
    mode: str = "stack",
    is_time: bool = False,
) -> dict[str, Any]:
    """Return series upon one another, or beside one another with mode `group`."""
    traces = []
    for at, stack in enumerate(series):
        colour, _, _, pattern = series_style(at, stack.drill)
        values = numbers(stack.values)
        traces.append(
            {
                "type": "bar",
                "name": stack.name,
                "x": list(places),
                "y": values,
                "customdata": values,
                "meta": {"drills": stack.drill, "unit": unit},
                "marker": {
                    "color": colour,
                    "pattern": {
                        "shape": pattern,
                        "fgcolor": "--panel",
                        "fillmode": "overlay",
                        "size": 6,
                        "solidity": 0.25,
                    },
                },
                "hovertemplate": "<b>%{customdata}</b><extra>" + stack.name + "</extra>",
            }
        )
    return chart(
        traces,
        x={"showgrid": False, "type": "date" if is_time else "category"},
        y={"rangemode": "tozero"},
        units={"yaxis": unit},
        barmode="relative" if mode == "stack" else "group",
        bargap=0.24,
        hovermode="x unified",
        showlegend=len(series) > 1,
    )


def pareto(bars: Sequence[Bar], total: Any, *, unit: str) -> dict[str, Any]:
    """Return ranked bars with the part of the total that they and all before them make up."""
    running, parts = 0.0, []
    whole = number(total) or 0.0
    for bar in bars:
        running += number(bar.value) or 0.0
        parts.append(running / whole if whole else None)
    ranks = list(range(1, len(bars) + 1))
    values = numbers([bar.value for bar in bars])
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": "Each",
            "x": ranks,
            "y": values,
            "customdata": values,
            "hovertext": [bar.name for bar in bars],
            "meta": {"drills": [bar.drill for bar in bars], "unit": unit},
            "marker": {"color": "--series-1"},
            "hovertemplate": "<b>%{hovertext}</b><br>%{customdata}<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Together, part of all",
            "x": ranks,
            "y": parts,
            "yaxis": "y2",
            "customdata": parts,
            "meta": {"unit": "percent"},
            "line": {"color": "--series-4", "width": 2.4, "dash": "dash"},
            "hovertemplate": "first %{x}: <b>%{customdata}</b><extra></extra>",
        },
    ]
    second = {
        "overlaying": "y",
        "side": "right",
        "range": [0, 1.05],
        "tickformat": ".0%",
        "dtick": 0.25,
        "showgrid": False,
        "fixedrange": True,
        "automargin": True,
    }
    return chart(
        traces,
        x={"showgrid": False, "title": {"text": "Rank"}},
        y={"rangemode": "tozero"},
        units={"yaxis": unit},
        yaxis2=second,
        bargap=0.15,
        showlegend=True,
    )
