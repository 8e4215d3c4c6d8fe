"""A line graph as SVG: one figure over time. Pure.

Drawn like the bars: no style sheet and no style attribute.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from backend.analytics.pictures.bars import LIGHT, Palette
from backend.analytics.pictures.scale import short, ticks
from backend.analytics.pictures.text import plain, width_of, written
from backend.analytics.presets.table import ColumnKind

WIDTH: Final = 1000
HEIGHT: Final = 340
_TOP: Final = 16
_BOTTOM: Final = 300
_EDGE: Final = 28
_FONT: Final = "Inter, system-ui, Helvetica, Arial, sans-serif"
_MARKS: Final = 6
_NAME_GAP: Final = 18


@dataclass(frozen=True, slots=True)
class Point:
    """One period; `value` None breaks the line."""

    label: str
    value: Decimal | int | None


@dataclass(frozen=True, slots=True)
class LineGraph:
    """What a picture shows: points in the order of time, and what they count."""

    axis: str
    kind: ColumnKind
    points: tuple[Point, ...]


def draw(graph: LineGraph, palette: Palette = LIGHT) -> str:
    """Return the picture as an SVG document."""
    values = [float(one.value) for one in graph.points if one.value is not None]
    marks = ticks(min(values, default=0.0), max(values, default=0.0), _MARKS)
    left = _EDGE + max(width_of(short(mark, graph.kind), 12) for mark in marks) + 8
    plane = _Plane(left, WIDTH - _EDGE, marks[0], marks[-1], len(graph.points))
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="{_FONT}">',
        f"<title>{written(graph.axis)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{palette.ground}"/>',
    ]
    body = [*_grid(graph, plane, marks, palette), *_line(graph, plane, palette)]
    return "\n".join([*head, *body, *_names(graph, plane, palette), "</svg>"])


@dataclass(frozen=True, slots=True)
class _Plane:
    """Where the points lie."""

    left: float
    right: float
    low: float
    high: float
    count: int

    def x(self, n: int) -> float:
        return self.left + (self.right - self.left) * (n / max(self.count - 1, 1))

    def y(self, value: float) -> float:
        return _BOTTOM - (value - self.low) / (self.high - self.low) * (_BOTTOM - _TOP)


def _grid(graph: LineGraph, plane: _Plane, marks: Sequence[float], palette: Palette) -> list[str]:
    parts: list[str] = []
    for mark in marks:
        y, colour = plane.y(mark), palette.zero if abs(mark) < 1e-12 else palette.line
        parts.append(
            f'<line x1="{plane.left:.1f}" y1="{y:.1f}" x2="{plane.right}" y2="{y:.1f}"'
            f' stroke="{colour}"/>'
        )
        said = written(short(mark, graph.kind))
        parts.append(
            f'<text x="{plane.left - 8:.1f}" y="{y + 4:.1f}" font-size="12"'
            f' fill="{palette.dim}" text-anchor="end">{said}</text>'
        )
    return parts


def _line(graph: LineGraph, plane: _Plane, palette: Palette) -> list[str]:
    runs: list[list[str]] = [[]]
    for n, one in enumerate(graph.points):
        if one.value is None:
            runs.append([])
        else:
            runs[-1].append(f"{plane.x(n):.1f},{plane.y(float(one.value)):.1f}")
    drawn = [
        f'<polyline points="{" ".join(run)}" fill="none" stroke="{palette.bar}"'
        ' stroke-width="2.5" stroke-linejoin="round" stroke-linecap="round"/>'
        for run in runs
        if len(run) > 1
    ]
    dots = [run[0] for run in runs if len(run) == 1] + [run[-1] for run in runs if len(run) > 1]
    for place in dots:
        x, y = place.split(",")
        drawn.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{palette.bar}"/>')
    return drawn


def _names(graph: LineGraph, plane: _Plane, palette: Palette) -> list[str]:
    """Return as many names of periods as there is room for, the first and the last among them."""
    if not graph.points:
        return []
    widest = max(width_of(plain(one.label), 12) for one in graph.points) + _NAME_GAP
    most = max(int((plane.right - plane.left) / widest), 2)
    step = max(-(-(plane.count - 1) // (most - 1)), 1)
    shown = [n for n in range(plane.count) if n % step == 0]
    parts: list[str] = []
    for n in shown:
        at = plane.x(n)
        anchor = "start" if n == 0 else "end" if at + widest / 2 > WIDTH else "middle"
        parts.append(
            f'<text x="{at:.1f}" y="{_BOTTOM + 22}" font-size="12" fill="{palette.dim}"'
            f' text-anchor="{anchor}">{written(graph.points[n].label)}</text>'
        )
    return parts
