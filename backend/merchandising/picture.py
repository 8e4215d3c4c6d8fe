"""A planogram as SVG: boards and facings to scale. Pure.

No style sheet and no style attribute: the picture looks the same under any Content-Security-Policy.
Categories differ in pattern as well as in colour, and every product bears its name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.analytics.pictures.bars import DARK, LIGHT, Palette
from backend.analytics.pictures.text import fitted, width_of, written
from backend.merchandising.placing import Stand
from backend.merchandising.rules import Board, Size, stacked

_FONT: Final = "Inter, system-ui, Helvetica, Arial, sans-serif"
_EDGE: Final = 28.0
_HEAD: Final = 84.0
_RAIL: Final = 24.0
"""A board's own thickness, with its number and how full it is."""
_RULER: Final = 34.0
_LEGEND: Final = 26.0
_TITLE: Final = 24.0
_LINE: Final = 16.0
WIDEST: Final = 1500
NARROWEST: Final = 320
"""Pixels of a picture; its words keep their size."""
_LEAST_WIDTH: Final = 760.0
_MOST_PX_PER_MM: Final = 0.9
_SMALL: Final = 11.0
_SIGNS: Final = frozenset("▲▼⇄+")
"""Of changes; narrow products have room for no more than these."""
_COLOURS: Final = {
    "LIGHT": "#0a77b8 #b46a00 #7249d6 #04724d #cf3b85 #7d6f00 #3453d1 #c2491d",
    "DARK": "#43b8f5 #f5a524 #a78bfa #3ddc97 #f27ab5 #e7d64f #6f8cff #ff8b6b",
}
"""Those of the pages' charts."""
_PATTERNS: Final = (
    "",
    "M0 8L8 0",
    "M0 0L8 8",
    "M0 4H8",
    "M4 0V8",
    "M0 4H8M4 0V8",
    "M0 8L8 0M0 0L8 8",
    "M3 4H5",
)


class PictureTheme(StrEnum):
    """The ground of a picture."""

    LIGHT = "LIGHT"
    """On white, as for printing."""
    DARK = "DARK"
    """As on the dark pages."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A product as the picture has it; `change` says how it stands now where that is otherwise."""

    name: str
    sku: str
    category: str
    size: Size
    change: str = ""


@dataclass(frozen=True, slots=True)
class Planogram:
    """What a picture shows; `left_out` are names of products that stand nowhere."""

    title: str
    subtitle: str
    boards: tuple[Board, ...]
    stands: tuple[Stand, ...]
    products: tuple[Shown, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sheet:
    planogram: Planogram
    palette: Palette
    colours: tuple[str, ...]
    scale: float
    width: float
    title: tuple[str, ...]
    """On as many lines as it takes."""
    floors: tuple[float, ...]
    """By board: where its top edge lies."""
    categories: tuple[str, ...]

    def kind(self, category: str) -> int:
        return self.categories.index(category)

    def colour(self, category: str) -> str:
        return self.colours[self.kind(category) % len(self.colours)]

    def fill(self, category: str) -> str:
        return f"url(#k{self.kind(category)})"


def draw(
    planogram: Planogram, theme: PictureTheme = PictureTheme.LIGHT, width: int = WIDEST
) -> str:
    """Return the planogram as an SVG document, at most `width` pixels wide.

    What changes has a broken frame, and says how it stands now.
    """
    sheet = _sheet(planogram, theme, width)
    legend_top = (sheet.floors[-1] if sheet.floors else _head(sheet.title)) + _RAIL + _RULER
    legend, bottom = _legend(sheet, legend_top)
    height = bottom + 14
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{sheet.width:.0f}" height="{height:.0f}"'
        f' viewBox="0 0 {sheet.width:.0f} {height:.0f}" role="img" font-family="{_FONT}">',
        f"<title>{written(planogram.title)}</title>",
        f"<desc>{written(_told(planogram))}</desc>",
        f"<defs>{''.join(_pattern(sheet, n) for n in range(len(sheet.categories)))}</defs>",
        f'<rect width="{sheet.width:.0f}" height="{height:.0f}" fill="{sheet.palette.ground}"/>',
        *(
            _text((_EDGE, 34 + n * _TITLE), line, sheet.palette.text, 20)
            for n, line in enumerate(sheet.title)
        ),
        _text(
            (_EDGE, _head(sheet.title) - 26),
            planogram.subtitle,
            sheet.palette.dim,
            13,
            room=sheet.width - 2 * _EDGE,
        ),
        *(_board(sheet, n) for n in range(len(planogram.boards))),
        *(_stand(sheet, one) for one in planogram.stands),
        _ruler(sheet),
        *legend,
        "</svg>",
    ]
    return "\n".join(parts)


def _sheet(planogram: Planogram, theme: PictureTheme, width: int) -> _Sheet:
    widest = max((board.width for board in planogram.boards), default=1000)
    scale = min(_MOST_PX_PER_MM, (width - 2 * _EDGE) / widest)
    wide = max(widest * scale + 2 * _EDGE, min(_LEAST_WIDTH, width))
    title = tuple(_lines(planogram.title, wide - 2 * _EDGE, 3, 20))
    top, floors = _head(title), list[float]()
    for board in planogram.boards:
        top += board.height * scale
        floors.append(top)
        top += _RAIL
    return _Sheet(
        planogram,
        LIGHT if theme is PictureTheme.LIGHT else DARK,
        tuple(_COLOURS[theme.value].split()),
        scale,
        wide,
        title,
        tuple(floors),
        tuple(sorted({one.category for one in planogram.products})),
    )


def _head(title: Sequence[str]) -> float:
    """Return how high the words above the boards are."""
    return _HEAD + _TITLE * (len(title) - 1)


def _told(planogram: Planogram) -> str:
    lines = [planogram.subtitle]
    for number, board in enumerate(planogram.boards, 1):
        names = [
            f"{planogram.products[one.item].name} {one.facings} ×{_so_far(planogram, one)}"
            for one in planogram.stands
            if one.board == number - 1
        ]
        lines.append(f"Board {number}, {board.width / 10:g} cm: {', '.join(names) or 'empty'}.")
    if planogram.left_out:
        lines.append(f"Not on the shelf: {', '.join(planogram.left_out)}.")
    return " ".join(lines)


def _so_far(planogram: Planogram, stand: Stand) -> str:
    change = planogram.products[stand.item].change
    return f" ({change})" if change else ""


def _pattern(sheet: _Sheet, number: int) -> str:
    colour = sheet.colours[number % len(sheet.colours)]
    path = _PATTERNS[number % len(_PATTERNS)]
    line = f'<path d="{path}" stroke="{colour}" stroke-width="1.1" opacity=".55"/>' if path else ""
    return (
        f'<pattern id="k{number}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{sheet.palette.ground}"/>'
        f'<rect width="8" height="8" fill="{colour}" opacity=".22"/>{line}</pattern>'
    )


def _board(sheet: _Sheet, number: int) -> str:
    board, floor = sheet.planogram.boards[number], sheet.floors[number]
    wide, high = board.width * sheet.scale, board.height * sheet.scale
    taken = sum(
        one.facings * sheet.planogram.products[one.item].size.width
        for one in sheet.planogram.stands
        if one.board == number
    )
    said = f"Board {number + 1} · {taken / 10:g} of {board.width / 10:g} cm"
    return (
        f'<rect x="{_EDGE}" y="{floor - high:.1f}" width="{wide:.1f}" height="{high:.1f}"'
        f' fill="none" stroke="{sheet.palette.line}"/>'
        f'<rect x="{_EDGE}" y="{floor:.1f}" width="{wide:.1f}" height="{_RAIL - 4}"'
        f' fill="{sheet.palette.line}"/>'
        + _text((_EDGE + 6, floor + 14), said, sheet.palette.text, 12, room=wide - 12)
    )


def _stand(sheet: _Sheet, stand: Stand) -> str:
    shown = sheet.planogram.products[stand.item]
    board, size, scale = sheet.planogram.boards[stand.board], shown.size, sheet.scale
    wide, high = size.width * scale, size.height * scale
    rows = stacked(size, board)
    left, floor = _EDGE + stand.left * scale, sheet.floors[stand.board]
    colour = sheet.colour(shown.category)
    boxes = "".join(
        f'<rect x="{left + column * wide:.1f}" y="{floor - (row + 1) * high:.1f}"'
        f' width="{wide:.1f}" height="{high:.1f}" fill="{sheet.fill(shown.category)}"'
        f' stroke="{colour}" stroke-width=".8"/>'
        for column in range(stand.facings)
        for row in range(rows)
    )
    whole_wide, whole_high = wide * stand.facings, high * rows
    frame = (
        f'<rect x="{left:.1f}" y="{floor - whole_high:.1f}" width="{whole_wide:.1f}"'
        f' height="{whole_high:.1f}" fill="none" stroke="{colour}" stroke-width="2"/>'
    )
    if shown.change:
        frame += _broken(sheet, (left, floor - whole_high), whole_wide, whole_high)
    so_far = _so_far(sheet.planogram, stand)
    told = f"{shown.name} ({shown.sku}): {stand.facings} × {size.width / 10:g} cm{so_far}"
    label = _label(sheet, stand, left, floor, whole_wide, whole_high)
    return f"<g><title>{written(told)}</title>{boxes}{frame}{label}</g>"


def _broken(sheet: _Sheet, at: tuple[float, float], wide: float, high: float) -> str:
    """Return the frame of what changes: broken, in the colour of words."""
    return (
        f'<rect x="{at[0] + 2:.1f}" y="{at[1] + 2:.1f}" width="{max(wide - 4, 0):.1f}"'
        f' height="{max(high - 4, 0):.1f}" fill="none" stroke="{sheet.palette.text}"'
        ' stroke-width="2" stroke-dasharray="6 4"/>'
    )


def _label(sheet: _Sheet, stand: Stand, left: float, floor: float, wide: float, high: float) -> str:
    """Return the name and the facings in the middle of a product, upright where that has room."""
    shown = sheet.planogram.products[stand.item]
    signs = " ".join(one for one in shown.change.split() if one in _SIGNS)
    count = f"{stand.facings}× {signs}".strip()
    middle, centre = left + wide / 2, floor - high / 2
    is_upright = wide >= min(width_of(shown.name, _SMALL), 70) or wide >= high
    room = (wide if is_upright else high) - 8
    if room < 14:
        return ""
    most = min(int(((high if is_upright else wide) - 6) // 13) - 1, 3)
    lines = _lines(shown.name, room, most)
    lines = [*lines, count] if is_upright else [f"{count} {lines[0]}" if lines else count]
    tall = len(lines) * 13
    back = min(max(width_of(one, _SMALL) for one in lines) + 6, room + 6)
    turn = "" if is_upright else f' transform="rotate(-90 {middle:.1f} {centre:.1f})"'
    texts = "".join(
        _text((middle, centre - tall / 2 + 10 + n * 13), one, sheet.palette.text, _SMALL,
              room=room, anchor="middle")
        for n, one in enumerate(lines)
    )  # fmt: skip
    return (
        f"<g{turn}>"
        f'<rect x="{middle - back / 2:.1f}" y="{centre - tall / 2 - 1:.1f}" width="{back:.1f}"'
        f' height="{tall + 2}" rx="2" fill="{sheet.palette.ground}" opacity=".86"/>{texts}</g>'
    )


def _lines(name: str, room: float, most: int, size: float = _SMALL) -> list[str]:
    """Return words on at most so many lines, each kept whole."""
    if most < 1:
        return []
    lines: list[str] = [""]
    for word in name.split():
        longer = f"{lines[-1]} {word}".strip()
        if width_of(longer, size) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [fitted(one, size, room) for one in lines]


def _ruler(sheet: _Sheet) -> str:
    """Return a scale in cm below the lowest board."""
    if not sheet.floors:
        return ""
    top = sheet.floors[-1] + _RAIL
    widest = max(board.width for board in sheet.planogram.boards)
    step = next(one for one in (100, 200, 500, 1000, 2000, 5000) if one * sheet.scale >= 34)
    ticks = range(0, widest + 1, step)
    marks = "".join(
        f'<path d="M{_EDGE + mm * sheet.scale:.1f} {top:.1f}v6" stroke="{sheet.palette.zero}"/>'
        + _text((_EDGE + mm * sheet.scale, top + 19), f"{mm / 10:g}", sheet.palette.dim, 11,
                anchor="middle")
        for mm in ticks
    )  # fmt: skip
    unit = _text((_EDGE + widest * sheet.scale + 6, top + 6), "cm", sheet.palette.dim, 11)
    return (
        f'<path d="M{_EDGE} {top:.1f}h{widest * sheet.scale:.1f}" stroke="{sheet.palette.zero}"/>'
        f"{marks}{unit}"
    )


def _legend(sheet: _Sheet, top: float) -> tuple[list[str], float]:
    """Return what the patterns mean and what is left out, and where that ends."""
    parts: list[str] = []
    x, y = _EDGE, top + 12
    for category in sheet.categories:
        room = width_of(category, 12) + 40
        if x > _EDGE and x + room > sheet.width - _EDGE:
            x, y = _EDGE, y + _LEGEND
        parts.append(
            f'<rect x="{x:.1f}" y="{y - 12:.1f}" width="18" height="14"'
            f' fill="{sheet.fill(category)}" stroke="{sheet.colour(category)}"/>'
            + _text((x + 24, y), category, sheet.palette.text, 12)
        )
        x += room
    if any(one.change for one in sheet.planogram.products):
        y += _LEGEND
        parts.append(_broken(sheet, (_EDGE - 2, y - 14), 22, 18))
        said = "Changes: ▲ more or ▼ fewer facings than now, ⇄ another board, + new here"
        lines, y = _passage(sheet, (_EDGE + 24, y), said, sheet.palette.text)
        parts += lines
    if sheet.planogram.left_out:
        said = f"Not on the shelf: {', '.join(sheet.planogram.left_out)}"
        lines, y = _passage(sheet, (_EDGE, y + _LEGEND), said, sheet.palette.below)
        parts += lines
    return parts, y


def _passage(
    sheet: _Sheet, at: tuple[float, float], said: str, colour: str
) -> tuple[list[str], float]:
    """Return words on the lines they need, at most four, and where the last one stands."""
    lines = _lines(said, sheet.width - _EDGE - at[0], 4, 12)
    texts = [_text((at[0], at[1] + n * _LINE), one, colour, 12) for n, one in enumerate(lines)]
    return texts, at[1] + _LINE * (len(lines) - 1)


def _text(
    at: tuple[float, float],
    text: str,
    colour: str,
    size: float,
    *,
    room: float | None = None,
    anchor: str = "",
) -> str:
    shown = text if room is None else fitted(text, size, room)
    how = f' text-anchor="{anchor}"' if anchor else ""
    how += ' font-weight="600"' if size >= 20 else ""
    return (
        f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" font-size="{size:g}" fill="{colour}"{how}>'
        f"{written(shown)}</text>"
    )


def names_left_out(products: Sequence[Shown], stands: Sequence[Stand]) -> tuple[str, ...]:
    """Return the names of products that stand nowhere."""
    there = {one.item for one in stands}
    return tuple(shown.name for n, shown in enumerate(products) if n not in there)
