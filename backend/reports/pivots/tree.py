"""From the finest figures of a pivot to its rows, columns and totals. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from backend.analytics.presets.table import ratio
from backend.analytics.rules import Group, Key, Measures
from backend.reports.pivots.rules import PivotMeasure

Path = tuple[str | None, ...]
"""Ids from the outermost dimension inwards; shorter than there are dimensions: a total."""
Value = Decimal | int | None
Spot = tuple[Path, Path]
"""The paths of a cell's row and column."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row, or the head of one column group: its keys, none for the total of all."""

    keys: tuple[Key, ...]

    @property
    def path(self) -> Path:
        """The ids of its keys."""
        return tuple(key.id for key in self.keys)


def spots(path: Path, rows: int) -> Iterator[Spot]:
    """Yield every cell that the finest figures of a path count in, themselves first."""
    row, column = path[:rows], path[rows:]
    for depth in range(len(row), -1, -1):
        for width in range(len(column), -1, -1):
            yield row[:depth], column[:width]


def add_up(groups: Iterable[Group], rows: int, cells: dict[Spot, Measures]) -> None:
    """Add the finest figures to the cells they count in.

    Orders are not to be relied on above the finest: one may lie in several cells.
    """
    for group in groups:
        path = tuple(key.id for key in group.keys)
        for spot in spots(path, rows):
            known = cells.get(spot)
            cells[spot] = group.measures if known is None else _sum(known, group.measures)


def lines(groups: Iterable[Group], start: int, stop: int) -> list[Line]:
    """Return the different heads that groups have between two of their keys, totals first.

    In the order of the groups, each total before what it is the total of.
    """
    found: dict[Path, Line] = {(): Line(())}
    for group in groups:
        keys = group.keys[start:stop]
        for depth in range(1, len(keys) + 1):
            line = Line(keys[:depth])
            found.setdefault(line.path, line)
    return _nested(list(found.values()))


def sorted_lines(
    heads: Sequence[Line], cells: dict[Spot, Measures], measure: PivotMeasure, *, descending: bool
) -> list[Line]:
    """Return heads of rows with those of each group sorted by their totals; no figure last."""

    def standing(line: Line) -> tuple[bool, Decimal]:
        value = value_of(cells.get((line.path, ())), measure)
        figure = Decimal(0 if value is None else value)
        return value is None, -figure if descending else figure

    return _nested(sorted(heads, key=standing))


def value_of(measures: Measures | None, measure: PivotMeasure) -> Value:
    """Return what stands in a cell; None: nothing is known."""
    if measures is None:
        return None
    if measure is PivotMeasure.MARGIN:
        return ratio(measures.profit, measures.net_sales - measures.net_sales_without_cost)
    value: Value = getattr(measures, measure.value.lower())
    return value


def _nested(heads: Sequence[Line]) -> list[Line]:
    """Put each head behind its total, keeping the order among those of one total."""
    inside: dict[Path, list[Line]] = {}
    for line in heads:
        if line.keys:
            inside.setdefault(line.path[:-1], []).append(line)
    ordered, waiting = list[Line](), [Line(())]
    while waiting:
        line = waiting.pop()
        ordered.append(line)
        waiting.extend(reversed(inside.get(line.path, [])))
    return ordered


def _sum(one: Measures, other: Measures) -> Measures:
    return Measures(
        one.units + other.units,
        one.gross_sales + other.gross_sales,
        one.discount + other.discount,
        one.net_sales + other.net_sales,
        _known(one.cost, other.cost),
        _known(one.profit, other.profit),
        one.net_sales_without_cost + other.net_sales_without_cost,
        one.orders + other.orders,
        one.returns + other.returns,
    )


def _known(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """Return the sum of what is known; None where neither is."""
    if one is None or other is None:
        return other if one is None else one
    return one + other
