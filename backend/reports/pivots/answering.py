"""Answering a pivot: from summaries, the same figures at every level."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from backend.analytics import service as analytics
from backend.analytics.presets.table import ColumnKind, Note
from backend.analytics.rules import Group, Measures, Question, SalesDimension, SummaryOrder
from backend.core.scopes import Scope
from backend.infra.work import Work
from backend.reports.pivots import tree
from backend.reports.pivots.errors import PivotTooLarge
from backend.reports.pivots.rules import PivotDefinition, PivotMeasure
from backend.reports.pivots.tree import Line, Spot, Value
from backend.sales.filters import SalesCriteria

MOST_GROUPS: Final = 20_000
"""The finest groups a pivot may have."""
MOST_CELLS: Final = 200_000
"""Cells of all rows, columns and measures together."""
_MANY: Final = 2_000
"""Groups from which on adding up is left to a thread, so that nobody waits for it."""

KIND_OF: Final = {
    PivotMeasure.UNITS: ColumnKind.UNITS,
    PivotMeasure.ORDERS: ColumnKind.COUNT,
    PivotMeasure.MARGIN: ColumnKind.PERCENT,
}
"""What stands in the cells of a measure; amounts of money otherwise."""


@dataclass(frozen=True, slots=True)
class Pivot:
    """An answer: `cells[row][column][measure]`; everything recorded up to `as_of` is in it.

    The first row and the first column hold the totals. `definition` lacks what who asked may not
    know; `criteria` are the sales it is about.
    """

    definition: PivotDefinition
    criteria: SalesCriteria
    as_of: datetime
    rows: tuple[Line, ...]
    columns: tuple[Line, ...]
    cells: tuple[tuple[tuple[Value, ...], ...], ...]
    notes: tuple[Note, ...] = ()


def today_of(work: Work) -> date:
    """Return the business day of the organisation's own clock."""
    return work.now.astimezone(ZoneInfo(work.timezone)).date()


async def answer(work: Work, definition: PivotDefinition, *, most_cells: int = MOST_CELLS) -> Pivot:
    """Answer a pivot as of this unit of work.

    Raises:
        PivotTooLarge, TooManyGroups: more than an answer may have.
        SummaryTooSlow, SummariesBusy: as a summary.
        MissingScope: it is only about what the principal may not know.
    """
    definition, notes = seen_by(work, definition)
    criteria = definition.sales(today_of(work))
    rows, columns = definition.rows, definition.columns
    groups = await _groups(work, criteria, (*rows, *columns))
    if len(groups) > MOST_GROUPS:
        raise _too_large(f"more than {MOST_GROUPS} groups", MOST_GROUPS)
    cells: dict[Spot, Measures] = {}
    await _add_up(groups, len(rows), cells)
    if PivotMeasure.ORDERS in definition.measures:
        await _count_orders(work, criteria, definition, cells)
    across = groups if not rows else await _groups(work, criteria, columns) if columns else ()
    heads = tree.lines(groups, 0, len(rows))
    if definition.sort is not None:
        heads = tree.sorted_lines(heads, cells, definition.sort, descending=definition.descending)
    pivot = Pivot(
        definition,
        criteria,
        work.now,
        tuple(heads),
        tuple(tree.lines(across, 0, len(columns))),
        (),
        notes,
    )
    size = len(pivot.rows) * len(pivot.columns) * len(definition.measures)
    if size > most_cells:
        raise _too_large(f"{size} cells", most_cells)
    return replace(pivot, cells=_laid_out(pivot, cells))


def seen_by(work: Work, definition: PivotDefinition) -> tuple[PivotDefinition, tuple[Note, ...]]:
    """Return what of a pivot the principal may know, and what to say of the rest.

    Raises:
        MissingScope: nothing of it.
    """
    if work.principal.has(Scope.ANALYTICS_READ):
        return definition, ()
    secret = [one.label for one in definition.measures if one.is_secret]
    if not secret:
        return definition, ()
    if len(secret) == len(definition.measures):
        work.principal.require(Scope.ANALYTICS_READ)
    note = Note("COLUMNS_HIDDEN", f"without the scope analytics:read: {', '.join(secret)}")
    return definition.without_secrets(), (note,)


async def _groups(
    work: Work, criteria: SalesCriteria, by: Sequence[SalesDimension]
) -> Sequence[Group]:
    question = Question(tuple(by), SummaryOrder.KEY, descending=False)
    found = await analytics.summarise(work, question, criteria)
    return found.groups


async def _add_up(groups: Sequence[Group], rows: int, cells: dict[Spot, Measures]) -> None:
    if len(groups) < _MANY:
        tree.add_up(groups, rows, cells)
    else:
        await asyncio.to_thread(tree.add_up, groups, rows, cells)


async def _count_orders(
    work: Work,
    criteria: SalesCriteria,
    definition: PivotDefinition,
    cells: dict[Spot, Measures],
) -> None:
    """Put into every total how many different orders there are; they cannot be added up."""
    rows, columns = definition.rows, definition.columns
    for depth in range(len(rows) + 1):
        for width in range(len(columns) + 1):
            if (depth, width) == (len(rows), len(columns)):
                continue  # the finest, which are exact already
            for group in await _groups(work, criteria, (*rows[:depth], *columns[:width])):
                path = tuple(key.id for key in group.keys)
                spot = path[:depth], path[depth:]
                if spot in cells:
                    cells[spot] = cells[spot]._replace(orders=group.measures.orders)


def _laid_out(
    pivot: Pivot, cells: dict[Spot, Measures]
) -> tuple[tuple[tuple[Value, ...], ...], ...]:
    def values(row: Line, column: Line) -> tuple[Value, ...]:
        found = cells.get((row.path, column.path))
        return tuple(tree.value_of(found, measure) for measure in pivot.definition.measures)

    return tuple(tuple(values(row, column) for column in pivot.columns) for row in pivot.rows)


def _too_large(what: str, limit: int) -> PivotTooLarge:
    return PivotTooLarge(
        f"{what}: put fewer dimensions on rows and columns, choose a shorter period, or filter",
        field=["definition"],
        limit=limit,
    )
