"""PNG from SVG."""

import re
from pathlib import Path
from typing import Final

import resvg_py

_FONTS: Final = sorted(map(str, (Path(__file__).parent / "fonts").glob("*.ttf")))
_OTHER: Final = re.compile("[^\\W\u0000-\u052f\u1e00-\u1eff]")
"""Letters that are not Latin, Greek or Cyrillic: our own fonts have the others."""


def png(svg: str, *, zoom: int = 2) -> bytes:
    """Return a picture of the document, so many pixels for each of its points.

    The system's fonts are read, which takes longer, only where a name is written in other letters.
    """
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=zoom,
        font_files=_FONTS,
        font_family="Inter",
        sans_serif_family="Inter",
        skip_system_fonts=_OTHER.search(svg) is None,
    )
