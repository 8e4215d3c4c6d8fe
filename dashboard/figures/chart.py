"""What all charts of analysis share. Colours are names of tokens, which the browser looks up.

A trace's `customdata` holds raw numbers and its `meta.unit` how they are written; `meta.drills` is
what a click adds to the address, one for all or one for each. (Not `ids`: marks that share an id
are drawn once.) `layout.meta.units` names the unit of each axis, `layout.meta.names` the
list whose names the browser shortens to the width that is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

SERIES: Final = tuple(f"--series-{number}" for number in range(1, 9))
DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")
SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "hexagon")
PATTERNS: Final = ("", "/", ".", "x", "-", "\\", "+", "|")
"""Something besides its colour tells each series from the others."""
CHANNELS: Final = {
    "channel=IN_STORE": "--channel-in-store",
    "channel=ONLINE": "--channel-online",
    "channel=MARKETPLACE": "--channel-marketplace",
}
"""Channels have the colours of the wall, known by what a press on them adds to the address."""

PLOTLY_FONT: Final = "'Inter Variable', system-ui, sans-serif"


def chart(
    traces: Sequence[dict[str, Any]],
    *,
    x: dict[str, Any] | None = None,
    y: dict[str, Any] | None = None,
    units: dict[str, str] | None = None,
    names: str | None = None,
    **layout: Any,
) -> dict[str, Any]:
    """Return a figure in the look of the product."""
    axis = {"gridcolor": "--line", "linecolor": "--line", "zerolinecolor": "--line"}
    return {
        "data": list(traces),
        "layout": {
            "meta": {"units": units or {}} | ({"names": names} if names else {}),
            "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": PLOTLY_FONT, "size": 12, "color": "--dim"},
            "hoverlabel": {
                "bgcolor": "--panel",
                "bordercolor": "--line",
                "font": {"color": "--text", "family": PLOTLY_FONT},
                "align": "left",
            },
            "hovermode": "closest",
            "dragmode": False,
            "showlegend": False,
            "legend": {
                "orientation": "h",
                "x": 0,
                "y": 1.02,
                "yanchor": "bottom",
                "traceorder": "normal",
            },
            "barcornerradius": 3,
            "xaxis": {"automargin": True, "fixedrange": True, **axis, **(x or {})},
            "yaxis": {"automargin": True, "fixedrange": True, "nticks": 6, **axis, **(y or {})},
            **layout,
        },
    }


def series_style(at: int, drill: str | None = None) -> tuple[str, str, str, str]:
    """Return colour, dash, symbol and pattern of the series at this place."""
    place = at % len(SERIES)
    colour = CHANNELS.get(drill or "", SERIES[place])
    return colour, DASHES[place], SYMBOLS[place], PATTERNS[place]


def number(value: Any) -> float | None:
    """Return an exact figure as a chart takes it."""
    return None if value is None else float(value)


def numbers(values: Sequence[Any]) -> list[float | None]:
    """Return exact figures as a chart takes them."""
    return [number(value) for value in values]
