"""A bar graph as SVG: horizontal bars, so that long names can be read. Pure.

No style sheet and no style attribute: the picture looks the same under any Content-Security-Policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from backend.analytics.pictures.scale import full, short, ticks
from backend.analytics.pictures.text import fitted, plain, width_of, written
from backend.analytics.presets.table import ColumnKind

WIDTH: Final = 1000
_EDGE: Final = 28
_ROW: Final = 27
_BAR: Final = 16
_GAP: Final = 26
"""Where rows were left out."""
_NAMES: Final = 300
"""Widest column of names."""
_HEAD: Final = 92
_FOOT: Final = 74
_BARE_HEAD: Final = 14
_BARE_FOOT: Final = 48
_FONT: Final = "Inter, system-ui, Helvetica, Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a picture."""

    ground: str
    text: str
    dim: str
    line: str
    zero: str
    bar: str
    below: str


LIGHT: Final = Palette("#ffffff", "#16202f", "#5d6b80", "#e5eaf1", "#9aa7b8", "#1273b8", "#c8344a")
DARK: Final = Palette("#0e1624", "#edf2fc", "#93a3bf", "#1d2a3f", "#4a5b78", "#4cc9f0", "#ff7a8a")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `value` None is not known and has none."""

    label: str
    value: Decimal | int | None


@dataclass(frozen=True, slots=True)
class BarGraph:
    """What a picture shows. `left_out` rows are missing after the first `before_gap` bars."""

    title: str
    subtitle: str
    axis: str
    footer: str
    kind: ColumnKind
    bars: tuple[Bar, ...]
    before_gap: int = 0
    left_out: int = 0
    empty: str = ""


@dataclass(frozen=True, slots=True)
class _Plane:
    """Where the bars lie: from `left` to `right` for values from `low` to `high`.

    The names end at `names_end`, before the numbers of bars below nothing.
    """

    names_end: float
    left: float
    right: float
    low: float
    high: float

    def x(self, value: float) -> float:
        return self.left + (value - self.low) / (self.high - self.low) * (self.right - self.left)


def draw(graph: BarGraph, palette: Palette = LIGHT) -> str:
    """Return the picture as an SVG document; without a title it is the plot alone."""
    top = _HEAD if graph.title else _BARE_HEAD
    bottom = top + len(graph.bars) * _ROW + (_GAP if graph.left_out else 0)
    bottom = max(bottom, top + 3 * _ROW)
    height = bottom + (_FOOT if graph.footer else _BARE_FOOT)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"'
        f' viewBox="0 0 {WIDTH} {height}" role="img" font-family="{_FONT}">',
        f"<title>{written(graph.title)}</title>",
        f"<desc>{written(_told(graph))}</desc>",
        f'<rect width="{WIDTH}" height="{height}" fill="{palette.ground}"/>',
        _text(_EDGE, 40, graph.title, palette.text, 22, weight=600, width=WIDTH - 2 * _EDGE),
        _text(_EDGE, 64, graph.subtitle, palette.dim, 14, width=WIDTH - 2 * _EDGE),
    ]
    if graph.bars:
        parts += _plot(graph, palette, top, bottom)
    else:
        parts.append(_text(WIDTH / 2, top + 40, graph.empty, palette.dim, 16, anchor="middle"))
    parts.append(_text(_EDGE, height - 16, graph.footer, palette.dim, 12, width=WIDTH - 2 * _EDGE))
    return "\n".join([*parts, "</svg>"])


def _plot(graph: BarGraph, palette: Palette, top: float, bottom: float) -> list[str]:
    values = [float(bar.value) for bar in graph.bars if bar.value is not None]
    plane, marks = _plane(graph, values)
    parts: list[str] = []
    for mark in marks:
        x = plane.x(mark)
        colour = palette.zero if abs(mark) < 1e-12 else palette.line
        parts.append(
            f'<line x1="{x:.1f}" y1="{top - 6:g}" x2="{x:.1f}" y2="{bottom}" stroke="{colour}"/>'
        )
        said = short(mark, graph.kind)
        parts.append(_text(x, bottom + 18, said, palette.dim, 12, anchor="middle"))
    middle = (plane.left + plane.right) / 2
    parts.append(_text(middle, bottom + 38, graph.axis, palette.dim, 13, anchor="middle"))
    y = top
    for n, bar in enumerate(graph.bars):
        if graph.left_out and n == graph.before_gap:
            said = f"… {graph.left_out:,} more …"
            parts.append(_text(plane.names_end, y + 16, said, palette.dim, 12, anchor="end"))
            y += _GAP
        parts += _bar(bar, y, plane, graph.kind, palette)
        y += _ROW
    return parts


def _plane(graph: BarGraph, values: Sequence[float]) -> tuple[_Plane, list[float]]:
    """Return the plane of the bars, with room for names and numbers, and the marks of its axis."""
    names = max(width_of(plain(bar.label), 13) for bar in graph.bars)
    names_end = _EDGE + min(names, _NAMES)
    numbers = [
        (float(bar.value), width_of(full(bar.value, graph.kind), 12) + 14)
        for bar in graph.bars
        if bar.value is not None
    ]
    before = max((room for value, room in numbers if value < 0), default=0.0)
    after = max((room for value, room in numbers if value >= 0), default=16.0)
    marks = ticks(min(values, default=0.0), max(values, default=0.0), 7)
    left, right = names_end + 12 + before, WIDTH - _EDGE - after
    plane = _Plane(names_end, left, right, marks[0], marks[-1])
    return plane, marks


def _bar(bar: Bar, y: float, plane: _Plane, kind: ColumnKind, palette: Palette) -> list[str]:
    zero, middle = plane.x(0), y + _BAR / 2 + 4.5
    name = fitted(bar.label, 13, _NAMES)
    parts = [_text(plane.names_end, middle, name, palette.text, 13, anchor="end")]
    if bar.value is None:
        parts.append(_text(zero + 8, middle, "not known", palette.dim, 12))
        return parts
    end, said = plane.x(float(bar.value)), full(bar.value, kind)
    colour = palette.below if bar.value < 0 else palette.bar
    parts.append(
        f'<rect x="{min(zero, end):.1f}" y="{y}" width="{abs(end - zero):.1f}" height="{_BAR}"'
        f' rx="2" fill="{colour}"><title>{written(bar.label)}: {said}</title></rect>'
    )
    if bar.value < 0:
        parts.append(_text(end - 8, middle, said, palette.text, 12, anchor="end"))
    else:
        parts.append(_text(end + 8, middle, said, palette.text, 12))
    return parts


def _text(  # noqa: PLR0913 - a text has that many properties
    x: float,
    y: float,
    text: str,
    colour: str,
    size: float,
    *,
    anchor: str = "start",
    weight: int = 400,
    width: float | None = None,
) -> str:
    said = written(text if width is None else fitted(text, size, width))
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    heavy = "" if weight == 400 else f' font-weight="{weight}"'
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"{where}{heavy}>'
        f"{said}</text>"
    )


def _told(graph: BarGraph) -> str:
    """Return the picture in words, for who cannot see it."""
    values = "; ".join(
        f"{bar.label}: {'not known' if bar.value is None else full(bar.value, graph.kind)}"
        for bar in graph.bars
    )
    return f"{graph.subtitle}. {graph.axis}. {values or graph.empty}"
