"""How wide text is in our font, and how it is cut to fit. Pure."""

import re
from html import escape
from typing import Final

# Hundredths of the font's size, of Inter Regular, by character.
_BY_WIDTH: Final = {
    24: "ijl", 26: "I", 28: " !,.:", 30: "\"';", 32: "`t", 34: "|", 36: "()/[\\]", 38: "fr",
    40: "1", 42: "{}", 46: "-_", 48: "^", 50: "*", 52: "?s", 54: "kx", 56: "7Lavyz", 58: "Jce",
    60: "25EFhnou", 62: "3689Zbdgpq", 64: "#$&04PRST", 66: "+<=>B~", 68: "AKVXY", 72: "D",
    74: "CGHU", 76: "NOQ", 82: "w", 88: "m", 90: "M", 96: "@", 98: "%W",
}  # fmt: skip
_WIDTHS: Final = {one: width / 100 for width, group in _BY_WIDTH.items() for one in group}
_OTHER: Final = 0.64
_WIDE: Final = 1.05
"""Of characters from East Asian scripts and pictographs."""
_HEAVY: Final = 1.04
"""How much wider the semi-bold is."""
# What XML 1.0 cannot hold, and what would turn the direction of the rest.
_UNWRITABLE: Final = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)


def width_of(text: str, size: float, *, heavy: bool = False) -> float:
    """Return about how wide a text is at a size."""
    ems = sum(_WIDTHS.get(one) or (_WIDE if one >= "\u1100" else _OTHER) for one in text)
    return ems * size * (_HEAVY if heavy else 1)


def fitted(text: str, size: float, width: float) -> str:
    """Return a text as it is, or cut with an ellipsis to fit."""
    text = plain(text)
    if width_of(text, size) <= width:
        return text
    while text and width_of(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def plain(text: str) -> str:
    """Return a text on one line without what an XML document cannot hold."""
    return " ".join(_UNWRITABLE.sub("", text).split())


def written(text: str) -> str:
    """Return a text as it stands in a document, tags and quotes escaped."""
    return escape(plain(text), quote=True)
