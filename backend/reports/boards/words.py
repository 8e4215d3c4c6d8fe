"""Markdown as plain paragraphs, for what cannot show it. Pure."""

import re
from typing import Final

_MARKS: Final = re.compile(r"^(#{1,6}\s+|>\s?)")
_POINT: Final = re.compile(r"^\s*[-*+]\s+")
_LINK: Final = re.compile(r"\[([^\]]{1,400})\]\([^)\s]{1,400}\)")
_STRESS: Final = re.compile(r"(\*\*|__|\*|`)(?=\S)(.{1,400}?)(?<=\S)\1")


def paragraphs_of(markdown: str) -> tuple[str, ...]:
    """Return the paragraphs and points of a text, without its marks; HTML stays what it is."""
    found: list[str] = []
    is_open = False
    for line in markdown.splitlines():
        point = _POINT.match(line)
        said = _plain(line[point.end() :] if point else _MARKS.sub("", line.strip()))
        starts = bool(point) or line.lstrip().startswith(("#", ">")) or line.lstrip()[:1].isdigit()
        if not said:
            is_open = False
        elif is_open and not starts:
            found[-1] += f" {said}"
        else:
            found.append(f"• {said}" if point else said)
            is_open = not line.lstrip().startswith("#")
    return tuple(found)


def _plain(text: str) -> str:
    return _STRESS.sub(r"\2", _LINK.sub(r"\1", text)).strip()
