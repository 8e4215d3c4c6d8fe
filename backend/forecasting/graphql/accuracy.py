"""How good forecasts were, as clients see it."""

from datetime import date
from typing import Annotated

import strawberry
from strawberry.extensions import FieldExtension

from backend.core.scopes import Scope
from backend.forecasting.insight import accuracy as service
from backend.forecasting.insight.accuracy import AccuracyBy, AccuracyCriteria, AccuracyRow
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.cost import COST, Arguments
from backend.infra.api.declared import seen_with
from backend.infra.api.described import enum_type, object_type

READS: list[FieldExtension] = [Requires(Scope.FORECAST_READ)]

enum_type(AccuracyBy, "ForecastAccuracyBy")


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastAccuracyRow:
    """How good forecasts of one to seven days ahead were.

    Absolute errors are those of the median, squared ones and the bias those of the mean. Null:
    there is nothing to divide by.
    """

    id: str | None
    """A SKU, the code of a location, or a class of demand; null for everything."""
    label: str
    """Name for people."""
    series: int
    """Products at locations."""
    days: int
    """Days that were scored, of each series."""
    wape: float | None
    """Σ |sold - median| / Σ sold."""
    mase: float | None
    """The absolute error beside that of the last week again, on the same days; mean of series."""
    rmsse: float | None
    """The root of squared errors beside that of the day before again; mean of series."""
    bias: float | None
    """Σ (mean - sold) / Σ sold: above 0 where too much was forecast."""
    pinball: float | None
    """Mean pinball loss of nine quantiles / mean sold."""
    coverage90: float | None
    """Share of days on which what was sold lay between the 5 % and the 95 % quantile."""

    @classmethod
    def of(cls, row: AccuracyRow) -> "ForecastAccuracyRow":
        """Return a row of the service."""
        found = row.accuracy
        return cls(
            id=row.id, label=row.label, series=row.series, days=row.days, wape=found.wape,
            mase=found.mase, rmsse=found.rmsse, bias=found.bias, pinball=found.pinball,
            coverage90=found.coverage90,
        )  # fmt: skip


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastAccuracy:
    """How good forecasts were on some days."""

    from_: date = strawberry.field(name="from", description="First day looked at.")
    to: date
    """Last day looked at."""
    rows: list[ForecastAccuracyRow]
    """One per key, those first of which most was missed; none where nothing was scored."""


def _price(arguments: Arguments) -> int:
    first = arguments.get("first", 50)
    return first if isinstance(first, int) and first > 0 else 1


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=READS, metadata={COST: _price})
    async def forecast_accuracy(  # noqa: PLR0913 - every argument is one of the question
        self,
        info: Info,
        by: AccuracyBy = AccuracyBy.NONE,
        products: list[str] | None = None,
        locations: list[str] | None = None,
        from_: Annotated[date | None, strawberry.argument(name="from")] = None,
        to: date | None = None,
        first: int = 50,
    ) -> ForecastAccuracy:
        """Tells how good forecasts were, of the last four weeks where no days are given."""
        work = await info.context.reading()
        begin, end = service.last_days(work.now.date(), from_, to)
        criteria = AccuracyCriteria(begin, end, _set(products), _set(locations))
        rows = await service.accuracy_of(work, by, criteria, first)
        return ForecastAccuracy(
            from_=begin, to=end, rows=[ForecastAccuracyRow.of(row) for row in rows]
        )


def _set(names: list[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)
