"""Bars: ranked, side by side or stacked, and ranked with their running total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dashboard.figures.chart import chart, number, numbers, series_style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


MOST_SINGLE: Final = 31
"""Bars that are drawn each by itself; more of them are as narrow as lines."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A named value; `before` is what it was in the period compared with."""

    name: str
    value: Any
    before: Any = None
    drill: str | None = None


def ranked_bars(bars: Sequence[Bar], *, unit: str, colour: str = "--series-1") -> dict[str, Any]:
    """Return a bar per name, the first at the top, for the page's own scripts to draw.

    They mark what each was before by a tick, and losses by their colour and a pattern; names are
    shortened to the width that is there.
    """
    return {"kind": "ranked", "bars": _plain(bars), "unit": unit, "colour": colour}


def _plain(bars: Sequence[Bar]) -> list[dict[str, Any]]:
    return [
        {
            "name": bar.name,
            "value": number(bar.value),
            "before": number(bar.before),
            "drill": bar.drill,
        }
        for bar in bars
    ]


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
    is_dense = mode == "stack" and len(places) > MOST_SINGLE and not _has_losses(series)
    for at, stack in enumerate(series):
        colour, _, _, shape = series_style(at, stack.drill)
        pattern = {"shape": shape, "fgcolor": "--panel", "size": 6, "solidity": 0.25}
        values = numbers(stack.values)
        traces.append(
            {
                "name": stack.name,
                "x": list(places),
                "y": values,
                "customdata": values,
                "meta": {"drills": stack.drill, "unit": unit},
                "hovertemplate": "<b>%{customdata}</b><extra>" + stack.name + "</extra>",
            }
            | (
                _touching(colour, pattern)
                if is_dense
                else {
                    "type": "bar",
                    "marker": {"color": colour, "pattern": pattern | {"fillmode": "overlay"}},
                }
            )
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


def _has_losses(series: Sequence[Stack]) -> bool:
    return any((number(value) or 0) < 0 for stack in series for value in stack.values)


def _touching(colour: str, pattern: Mapping[str, Any]) -> dict[str, Any]:
    """Return the look of stacked bars that touch: one shape for all of them, drawn in no time."""
    return {
        "type": "scatter",
        "mode": "lines",
        "stackgroup": "all",
        "line": {"color": colour, "width": 0.5, "shape": "hvh"},
        "fillcolor": colour,
        "fillpattern": {**pattern, "bgcolor": colour},
    }


def pareto(bars: Sequence[Bar], total: Any, *, unit: str) -> dict[str, Any]:
    """Return ranked bars for the page's own scripts to draw.

    They add the part of the total that each and all before it make up.
    """
    return {"kind": "pareto", "bars": _plain(bars), "total": number(total), "unit": unit}
