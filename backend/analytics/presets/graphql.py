"""Analyses as clients see them."""

from datetime import date, datetime
from typing import Final

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.scalars import JSON

from backend.analytics import pricing
from backend.analytics.graphql import SalesCoverage, coverage
from backend.analytics.presets import service, table
from backend.analytics.presets.answers import currency_of, row_json
from backend.analytics.presets.catalogue import PRESETS
from backend.analytics.presets.choices import NAMES, Baseline, Choice, Measure
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.preset import Preset
from backend.analytics.presets.table import ColumnKind
from backend.analytics.rules import SalesDimension
from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.cost import COST, Arguments
from backend.infra.api.declared import seen_with
from backend.infra.api.described import enum_type, input_type, object_type
from backend.sales.filters import SalesCriteria, SalesFilter

READS: list[FieldExtension] = [Requires(Scope.SALES_READ)]

enum_type(ColumnKind)
enum_type(Measure)
enum_type(Baseline)
QUESTIONS: Final[dict[str, str]] = {
    one.name: one.description or ""
    for one in enum_type(AnalysisName).__strawberry_definition__.values  # pyright: ignore[reportAttributeAccessIssue]
}


@seen_with(Scope.SALES_READ)
@object_type
class AnalysisColumn:
    """One column of an analysis."""

    name: str
    """Stable name for programs."""
    label: str
    """Name for people."""
    kind: ColumnKind
    """What stands in it."""
    currency: str | None
    """Of amounts: the organisation's, ISO 4217."""
    dimension: SalesDimension | None
    """Its cells are ids on this dimension, as a filter takes them; null in a cell: not said."""
    label_of: str | None
    """It holds the names for people of the ids in that column."""

    @classmethod
    def of(cls, column: table.Column, currency: str) -> "AnalysisColumn":
        """Return a column as clients see it."""
        return cls(
            name=column.name,
            label=column.label,
            kind=column.kind,
            currency=currency_of(column, currency),
            dimension=column.dimension,
            label_of=column.label_of,
        )


@seen_with(Scope.SALES_READ)
@object_type
class AnalysisParameter:
    """What a client may choose of an analysis."""

    name: str
    """The argument of `analysis`."""
    options: list[str]
    """What it may be; empty: a whole number."""
    default: str | None
    """What it is where nothing is chosen; null: nothing."""


@seen_with(Scope.SALES_READ)
@object_type
class AnalysisInfo:
    """What an analysis is about."""

    name: AnalysisName
    """Its name."""
    title: str
    """Its name for people."""
    question: str
    """What it answers."""
    formula: str
    """How its figures are made."""
    source: str
    """Who defined them so."""
    scopes: list[str]
    """What it needs on top of sales:read."""
    refused_filters: list[str]
    """Fields of the filter that say nothing of it: with these it is refused."""
    parameters: list[AnalysisParameter]
    """What may be chosen."""
    columns: list[AnalysisColumn]
    """What it shows where nothing is chosen, to who may know everything."""


@seen_with(Scope.SALES_READ)
@object_type
class AnalysisNote:
    """Something to know about an answer."""

    code: str
    """What, for programs."""
    message: str
    """What, for people."""
    field: list[str] | None
    """The input it is about."""
    value: str | None
    """The value it is about."""


@seen_with(Scope.SALES_READ)
@object_type
class Analysis:
    """A table that answers one question about sales or stock."""

    name: AnalysisName
    """Which analysis."""
    title: str
    """Its name for people."""
    as_of: datetime
    """Everything recorded up to here is in it."""
    from_: date | None = strawberry.field(
        name="from", description="First business day it is about; null where nothing was sold."
    )
    to: date | None
    """Last business day it is about."""
    is_partial: bool
    """The last of these days is not over yet."""
    columns: list[AnalysisColumn]
    """What stands in the cells, in their order."""
    rows: list[JSON]
    """Each a list with a cell per column: text, whole number, decimal as a string, or null."""
    totals: JSON | None
    """Such a list for everything, rows cut off by `top` included; null in a cell: no such total."""
    notes: list[AnalysisNote]
    """What else a reader should know."""
    coverage: SalesCoverage
    """What of its sums can be followed to single sales."""


@input_type
class AnalysisChoice:
    """What may be chosen of an analysis; what is left out it chooses itself."""

    by: SalesDimension | None = None
    """What is compared or ranked."""
    within: SalesDimension | None = None
    """In which groups."""
    grain: SalesDimension | None = None
    """How long the periods are."""
    measure: Measure | None = None
    """By which figure."""
    baseline: Baseline | None = None
    """With which period."""
    top: int | None = None
    """How many rows, of each sort."""


def price(arguments: Arguments) -> int:
    """Return what the work of an analysis costs: half of its summaries one by one.

    A name that is none is for others to refuse.
    """
    named = arguments.get("name")
    known = isinstance(named, str) and named in AnalysisName.__members__
    passes = PRESETS[AnalysisName(str(named))].passes if known else 1
    return pricing.adding_up(passes, arguments.get("filter")) // 2


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=READS)
    async def analyses(self, info: Info) -> list[AnalysisInfo]:
        """Tells which analyses there are, what each takes and shows."""
        currency = (await info.context.reading()).currency
        return [_info(preset, currency) for preset in PRESETS.values()]

    @strawberry.field(extensions=READS, metadata={COST: price})
    async def analysis(
        self,
        info: Info,
        name: AnalysisName,
        filter: SalesFilter | None = None,  # noqa: A002
        choice: AnalysisChoice | None = None,
    ) -> Analysis:
        """Answers a question about sales or stock with a table."""
        criteria = filter.criteria() if filter else SalesCriteria()
        chosen = choice_of(choice or AnalysisChoice())
        work = await info.context.reading()
        return _analysis(await service.analyse(work, name, criteria, chosen), work.currency)


def choice_of(given: AnalysisChoice) -> Choice:
    """Return what was chosen as the services take it."""
    values = {name: getattr(given, name) for name in NAMES}
    return Choice(**values, top=given.top)


def _analysis(found: service.Analysis, currency: str) -> Analysis:
    made = found.table
    return Analysis(
        name=found.preset.name,
        title=found.preset.title,
        as_of=found.as_of,
        from_=found.covers.first,
        to=found.covers.last,
        is_partial=found.covers.is_partial,
        columns=[AnalysisColumn.of(one, currency) for one in made.columns],
        rows=[JSON(row_json(row)) for row in made.rows],
        totals=None if made.totals is None else JSON(row_json(made.totals)),
        notes=[
            AnalysisNote(
                code=one.code, message=one.message, field=list(one.field) or None, value=one.value
            )
            for one in made.notes
        ],
        coverage=coverage(found.trace),
    )


def _info(preset: Preset, currency: str) -> AnalysisInfo:
    options = preset.options
    shown = options.resolve(Choice())
    parameters = [
        AnalysisParameter(
            name=name,
            options=[one.value for one in getattr(options, name)],
            default=getattr(shown, name),
        )
        for name in NAMES
        if getattr(options, name)
    ]
    if options.top is not None:
        default = str(options.top) if options.top else None
        parameters.append(AnalysisParameter(name="top", options=[], default=default))
    return AnalysisInfo(
        name=preset.name,
        title=preset.title,
        question=QUESTIONS[preset.name],
        formula=preset.formula,
        source=preset.source,
        scopes=sorted(preset.scopes),
        refused_filters=list(preset.refused_filters),
        parameters=parameters,
        columns=[AnalysisColumn.of(one, currency) for one in preset.columns(shown)],
    )
