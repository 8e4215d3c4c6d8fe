"""Lines over time, drawn with characters for a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_HEIGHT: Final = 14
_LABEL: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Values in order, the first of which stands at place `begins`; later lines cover earlier."""

    name: str
    mark: str
    begins: int
    values: NDArray[np.float32]


def line_plot(lines: Sequence[Line], *, width: int, ends: tuple[str, str]) -> str:
    """Return the picture: `ends` are written below the first and the last place.

    More places than fit are drawn as their means.
    """
    places = max(line.begins + len(line.values) for line in lines)
    columns = max(2, min(width - _LABEL - 2, places))
    top = max((float(line.values.max(initial=0)) for line in lines), default=0.0) or 1.0
    canvas = [[" "] * columns for _ in range(_HEIGHT)]
    for line in lines:
        for column, mean in _means(line, places, columns):
            row = round((1 - mean / top) * (_HEIGHT - 1))
            canvas[row][column] = line.mark
    drawn = [f"{_label(row, top):>{_LABEL}} │{''.join(cells)}" for row, cells in enumerate(canvas)]
    gap = max(1, columns - len(ends[0]) - len(ends[1]))
    legend = "   ".join(f"{line.mark} {line.name}" for line in lines)
    below = [f"{'':>{_LABEL}} └{'─' * columns}", f"{'':>{_LABEL}}  {ends[0]}{' ' * gap}{ends[1]}"]
    return "\n".join([*drawn, *below, f"{'':>{_LABEL}}  {legend}"])


def _means(line: Line, places: int, columns: int) -> list[tuple[int, float]]:
    """Return the columns a line reaches, with the mean of what falls on each."""
    at = (line.begins + np.arange(len(line.values))) * columns // places
    return [(int(column), float(line.values[at == column].mean())) for column in np.unique(at)]


def _label(row: int, top: float) -> str:
    if row % 4 and row != _HEIGHT - 1:
        return ""
    return f"{top * (1 - row / (_HEIGHT - 1)):,.{0 if top >= 20 else 1}f}"
