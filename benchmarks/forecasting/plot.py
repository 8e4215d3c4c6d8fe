"""Lines as an SVG document, for the documents."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.analytics.pictures.scale import ticks
from backend.analytics.pictures.text import written

_WIDTH, _HEIGHT = 900, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 56, 46
_COLOURS = ("#1273b8", "#c8344a", "#5d6b80", "#1f8a4c")


@dataclass(frozen=True, slots=True)
class Curve:
    """A name and its points, left to right."""

    name: str
    points: Sequence[tuple[float, float]]


def draw(title: str, axes: tuple[str, str], curves: Sequence[Curve]) -> str:
    """Return the picture; `axes` name the horizontal and the vertical one, which begins at 0."""
    across = [x for curve in curves for x, _ in curve.points]
    marks = ticks(0.0, max(y for curve in curves for _, y in curve.points), 5)
    low, high = min(across), max(across)

    def at(x: float, y: float) -> tuple[float, float]:
        right = _LEFT + (x - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)
        return right, _HEIGHT - _BOTTOM - y / marks[-1] * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        ' font-family="Inter, system-ui, Helvetica, Arial, sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="22" font-size="16" fill="#16202f">{written(title)}</text>',
    ]
    for mark in marks:
        y = at(low, mark)[1]
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#e5eaf1"/>')
        parts.append(_text(_LEFT - 8, y + 4, f"{mark:g}", "end"))
    for n, mark in enumerate((low, (low + high) / 2, high)):
        anchor = ("start", "middle", "end")[n]
        parts.append(_text(at(mark, 0)[0], _HEIGHT - 26, f"{mark:g}", anchor))
    parts.append(_text((_LEFT + _WIDTH) / 2, _HEIGHT - 8, axes[0], "middle"))
    parts.append(_text(_LEFT, _TOP - 14, axes[1], "start"))
    room = _LEFT + 220
    for curve, colour in zip(curves, _COLOURS, strict=False):
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in curve.points))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<path d="M{room} {_TOP - 18}h18" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(room + 24, _TOP - 14, curve.name, "start"))
        room += 40 + 7 * len(curve.name)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _text(x: float, y: float, text: str, anchor: str) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" fill="#5d6b80" text-anchor="{anchor}"'
    return f"<text {where}>{written(text)}</text>"
