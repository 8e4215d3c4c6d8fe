"""Parts of a whole as a ring, fields of a grid as heat, and points of two measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboard.figures.bars import Bar
from dashboard.figures.chart import (
    PATTERNS,
    chart,
    number,
    numbers,
    series_style,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def ring(bars: Sequence[Bar], *, unit: str, total: Any, rest: str = "All others") -> dict[str, Any]:
    """Return the shares of the named in a total; what they leave is a part of its own."""
    whole = number(total) or 0.0
    others = whole - sum(number(bar.value) or 0.0 for bar in bars)
    shown = [*bars, Bar(rest, others)] if others > 0 else list(bars)
    values = numbers([bar.value for bar in shown])
    colours = [*(series_style(at, bar.drill)[0] for at, bar in enumerate(bars)), "--rest"]
    patterns = [*(PATTERNS[at % len(PATTERNS)] for at in range(len(bars))), ""]
    trace = {
        "type": "pie",
        "hole": 0.62,
        "sort": False,
        "direction": "clockwise",
        "labels": [_labelled(bar, whole) for bar in shown],
        "values": values,
        "customdata": values,
        "hovertext": [bar.name for bar in shown],
        "meta": {"drills": [bar.drill for bar in shown], "unit": unit},
        "textinfo": "none",
        "marker": {
            "colors": colours[: len(shown)],
            "line": {"color": "--panel", "width": 2},
            "pattern": {
                "shape": patterns[: len(shown)],
                "fgcolor": "--panel",
                "fillmode": "overlay",
                "size": 6,
                "solidity": 0.25,
            },
        },
        "hovertemplate": "<b>%{hovertext}</b><br>%{customdata} · %{percent}<extra></extra>",
    }
    legend = {"orientation": "v", "x": 1.02, "y": 0.5, "xanchor": "left", "yanchor": "middle"}
    return chart([trace], names="labels", showlegend=True, legend=legend)


def _labelled(bar: Bar, whole: float) -> str:
    """Return a name with its share; the ring alone would leave readers guessing."""
    share = f"{(number(bar.value) or 0.0) / whole:.1%}" if whole > 0 else ""
    return f"{share} {bar.name}".strip()


def heat_map(
    across: Sequence[str],
    down: Sequence[str],
    fields: Sequence[Sequence[Any]],
    *,
    unit: str,
    is_written: bool = False,
) -> dict[str, Any]:
    """Return a field per pair for the page's own scripts to draw, the stronger the more.

    `is_written` puts the figure into each where there is room.
    """
    values = [numbers(row) for row in fields]
    return {
        "kind": "fields",
        "across": list(across),
        "down": list(down),
        "values": values,
        "unit": unit,
        "isWritten": is_written,
        **_scale({value for row in values for value in row if value is not None}),
    }


def _scale(known: set[float]) -> dict[str, Any]:
    """Return the colours and what they stand for; losses have one of their own, as strong as gains.

    Without a difference there is no scale; from nothing up, there is one.
    """
    rising = [[0, "--heat-0"], [0.5, "--heat-1"], [1, "--heat-2"]]
    low, high = min(known, default=0.0), max(known, default=0.0)
    if low < 0:
        end = max(map(abs, known))
        both = [[0, "--heat-loss"], [0.5, "--heat-0"], [0.75, "--heat-1"], [1, "--heat-2"]]
        return {"low": -end, "high": end, "scale": both}
    return {"low": 0.0 if len(known) == 1 else low, "high": high, "scale": rising}


@dataclass(frozen=True, slots=True)
class Point:
    """Something with two measures and a size."""

    name: str
    x: Any
    y: Any
    size: Any = None
    drill: str | None = None
    group: str = ""


def points(
    found: Sequence[Point],
    *,
    units: tuple[str, str],
    titles: tuple[str, str],
    size_unit: str = "money",
) -> dict[str, Any]:
    """Return one mark per point and a series per group; the area stands for the size."""
    largest = max((abs(number(point.size) or 0.0) for point in found), default=0.0) or 1.0
    groups = list(dict.fromkeys(point.group for point in found))
    traces = []
    for at, group in enumerate(groups):
        mine = [point for point in found if point.group == group]
        colour, _, symbol, _ = series_style(at)
        sizes = [abs(number(point.size) or 0.0) for point in mine]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": group,
                "x": numbers([point.x for point in mine]),
                "y": numbers([point.y for point in mine]),
                "customdata": numbers([point.size for point in mine]),
                "hovertext": [point.name for point in mine],
                "meta": {"drills": [point.drill for point in mine], "unit": size_unit},
                "marker": {
                    "symbol": symbol,
                    "color": colour,
                    "opacity": 0.75,
                    "size": [7 + 25 * (size / largest) ** 0.5 for size in sizes],
                    "line": {"color": "--panel", "width": 1},
                },
                "hovertemplate": "<b>%{hovertext}</b><br>%{x} · %{y}<br>%{customdata}"
                "<extra></extra>",
            }
        )
    return chart(
        traces,
        x={"title": {"text": titles[0]}, "zeroline": True},
        y={"title": {"text": titles[1]}, "zeroline": True},
        units={"xaxis": units[0], "yaxis": units[1]},
        showlegend=len(groups) > 1,
    )
