"""Rows of a summary as lists of cells, for whoever reads thousands."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Final

from backend.analytics.errors import InvalidSummary
from backend.analytics.rules import Group, SummaryColumn
from backend.infra.api.scalars import format_decimal

Cell = str | int | bool | None
_C = SummaryColumn
_OF_KEYS: Final = {_C.ID: attrgetter("id"), _C.LABEL: attrgetter("label")}
_SECRET: Final = frozenset({_C.COST, _C.PROFIT})


def listed(
    groups: Sequence[Group],
    columns: Sequence[SummaryColumn],
    marked: frozenset[int] | None,
    *,
    knows_cost: bool,
) -> list[list[Cell]]:
    """Return a list for each group: an id or a label for each of its keys, and the figures.

    `marked`: the places of groups that changed; None: nobody asked. Without `knows_cost` what the
    goods cost and what they brought in stays unsaid.

    Raises:
        InvalidSummary: a column stands in it twice.
    """
    if len(set(columns)) < len(columns):
        raise InvalidSummary("a column stands in columns once", field=["columns"])
    by_column = [
        cells for one in columns for cells in _column(groups, one, marked, knows_cost=knows_cost)
    ]
    return [list(row) for row in zip(*by_column, strict=True)] or [[] for _ in groups]


def _column(
    groups: Sequence[Group],
    column: SummaryColumn,
    marked: frozenset[int] | None,
    *,
    knows_cost: bool,
) -> Iterator[Sequence[Cell]]:
    if column in _OF_KEYS:
        said = _OF_KEYS[column]
        for keys in zip(*(group.keys for group in groups), strict=True):
            yield [said(key) for key in keys]
    elif column is _C.IS_RESTATED:
        yield [None if marked is None else at in marked for at in range(len(groups))]
    elif column in _SECRET and not knows_cost:
        yield [None] * len(groups)
    else:
        figure = attrgetter(column.value.lower())
        yield [_cell(figure(group.measures)) for group in groups]


def _cell(figure: Decimal | int | None) -> Cell:
    return format_decimal(figure) if isinstance(figure, Decimal) else figure
