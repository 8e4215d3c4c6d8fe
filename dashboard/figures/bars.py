"""Bars: ranked, side by side or stacked, and ranked with their running total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboard.figures.chart import chart, number, numbers, series_style

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Bar:
    """A named value; `before` is what it was in the period compared with."""

    name: str
    value: Any
    before: Any = None
    drill: str | None = None


def ranked_bars(bars: Sequence[Bar], *, unit: str, colour: str = "--series-1") -> dict[str, Any]:
    """Return a bar per name, the first at the top, for the browser to draw; no figure of Plotly.

    It marks what each was before by a tick, and losses by their colour and a pattern; names are
    shortened to the width it has.
    """
    return {
        "bars": [
            {
                "name": bar.name,
                "value": number(bar.value),
                "before": number(bar.before),
                "drill": bar.drill,
            }
            for bar in bars
        ],
        "unit": unit,
        "colour": colour,
    }


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
