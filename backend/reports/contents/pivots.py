"""Reports of a saved pivot: its rows and totals, as its reader may see them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from backend.analytics.presets.choices import Choice
from backend.analytics.presets.table import ColumnKind
from backend.analytics.rules import Key
from backend.infra.work import Work
from backend.reports import addresses
from backend.reports.contents.kind import Ask, Content, ContentKind, ContentName, Entry, Made
from backend.reports.documents import Grid, GridColumn, JsonCell, cells
from backend.reports.errors import InvalidReport
from backend.reports.pivots import answering, service
from backend.reports.pivots.answering import Pivot
from backend.reports.pivots.errors import PivotNotFound
from backend.reports.pivots.periods import Period
from backend.reports.pivots.rules import PivotDefinition
from backend.reports.pivots.tree import Value
from backend.reports.readers import known_id
from backend.sales.filters import SalesCriteria

MOST_LISTED: Final = 200
TOTAL: Final = "Total"
NOT_SAID: Final = "Not said"


async def check(work: Work, content: Content) -> str:
    """Return the name of a pivot that the principal finds; it brings its own filter."""
    if content.choice != Choice() or content.criteria != SalesCriteria():
        raise InvalidReport(
            "a pivot brings its own filter and takes no choice", field=["input", "content"]
        )
    name: str = (await service.find(work, _id(content))).name
    return name


async def make(ask: Ask) -> Made:
    """Answer the pivot; where the report has days, about those."""
    saved = await service.find(ask.work, _id(ask.content))
    definition = during(PivotDefinition.of_json(saved.definition), ask.content.criteria)
    found = await answering.answer(ask.work, definition)
    first, last = found.criteria.first_day, found.criteria.last_day
    return Made(saved.name, [grid_of_pivot(saved.name, found)], first, last, as_of=found.as_of)


async def entries(work: Work) -> Sequence[Entry]:
    """Return the pivots that the principal finds."""
    page = await service.list_pivots(
        work,
        service.PivotCriteria(),
        service.PivotOrder.NAME,
        descending=False,
        first=MOST_LISTED,
        after=None,
    )
    return [
        Entry(ContentName.PIVOT, str(one.id), one.name, "A kept pivot.", has_filter=False)
        for _, one in page.rows
    ]


def during(definition: PivotDefinition, days: SalesCriteria) -> PivotDefinition:
    """Return a pivot about the days of other criteria; its own period where they have none."""
    if days.first_day is None and days.last_day is None:
        return definition
    criteria = replace(definition.criteria, first_day=days.first_day, last_day=days.last_day)
    return replace(definition, period=Period.DAYS, criteria=criteria)


def grid_of_pivot(title: str, found: Pivot) -> Grid:
    """Return a pivot as a table: a column for each dimension of the rows, then the figures."""
    definition = found.definition
    keys = [_label(one) for one in definition.rows] or [TOTAL]
    heads = [tuple(key.label for key in one.keys) for one in found.columns]
    figures = [
        GridColumn(
            f"{number}-{measure.value}",
            _heading(head, measure.label, is_only=len(heads) == 1),
            answering.KIND_OF.get(measure, ColumnKind.MONEY),
        )
        for number, head in enumerate(heads)
        for measure in definition.measures
    ]
    rows = [
        [*_keys([_said(key) for key in line.keys], len(keys)), *_values(group)]
        for line, group in zip(found.rows, found.cells, strict=True)
    ]
    texts = [GridColumn(f"key{n}", label, ColumnKind.TEXT) for n, label in enumerate(keys)]
    return Grid(
        title=title,
        columns=(*texts, *figures),
        rows=rows[1:],
        totals=rows[0],
        note=" ".join(f"{one.message[:1].upper()}{one.message[1:]}." for one in found.notes),
        page=page_of(definition, found.criteria),
    )


def page_of(definition: PivotDefinition, criteria: SalesCriteria) -> str:
    """Return path and query of the page that shows a pivot."""
    more = {
        "rows": ",".join(definition.rows) or "NONE",
        "columns": ",".join(definition.columns) or "NONE",
        "figures": ",".join(definition.measures),
    }
    if definition.sort is not None:
        more |= {"sort": definition.sort, "order": "DESC" if definition.descending else "ASC"}
    has_days = criteria.first_day is not None or criteria.last_day is not None
    return addresses.page("pivot", criteria, more if has_days else {**more, "period": "all"})


def _values(group: Sequence[Sequence[Value]]) -> list[JsonCell]:
    return cells(value for values in group for value in values)


def _said(key: Key) -> str:
    return NOT_SAID if key.id is None else key.label


def _keys(labels: list[str], width: int) -> list[str]:
    """Return what stands in the columns of the dimensions; a total says so once."""
    filled = [*labels, TOTAL] if len(labels) < width or not labels else labels
    return [*filled, *[""] * (width - len(filled))]


def _heading(head: tuple[str, ...], figure: str, *, is_only: bool) -> str:
    return figure if is_only else " · ".join((*(head or (TOTAL,)), figure))


def _label(dimension: str) -> str:
    return dimension.replace("_", " ").capitalize()


def _id(content: Content) -> UUID:
    found = known_id(content.name)
    if found is None:
        raise PivotNotFound(
            "no such pivot", field=["input", "content", "name"], value=content.name[:60]
        )
    return found


KIND = ContentKind(ContentName.PIVOT, check, make, entries)
