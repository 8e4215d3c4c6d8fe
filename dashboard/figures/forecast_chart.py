"""What was sold and what will be: bands, the middle, what came since, and what moved it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dashboard.figures.chart import chart, numbers, series_style

if TYPE_CHECKING:
    from collections.abc import Sequence

MEDIAN: Final = "Median"
MEAN: Final = "Mean"
WIDE: Final = "90 % band"
NARROW: Final = "50 % band"
SOLD: Final = "Sold"
WEEKDAY_MEAN: Final = "Weekday mean"
WHAT_IF: Final = "What if"
ROW_HEIGHT: Final = 32
FRAME_HEIGHT: Final = 72


@dataclass(frozen=True, slots=True)
class Ahead:
    """A forecast day by day; `wide` holds nine in ten days, `narrow` one in two."""

    name: str
    days: Sequence[str]
    mean: Sequence[float]
    median: Sequence[float]
    wide: tuple[Sequence[float], Sequence[float]]
    narrow: tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Past:
    """What was sold of it day by day, today in part."""

    name: str
    days: Sequence[str]
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Step:
    """What moved a forecast, and by how much; a `total` stands for all before it."""

    name: str
    value: float
    is_total: bool = False


def forecast_chart(
    past: Past,
    ahead: Ahead,
    *,
    today: str,
    weekday_mean: Sequence[float | None] = (),
) -> dict[str, Any]:
    """Return one forecast with its bands, what was sold before and since, and simpler guesses."""
    colour, *_ = series_style(0)
    traces = [
        *_band(ahead, ahead.wide, WIDE, 1),
        *_band(ahead, ahead.narrow, NARROW, 0),
        _line(ahead.days, ahead.median, MEDIAN, {"color": colour, "width": 2.2, "dash": "dash"}),
        _line(ahead.days, ahead.mean, MEAN, {"color": colour, "width": 1.6, "dash": "dot"}),
        _sold(past, colour),
    ]
    if any(value is not None for value in weekday_mean):
        look = {"color": "--dim", "width": 1.4, "dash": "longdash"}
        traces.append(_line(ahead.days, weekday_mean, WEEKDAY_MEAN, look))
    return _over_days(traces, today)


def what_if_chart(
    days: Sequence[str],
    planned: Sequence[float],
    changed: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
) -> dict[str, Any]:
    """Return a forecast as things are planned, and over it the one with other plans."""
    colour, *_ = series_style(0)
    other, _, symbol, _ = series_style(2)
    edge = {"color": other, "width": 0.8, "dash": "dot"}
    mark = {"symbol": symbol, "size": 6, "color": other}
    line = _line(days, changed, WHAT_IF, {"color": other, "width": 2.2})
    return _over_days(
        [
            _line(days, low, "5 %", edge),
            _line(days, high, "95 %", edge),
            _line(days, planned, "As planned", {"color": colour, "width": 2.2, "dash": "dash"}),
            line | {"mode": "lines+markers", "marker": mark},
        ],
        None,
    )


def steps_chart(steps: Sequence[Step], *, unit: str = "number") -> dict[str, Any]:
    """Return what adds up to a forecast, from the first to the last, as a waterfall."""
    values = [step.value for step in steps]
    return chart(
        [
            {
                "type": "waterfall",
                "orientation": "h",
                "y": [step.name for step in steps],
                "x": values,
                "measure": ["absolute" if step.is_total else "relative" for step in steps],
                "customdata": values,
                "text": [_signed(step) for step in steps],
                "textposition": "outside",
                "cliponaxis": False,
                "textfont": {"color": "--text"},
                "meta": {"unit": unit},
                "connector": {"line": {"color": "--dim", "width": 1, "dash": "dot"}},
                "increasing": {"marker": {"color": "--good"}},
                "decreasing": {"marker": {"color": "--bad"}},
                "totals": {"marker": {"color": "--series-1"}},
                "hovertemplate": "<b>%{y}</b><br>%{customdata}<extra></extra>",
            }
        ],
        x={"zeroline": True, "nticks": 6, "range": _room(steps)},
        y={"autorange": "reversed", "showgrid": False, "type": "category", "dtick": 1},
        units={"xaxis": unit},
        height=FRAME_HEIGHT + ROW_HEIGHT * len(steps),
    )


def _signed(step: Step) -> str:
    if step.is_total:
        return f"{step.value:,.1f}"
    return f"{'▲ +' if step.value >= 0 else '▼ −'}{abs(step.value):,.1f}"


def _room(steps: Sequence[Step]) -> list[float]:
    """Return from where to where the axis goes, with room for the figures beyond the bars."""
    level, lowest, highest = 0.0, 0.0, 0.0
    for step in steps:
        level = step.value if step.is_total else level + step.value
        lowest, highest = min(lowest, level), max(highest, level)
    room = (highest - lowest or 1.0) * 0.22
    return [lowest - (room if lowest < 0 else 0), highest + room]


def _over_days(traces: list[dict[str, Any]], today: str | None) -> dict[str, Any]:
    strip = {"visible": True, "thickness": 0.07, "bgcolor": "--hover", "bordercolor": "--line"}
    line = {"color": "--text", "width": 1.4, "dash": "dot"}
    marks: dict[str, Any] = {
        "shapes": [
            {"type": "line", "x0": today, "x1": today, "y0": 0, "y1": 1, "yref": "paper",
             "line": line}
        ],
        "annotations": [
            {"x": today, "y": 1, "yref": "paper", "text": "today", "showarrow": False,
             "xanchor": "left", "yanchor": "top", "xshift": 4, "font": {"color": "--dim"}}
        ],
    }  # fmt: skip
    return chart(
        traces,
        x={"fixedrange": False, "showgrid": False, "type": "date"}
        | ({"rangeslider": strip} if today else {}),
        y={"rangemode": "tozero"},
        units={"yaxis": "number"},
        hovermode="x unified",
        dragmode="zoom",
        showlegend=True,
        height=440 if today else 300,
        **(marks if today else {}),
    )


def _line(
    days: Sequence[str], values: Sequence[float | None], name: str, look: dict[str, Any]
) -> dict[str, Any]:
    shown = numbers(values)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(days),
        "y": shown,
        "customdata": shown,
        "meta": {"unit": "number"},
        "line": look,
        "hovertemplate": "%{customdata}<extra>" + name + "</extra>",
    }


def _band(
    ahead: Ahead, ends: tuple[Sequence[float], Sequence[float]], name: str, at: int
) -> list[dict[str, Any]]:
    """Return the ends of a band, filled in between; an outline says what the fill alone may not."""
    edge = {"color": "--series-1", "width": 0.8, "dash": "dot" if at else "solid"}
    low = _line(ahead.days, ends[0], name, edge)
    high = _line(ahead.days, ends[1], name, edge)
    group = {"legendgroup": name}
    low |= group | {"showlegend": False}
    high |= group | {"fill": "tonexty", "fillcolor": "--series-1-soft"}
    return [low, high]


def _sold(past: Past, colour: str) -> dict[str, Any]:
    found = _line(past.days, past.values, SOLD, {"color": colour, "width": 2.2})
    if len(past.days) <= 130:
        found |= {"mode": "lines+markers", "marker": {"size": 4, "color": colour}}
    return found
