"""Which sums an organisation keeps: those that are few beside its lines. Pure."""

from collections.abc import Mapping
from math import exp, prod
from typing import Final

from backend.analytics.rollups.grains import GRAINS, Column, Grain, Span

MOST_CELLS: Final = {Span.DAY: 0.2, Span.THIRD: 0.03, Span.MONTH: 0.05, Span.YEAR: 0.05}
"""How many cells a grain may have for each line, to be kept at that span."""
DAYS: Final = {Span.DAY: 1, Span.THIRD: 10, Span.MONTH: 30, Span.YEAR: 365}
ALWAYS: Final = frozenset({0, 2})
"""Kept by day however few lines there are: the total, and that by location."""


def choose(values: Mapping[Column, int], lines_a_day: float) -> dict[int, Span]:
    """Return the grains that are worth it, by their numbers, and the finest span of each.

    `values`: how many different ones each column has.
    """
    found = {grain.no: _finest(grain, values, lines_a_day) for grain in GRAINS}
    return {no: span for no, span in found.items() if span is not None}


def cells(grain: Grain, values: Mapping[Column, int], lines: float) -> float:
    """Return how many cells so many lines fall into, if evenly: no more than they are."""
    size = prod(max(values.get(column, 1), 1) for column in grain.columns)
    return size * (1 - exp(-lines / size))


def _finest(grain: Grain, values: Mapping[Column, int], lines_a_day: float) -> Span | None:
    if grain.no in ALWAYS:
        return Span.DAY
    for span, most in MOST_CELLS.items():
        lines = lines_a_day * DAYS[span]
        if cells(grain, values, lines) <= lines * most:
            return span
    return None
