"""Pivots in the schema: asked, and answered."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.scalars import JSON

from backend.analytics import comparisons, pricing
from backend.analytics.graphql import SummaryKey
from backend.analytics.presets.answers import row_json
from backend.analytics.presets.graphql import AnalysisNote
from backend.analytics.presets.table import ColumnKind
from backend.analytics.rules import SalesDimension
from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.cost import COST, Arguments
from backend.infra.api.declared import seen_with
from backend.infra.api.described import enum_type, input_type, object_type
from backend.reports.pivots import answering, rules
from backend.reports.pivots.periods import Period
from backend.reports.pivots.rules import PivotMeasure
from backend.reports.pivots.tree import Line
from backend.sales.filters import SalesCriteria, SalesFilter

READS: list[FieldExtension] = [Requires(Scope.SALES_READ)]

for _enum in (Period, PivotMeasure):
    enum_type(_enum)


@input_type
class PivotInput:
    """What lies where in a pivot, and which sales it is about."""

    rows: list[SalesDimension]
    """On rows, outermost first; at most 4."""
    columns: list[SalesDimension] = strawberry.field(default_factory=list[SalesDimension])
    """On columns, outermost first; at most 2."""
    measures: list[PivotMeasure] = strawberry.field(
        default_factory=lambda: [PivotMeasure.NET_SALES]
    )
    """Figures in the cells, in their order."""
    period: Period = Period.LAST_12_MONTHS
    """Which days."""
    filter: SalesFilter | None = None
    """Which sales; its days count only where the period is `DAYS`."""
    sort: PivotMeasure | None = None
    """By which of the measures rows are sorted within their group; null: by time and name."""
    descending: bool = True
    """Largest first, where a measure sorts."""

    def definition(self) -> rules.PivotDefinition:
        """Return it as the services take it.

        Raises:
            InvalidPivot: its parts contradict each other.
        """
        return rules.PivotDefinition(
            rows=tuple(self.rows),
            columns=tuple(self.columns),
            measures=tuple(self.measures),
            period=self.period,
            criteria=self.filter.criteria() if self.filter else SalesCriteria(),
            sort=self.sort,
            descending=self.descending,
        )


@seen_with(Scope.SALES_READ)
@object_type
class PivotMeasureInfo:
    """One figure of each cell."""

    measure: PivotMeasure
    """Which figure."""
    label: str
    """Its name for people."""
    kind: ColumnKind
    """What it is, and so how it is shown."""


@seen_with(Scope.SALES_READ)
@object_type
class PivotColumn:
    """The head of one column of cells; without keys: the total of all."""

    keys: list[SummaryKey]
    """Where it lies on the dimensions of the columns; fewer than there are: a total."""


@seen_with(Scope.SALES_READ)
@object_type
class Pivot:
    """Sales cut by what lies on rows and columns, with totals at every level."""

    as_of: datetime
    """Everything recorded up to here is in it."""
    from_: date | None = strawberry.field(
        name="from", description="First business day it is about; null: from the beginning."
    )
    to: date | None
    """Last business day it is about; null: to the end."""
    currency: str
    """Currency of amounts, ISO 4217."""
    measures: list[PivotMeasureInfo]
    """The figures of a cell, in their order; what is not yours to see is left out."""
    columns: list[PivotColumn]
    """The heads of the columns, each total before what it is the total of."""
    rows: list[JSON]
    """Each `[ids, labels, cells]`: the keys of a row, fewer than there are dimensions for a total,
    then for each column a list with a cell per measure: decimal as a string, whole number, null."""
    notes: list[AnalysisNote]
    """What else a reader should know."""
    criteria: strawberry.Private[SalesCriteria]

    @strawberry.field
    async def restated_days(self, info: Info, since: datetime | None = None) -> list[date]:
        """Business days that had ended at that moment and changed after it, latest first.

        Left out, `since` is a day ago.
        """
        work = await info.context.reading()
        moment = since or work.now - timedelta(days=1)
        return list(await comparisons.restated_days(work, self.criteria, moment))

    @classmethod
    def of(cls, found: answering.Pivot, currency: str) -> Self:
        """Return an answer as clients see it."""
        return cls(
            as_of=found.as_of,
            from_=found.criteria.first_day,
            to=found.criteria.last_day,
            currency=currency,
            measures=[
                PivotMeasureInfo(
                    measure=one,
                    label=one.label,
                    kind=answering.KIND_OF.get(one, ColumnKind.MONEY),
                )
                for one in found.definition.measures
            ],
            columns=[PivotColumn(keys=_keys(line)) for line in found.columns],
            rows=[
                JSON(_row(line, cells)) for line, cells in zip(found.rows, found.cells, strict=True)
            ],
            notes=[
                AnalysisNote(code=note.code, message=note.message, field=None, value=None)
                for note in found.notes
            ],
            criteria=found.criteria,
        )


def price(arguments: Arguments) -> int:
    """Return what it costs to add up: once, or at every level where orders are counted.

    A definition that is none is for others to refuse.
    """
    asked: Any = arguments.get("definition")
    if not isinstance(asked, dict):
        return pricing.adding_up(1, None)
    rows, columns = (_length(asked.get(name)) for name in ("rows", "columns"))
    counts_orders = "ORDERS" in (asked.get("measures") or ())
    levels = (rows + 1) * (columns + 1) if counts_orders else 2
    return pricing.adding_up(1 + rows + columns + levels // 2, _days(asked))


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=READS, metadata={COST: price})
    async def pivot(self, info: Info, definition: PivotInput) -> Pivot:
        """Adds up sales on rows and columns, with totals; orders are counted at every level.

        At most 20,000 groups and 200,000 cells.
        """
        work = await info.context.reading()
        return Pivot.of(await answering.answer(work, definition.definition()), work.currency)


def _row(line: Line, cells: tuple[tuple[Any, ...], ...]) -> list[Any]:
    return [
        [key.id for key in line.keys],
        [key.label for key in line.keys],
        [row_json(group) for group in cells],
    ]


def _keys(line: Line) -> list[SummaryKey]:
    return [SummaryKey(dimension=key.dimension, id=key.id, label=key.label) for key in line.keys]


def _days(asked: dict[str, Any]) -> object:
    """Return the days a price goes by: the filter's, else one of this year, else none."""
    period = asked.get("period") or Period.LAST_12_MONTHS.value
    if period == Period.DAYS.value:
        return asked.get("filter")
    is_long = period == Period.ALL_TIME.value
    return None if is_long else {"from": f"{datetime.now(UTC).date()}"}


def _length(given: object) -> int:
    return len(given) if isinstance(given, list) else 0
