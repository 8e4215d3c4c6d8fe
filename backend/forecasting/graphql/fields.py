"""Root fields of forecasts."""

from collections.abc import Sequence
from typing import Final, TypeVar
from uuid import UUID

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.scalars import ID

from backend.analytics import demand
from backend.catalogue import service as catalogue
from backend.core.scopes import Scope
from backend.forecasting import service
from backend.forecasting.graphql.enums import ForecastAbsence, ForecastLevel, RunKind
from backend.forecasting.graphql.inputs import (
    ForecastModelFilter,
    ForecastModelInput,
    ForecastModelSort,
    ForecastRunFilter,
    ForecastRunSort,
)
from backend.forecasting.graphql.types import (
    Forecast,
    ForecastGroup,
    ForecastModel,
    ForecastRun,
    ForecastRunPayload,
    ForecastSeries,
    ForecastTotal,
)
from backend.forecasting.service import ForecastCriteria, ModelCriteria, RunCriteria, SeriesForecast
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.cost import COST, Arguments
from backend.infra.api.relay import Connection, check_first, connect
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Cursor
from backend.infra.work import Work
from backend.locations import service as locations

READS: list[FieldExtension] = [Requires(Scope.FORECAST_READ)]
WRITES: list[FieldExtension] = [Requires(Scope.FORECAST_WRITE, Scope.FORECAST_READ)]
MOST_ADDED: Final = 20_000
"""Series that one answer adds up."""
_READING: Final = 50
NO_ID: Final = UUID(int=0)
T = TypeVar("T")


def price(arguments: Arguments) -> int:
    """Return what it costs to read forecasts: less where products are named."""
    named = arguments.get("products")
    few = isinstance(named, list) and len(named) <= _READING
    return _READING if few else 4 * _READING


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=READS, metadata={COST: price})
    async def forecast(
        self,
        info: Info,
        products: list[str] | None = None,
        locations: list[str] | None = None,
        horizon: int = service.HORIZON,
        first: int = 50,
        by: list[ForecastLevel] | None = None,
    ) -> Forecast:
        """What is expected to be sold on the days that follow the last one known.

        `products` and `locations` by SKU and code; left out: all. `horizon` in days, at most as
        many as the model forecasts. `series` has the `first` most demanded; `total` adds up all.
        `groups` has one sum for what has the same keys at all levels of `by`: the `first` most
        demanded, then one of all others.
        """
        check_first(first)
        work = await info.context.reading()
        criteria = ForecastCriteria(_set(products), _set(locations), most=MOST_ADDED)
        found = await service.forecasts_of(work, criteria, horizon)
        model = await service.champion(work)
        coverage = await service.live_coverage(work, criteria)
        if coverage is None and model is not None:
            coverage = model.metrics.get("coverage90")
        metrics = {} if model is None else model.metrics
        total = await service.sum_of(found, metrics)
        groups = await service.sums_by(work, found, metrics, by or (), first)
        first_day = found[0].first_day if found else work.now.date()
        return Forecast(
            as_of=max((one.made_at for one in found), default=work.now),
            trained_through=max((one.trained_through for one in found), default=None),
            model=None if model is None else ForecastModel.of(model),
            coverage90=coverage,
            series=await _series(work, found[:first]),
            total=ForecastTotal.of(first_day, total),
            groups=[ForecastGroup.of(first_day, one) for one in groups],
            left_out=await service.left_out(work),
            absence=None if found else await _absence(work, is_trained=model is not None),
        )

    @strawberry.field(extensions=READS)
    async def forecast_models(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: ForecastModelFilter | None = None,  # noqa: A002 - the contract's name
        sort: ForecastModelSort | None = None,
    ) -> Connection[ForecastModel]:
        """The versions of models, the newest first unless `sort` says otherwise."""
        chosen, sort = filter or ForecastModelFilter(), sort or ForecastModelSort()
        page = await service.models(
            await info.context.reading(),
            ModelCriteria(_set(chosen.kinds), _set(chosen.origins), _set(chosen.statuses)),
            first=first,
            after=after,
            descending=sort.direction is SortDirection.DESC,
        )
        return connect(page, ForecastModel.of)

    @strawberry.field(extensions=READS)
    async def forecast_run(self, info: Info, id: ID) -> ForecastRun | None:  # noqa: A002
        """A run; null where there is none of that id."""
        page = await service.find_run(await info.context.reading(), _uuid(id))
        return None if page is None else ForecastRun.of(page)

    @strawberry.field(extensions=READS)
    async def forecast_runs(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: ForecastRunFilter | None = None,  # noqa: A002 - the contract's name
        sort: ForecastRunSort | None = None,
    ) -> Connection[ForecastRun]:
        """The runs that train and update, the newest first; updates are kept for two days."""
        chosen, sort = filter or ForecastRunFilter(), sort or ForecastRunSort()
        page = await service.runs(
            await info.context.reading(),
            RunCriteria(_set(chosen.kinds), _set(chosen.statuses)),
            first=first,
            after=after,
            descending=sort.direction is SortDirection.DESC,
        )
        return connect(page, ForecastRun.of)


@strawberry.type
class Mutation:
    """Root fields."""

    @strawberry.mutation(extensions=WRITES)
    async def train_forecast(self, info: Info) -> ForecastRunPayload:
        """Train from all the past, judge, and promote what deserves it.

        One training that waits stands for all who asked for it.
        """
        return await _requested(info, RunKind.TRAIN)

    @strawberry.mutation(extensions=WRITES)
    async def retrain_forecast(self, info: Info) -> ForecastRunPayload:
        """Train anew because something changed: the same as training, known by its name."""
        return await _requested(info, RunKind.RETRAIN)

    @strawberry.mutation(extensions=WRITES)
    async def promote_forecast_model(
        self,
        info: Info,
        input: ForecastModelInput,  # noqa: A002 - the contract's name
    ) -> ForecastRunPayload:
        """Let a version forecast, whatever the judge said of it."""
        async with info.context.writing() as work:
            run_id = await service.promote(work, _uuid(input.id))
            return ForecastRunPayload(run=ForecastRun.of(await service.run(work, run_id)))

    @strawberry.mutation(extensions=WRITES)
    async def roll_back_forecast_model(self, info: Info) -> ForecastRunPayload:
        """Let the model forecast that did so before."""
        async with info.context.writing() as work:
            run_id = await service.roll_back(work)
            return ForecastRunPayload(run=ForecastRun.of(await service.run(work, run_id)))


async def _requested(info: Info, kind: RunKind) -> ForecastRunPayload:
    async with info.context.writing() as work:
        run_id = await service.request(work, kind)
        return ForecastRunPayload(run=ForecastRun.of(await service.run(work, run_id)))


async def _series(work: Work, found: Sequence[SeriesForecast]) -> list[ForecastSeries]:
    products = await catalogue.products_by_id(work, {one.product_id for one in found})
    places = await locations.locations_by_id(work, {one.location_id for one in found})
    return [
        ForecastSeries.of(one, products[one.product_id], places[one.location_id])
        for one in found
        if one.product_id in products and one.location_id in places
    ]


async def _absence(work: Work, *, is_trained: bool) -> ForecastAbsence:
    if await demand.days_sold(work) is None:
        return ForecastAbsence.NOTHING_SOLD
    return ForecastAbsence.NOT_LATELY if is_trained else ForecastAbsence.NOT_TRAINED


def _set(values: Sequence[T] | None) -> frozenset[T] | None:
    return None if values is None else frozenset(values)


def _uuid(text: ID) -> UUID:
    """Return an id as the database has it; what is none is nobody's."""
    try:
        return UUID(str(text))
    except ValueError:
        return NO_ID
