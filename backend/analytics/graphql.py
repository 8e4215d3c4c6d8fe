"""Summaries as clients see them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.scalars import JSON

from backend.analytics import cells, comparisons, pricing, rules, service
from backend.analytics.comparisons import Comparison
from backend.analytics.planned import business_calendar
from backend.analytics.recorded import Knowledge
from backend.analytics.rules import Question, SalesDimension, SummaryColumn, SummaryOrder
from backend.core.scopes import Scope
from backend.infra.api.access import Hides, Requires
from backend.infra.api.context import Info
from backend.infra.api.cost import COST, Arguments
from backend.infra.api.declared import seen_with
from backend.infra.api.described import enum_type, input_type, object_type
from backend.infra.api.results import SortDirection
from backend.sales.filters import SalesCriteria, SalesFilter

DAY = timedelta(days=1)
READS: list[FieldExtension] = [Requires(Scope.SALES_READ)]
TIMES = frozenset(
    {
        SalesDimension.HOUR,
        SalesDimension.WEEKDAY,
        SalesDimension.DAY,
        SalesDimension.WEEK,
        SalesDimension.MONTH,
        SalesDimension.QUARTER,
        SalesDimension.YEAR,
        SalesDimension.FISCAL_WEEK,
        SalesDimension.FISCAL_MONTH,
        SalesDimension.FISCAL_QUARTER,
        SalesDimension.FISCAL_YEAR,
    }
)


enum_type(SalesDimension)
enum_type(SummaryOrder)
enum_type(SummaryColumn)
enum_type(Comparison)


@seen_with(Scope.SALES_READ)
@object_type
class SummaryKey:
    """Where a row lies on one dimension."""

    dimension: SalesDimension
    """The dimension."""
    id: str | None
    """Stable key for programs: a SKU, a code, 2018-03; null where the sales do not say."""
    label: str
    """Name for people."""


@seen_with(Scope.SALES_READ)
@object_type
class SalesFigures:
    """Figures in the organisation's currency.

    Gross figures count sales only; units, net sales, cost and profit have returns taken off.
    """

    units: Decimal
    """Units sold less units returned."""
    gross_sales: Decimal
    """Sales before discounts, returns not taken off."""
    discount: Decimal
    """Discounts given on those sales."""
    net_sales: Decimal
    """Gross sales - discount - returns, without tax."""
    net_sales_without_cost: Decimal
    """The part of net sales whose cost nobody knows: it is not in cost and profit."""
    orders: int
    """Different sales with such a line. One with lines in several rows is an order of each."""
    returns: Decimal
    """Value of what came back, after discounts."""
    secret_cost: strawberry.Private[Decimal | None]
    secret_profit: strawberry.Private[Decimal | None]

    @strawberry.field(extensions=[Hides(Scope.ANALYTICS_READ)])
    def cost(self) -> Decimal | None:
        """What the goods cost us, where known; null where it never is or not yours to see."""
        return self.secret_cost

    @strawberry.field(extensions=[Hides(Scope.ANALYTICS_READ)])
    def profit(self) -> Decimal | None:
        """Net sales - cost, of the lines whose cost is known; null where cost is."""
        return self.secret_profit


@seen_with(Scope.SALES_READ)
@object_type
class SummaryRow(SalesFigures):
    """The figures of one group."""

    keys: list[SummaryKey]
    """One per dimension, in the order of `groupBy`."""
    is_restated: bool | None = None
    """A day of it had ended at `restatedSince` and changed after it; null where it has no days."""


@seen_with(Scope.SALES_READ)
@object_type
class KnownDays:
    """How much of a period is known: a long pause of all sales is a gap of what was recorded."""

    is_whole: bool
    """Nearly all its days are, so that figures of it are a measure for others."""
    days: int
    """How many business days it has."""
    known: int
    """How many of them lie in stretches with sales."""
    reason: str | None
    """Why it is no measure, for people; null: it is one."""

    @classmethod
    def of(cls, found: Knowledge) -> "KnownDays":
        """Return it as clients see it."""
        return cls(is_whole=found.is_whole, days=found.days, known=found.known, reason=found.reason)


@seen_with(Scope.SALES_READ)
@object_type
class RecordedDays:
    """A stretch of business days in which sales are recorded, without a long pause."""

    from_: date = strawberry.field(name="from", description="Its first day.")
    to: date
    """Its last day, inclusive."""


@seen_with(Scope.SALES_READ)
@object_type
class ComparedFigures:
    """The figures of a period that another is compared with."""

    from_: date = strawberry.field(name="from", description="Its first day.")
    to: date
    """Its last day, inclusive."""
    totals: SalesFigures
    """What was sold in it."""
    known: KnownDays
    """Whether it is wholly known; growth against a part of a period is none."""


@input_type
class LikeForLike:
    """Keeps to locations that sold all through two periods: the filter's own and this one.

    All through: in every month that the period touches, on a day that lies in it.
    """

    from_: date = strawberry.field(name="from", description="First day of the other period.")
    to: date
    """Last day of the other period, inclusive."""


def price_of_comparison(_: Arguments) -> int:
    """Return what it costs to add up another period, and to look which days are known."""
    return 2 * pricing.PER_PASS


def price_of_recorded_days(_: Arguments) -> int:
    """Return what it costs to look through all days."""
    return pricing.PER_PASS


@seen_with(Scope.SALES_READ)
@object_type
class SalesCoverage:
    """How far figures can be followed to the sales they add up."""

    from_: date | None = strawberry.field(
        name="from", description="First business day the figures are about; null: no limit."
    )
    kept_from: date | None
    """First business day whose sales are kept; null: all are."""
    is_traceable: bool
    """Every sale in the figures is kept. If not, those before `keptFrom` are in sums only."""
    keeps_old_places: bool
    """Something moved since: before `keptFrom` it counts in the category or place it had then."""


@seen_with(Scope.SALES_READ)
@object_type
class SalesSummary:
    """Sales added up."""

    as_of: datetime
    """Everything recorded up to here is in the figures."""
    totals: SalesFigures
    """Everything the filter admits, rows cut off by `top` included."""
    coverage: SalesCoverage
    """What of it can be followed to single sales."""
    asked: strawberry.Private[SalesCriteria]
    groups: strawberry.Private[Sequence[rules.Group]]
    marked: strawberry.Private[frozenset[int] | None]

    @strawberry.field
    def rows(self) -> list[SummaryRow]:
        """One per group that has sales or returns."""
        return [
            SummaryRow(
                keys=[
                    SummaryKey(dimension=k.dimension, id=k.id, label=k.label) for k in group.keys
                ],
                is_restated=None if self.marked is None else at in self.marked,
                **_figures(group.measures),
            )
            for at, group in enumerate(self.groups)
        ]

    @strawberry.field
    def cells(self, info: Info, columns: list[SummaryColumn]) -> list[JSON]:
        """The same rows, each a list: thousands come many times as fast.

        Cells follow `columns`: text, whole number, decimal as a string, true or false, or null. ID
        and LABEL are a cell for each dimension, in the order of `groupBy`. Cost and profit are null
        where they are not yours to see.
        """
        knows_cost = info.context.principal.has(Scope.ANALYTICS_READ)
        found = cells.listed(self.groups, columns, self.marked, knows_cost=knows_cost)
        return [JSON(row) for row in found]

    @strawberry.field(metadata={COST: price_of_comparison})
    async def comparison(
        self,
        info: Info,
        with_: Annotated[Comparison, strawberry.argument(name="with")] = Comparison.PREVIOUS_PERIOD,
    ) -> ComparedFigures | None:
        """The totals of another period, of the same filter otherwise; null without both days."""
        if self.asked.first_day is None or self.asked.last_day is None:
            return None
        work = await info.context.reading()
        found = await comparisons.compare(work, self.asked, with_)
        figures = SalesFigures(**_figures(found.measures))
        return ComparedFigures(
            from_=found.first_day,
            to=found.last_day,
            totals=figures,
            known=KnownDays.of(found.known),
        )

    @strawberry.field
    async def restated_days(self, info: Info, since: datetime | None = None) -> list[date]:
        """Business days that had ended at that moment and changed after it, latest first.

        Late sales and returns restate them. Only days and locations of the filter count; at most
        1,000 days. Left out, `since` is a day ago.
        """
        work = await info.context.reading()
        moment = since or work.now - timedelta(days=1)
        return list(await comparisons.restated_days(work, self.asked, moment))


@seen_with(Scope.SALES_READ)
@object_type
class BusinessYear:
    """A year as the organisation divides it."""

    id: str
    """As FISCAL_YEAR has it: FY2018."""
    from_: date = strawberry.field(name="from", description="Its first day.")
    to: date
    """Its last day, inclusive."""
    months: list[date]
    """The first days of its twelve months; weeks are seven days from its first day."""


@input_type
class SummarySort:
    """How rows are sorted; ties by their keys."""

    by: SummaryOrder = SummaryOrder.NET_SALES
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end comes first."""


def price(arguments: Arguments) -> int:
    """Return what it costs to add up: by its dimensions, twice that for more than a year."""
    dimensions = arguments.get("groupBy")
    passes = 1 + (len(dimensions) if isinstance(dimensions, list) else 1)
    passes += arguments.get("restatedSince") is not None
    return pricing.adding_up(passes, arguments.get("filter"))


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=READS, metadata={COST: price})
    async def sales_summary(  # noqa: PLR0913 - every argument is one of the question
        self,
        info: Info,
        group_by: list[SalesDimension],
        filter: SalesFilter | None = None,  # noqa: A002
        sort: SummarySort | None = None,
        top: int | None = None,
        top_within: list[SalesDimension] | None = None,
        like_for_like: LikeForLike | None = None,
        restated_since: datetime | None = None,
    ) -> SalesSummary:
        """Adds up sales by up to six dimensions; by none: one row.

        `top` keeps the first rows, of all or within each `topWithin`. `likeForLike` keeps to
        locations that sold all through the filter's period and another. `restatedSince` has rows
        by day, week, month, quarter, weekday or year marked that late sales or returns changed
        after that moment.
        """
        question = _question(group_by, sort, top, top_within)
        criteria = filter.criteria() if filter else SalesCriteria()
        work = await info.context.reading()
        if like_for_like is not None:
            other = like_for_like.from_, like_for_like.to
            criteria = await comparisons.like_for_like(work, criteria, *other)
        found = await service.summarise(work, question, criteria)
        marked = None
        if restated_since is not None:
            asked = work, question, criteria, found.groups, restated_since
            marked = await comparisons.restated_rows(*asked)
        return _summary(found, criteria, marked)

    @strawberry.field(extensions=READS, metadata={COST: price_of_recorded_days})
    async def recorded_days(self, info: Info) -> list[RecordedDays]:
        """The days of which any sales are recorded that you may see, as stretches, oldest first.

        What lies between them is not known: more than two weeks without a single sale, and ten
        times as long as between other days with sales.
        """
        found = await comparisons.recorded(await info.context.reading())
        return [RecordedDays(from_=one.first, to=one.last) for one in found]

    @strawberry.field(extensions=READS)
    async def business_years(
        self,
        info: Info,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
    ) -> list[BusinessYear]:
        """The business years that some of these days lie in, oldest first; from 1900 to 2199."""
        calendar = await business_calendar(await info.context.reading())
        return [
            BusinessYear(
                id=f"FY{number}", from_=starts[0], to=starts[-1] - DAY, months=list(starts[:-1])
            )
            for number, starts in calendar.years(from_, to)
        ]


def _question(
    group_by: list[SalesDimension],
    sort: SummarySort | None,
    top: int | None,
    top_within: list[SalesDimension] | None,
) -> Question:
    if sort is None:
        by_time = bool(group_by) and group_by[0] in TIMES and top is None
        order = SummaryOrder.KEY if by_time else SummaryOrder.NET_SALES
        descending = not by_time
    else:
        order, descending = sort.by, sort.direction is SortDirection.DESC
    return Question(tuple(group_by), order, descending, top, tuple(top_within or ()))


def _summary(
    found: rules.Summary, criteria: SalesCriteria, marked: frozenset[int] | None
) -> SalesSummary:
    totals = SalesFigures(**_figures(found.totals))
    return SalesSummary(
        as_of=found.as_of,
        totals=totals,
        coverage=coverage(found.trace),
        asked=criteria,
        groups=found.groups,
        marked=marked,
    )


def coverage(trace: rules.Trace) -> SalesCoverage:
    """Return how far figures can be followed, as clients see it."""
    return SalesCoverage(
        from_=trace.first_day,
        kept_from=trace.kept_from,
        is_traceable=trace.is_whole,
        keeps_old_places=trace.is_out_of_place,
    )


def _figures(measures: rules.Measures) -> dict[str, Any]:
    return {
        "units": measures.units,
        "gross_sales": measures.gross_sales,
        "discount": measures.discount,
        "net_sales": measures.net_sales,
        "net_sales_without_cost": measures.net_sales_without_cost,
        "orders": measures.orders,
        "returns": measures.returns,
        "secret_cost": measures.cost,
        "secret_profit": measures.profit,
    }
