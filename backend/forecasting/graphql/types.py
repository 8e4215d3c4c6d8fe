"""Types of forecasts."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self

import numpy as np
from strawberry.scalars import ID, JSON

from backend.catalogue.graphql import Product
from backend.catalogue.rules import ProductRef
from backend.core.scopes import Scope
from backend.forecasting.arrays import Doubles, Floats
from backend.forecasting.graphql.enums import (
    DemandClass,
    ForecastAbsence,
    ForecastLevel,
    ModelFamily,
    ModelKind,
    ModelOrigin,
    ModelStatus,
    RunKind,
    RunReason,
    RunStatus,
    Verdict,
)
from backend.forecasting.insight.hierarchy import PLACES
from backend.forecasting.rules import HIGH, LOW, MEDIAN, QUANTILES
from backend.forecasting.service import ForecastSum, ModelRow, SeriesForecast
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.locations.graphql import Location
from backend.locations.rules import LocationRef

if TYPE_CHECKING:
    from backend.forecasting.models import ForecastModel as ModelRecord, ForecastRun as RunRecord
    from backend.forecasting.service.orders import Run


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastQuantile:
    """What demand stays below with a probability."""

    level: float
    """The probability."""
    value: float
    """Units."""


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastDay:
    """What is expected of one day, in units."""

    day: date
    """The business day."""
    mean: float
    """Expected on average: what totals are made of."""
    median: float
    """As often less as more."""
    low: float
    """Less with a probability of 5 %."""
    high: float
    """More with a probability of 5 %."""
    quantiles: list[ForecastQuantile]
    """All levels, ascending."""

    @classmethod
    def of(cls, day: date, mean: float, quantiles: Floats | Doubles) -> Self:
        """Return a day as clients see it."""
        values = [round(float(one), 4) for one in quantiles]
        return cls(
            day=day,
            # As it is rounded before it is added up: what is shown adds up, too.
            mean=float(np.round(np.float64(mean), PLACES)),
            median=values[MEDIAN],
            low=values[LOW],
            high=values[HIGH],
            quantiles=[
                ForecastQuantile(level=level, value=value)
                for level, value in zip(QUANTILES, values, strict=True)
            ],
        )


def days_of(first: date, mean: Floats | Doubles, quantiles: Floats | Doubles) -> list[ForecastDay]:
    """Return the days of a forecast."""
    return [
        ForecastDay.of(first + timedelta(days=n), mean[n], quantiles[n]) for n in range(len(mean))
    ]


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastSeries:
    """What is expected of one product at one location."""

    product: Product
    """What."""
    location: Location
    """Where."""
    demand_class: DemandClass
    """How regular its demand is."""
    model_id: ID
    """The model that forecast its days."""
    total_model_id: ID
    """The model that forecast its totals."""
    days: list[ForecastDay]
    """Day by day."""
    total: ForecastDay
    """The sum of all days, forecast by itself; `day` is the last."""

    @classmethod
    def of(cls, one: SeriesForecast, product: ProductRef, place: LocationRef) -> Self:
        """Return a series as clients see it."""
        days = days_of(one.first_day, one.mean, one.quantiles)
        return cls(
            product=Product.from_ref(product),
            location=Location.from_ref(place),
            demand_class=one.demand_class,
            model_id=ID(str(one.model_id)),
            total_model_id=ID(str(one.total_model_id)),
            days=days,
            total=ForecastDay.of(days[-1].day, one.total_mean[-1], one.total_quantiles[-1]),
        )


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastTotal:
    """The sum over everything that was asked for and may be seen."""

    series: int
    """How many products at locations it adds up."""
    days: list[ForecastDay]
    """Day by day. Bands take into account how far errors of one day go together."""
    total: ForecastDay | None
    """The sum of all days; `day` is the last. Null where there are none."""

    @classmethod
    def of(cls, first_day: date, one: ForecastSum | None) -> Self:
        """Return the sum of everything as clients see it; None: there is nothing."""
        if one is None:
            return cls(series=0, days=[], total=None)
        days = days_of(first_day, one.mean, one.quantiles)
        total = ForecastDay.of(days[-1].day, one.total_mean, one.total_quantiles)
        return cls(series=one.series, days=days, total=total)


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastKey:
    """What all series of a group have in common."""

    level: ForecastLevel
    """By what they are added up."""
    id: str | None
    """Stable key for programs: a SKU, a code, a name; null where nobody says."""
    label: str
    """Name for people."""


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastGroup:
    """The sum over what has the same keys. Means of all groups add up to the total exactly."""

    keys: list[ForecastKey]
    """In the order of `by`; none: all that is in no other group, because `first` left it out."""
    series: int
    """How many products at locations it adds up."""
    days: list[ForecastDay]
    """Day by day. Bands take into account how far errors go together at this level."""
    total: ForecastDay
    """The sum of all days, forecast by itself; `day` is the last."""

    @classmethod
    def of(cls, first_day: date, one: ForecastSum) -> Self:
        """Return a group as clients see it."""
        days = days_of(first_day, one.mean, one.quantiles)
        return cls(
            keys=[ForecastKey(level=key.level, id=key.id, label=key.label) for key in one.keys],
            series=one.series,
            days=days,
            total=ForecastDay.of(days[-1].day, one.total_mean, one.total_quantiles),
        )


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastModel:
    """One version of what forecasts: where it comes from, and how good it is."""

    id: ID
    """Identifies the version."""
    version: int
    """Grows by one with each."""
    family: ModelFamily
    """How it forecasts."""
    kind: ModelKind
    """Days, or totals."""
    origin: ModelOrigin
    """Trained, or learned on from another."""
    parent_id: ID | None
    """The version it learned on from."""
    root_id: ID
    """The trained version it comes from."""
    run_id: ID | None
    """The run that made it."""
    status: ModelStatus
    """What it is for now."""
    verdict: Verdict | None
    """What the judge said of it; null: it was not judged."""
    seed: int
    """With it and the same past, the same model is trained again."""
    horizon: int
    """How many days it forecasts."""
    series: int
    """How many products at locations it learned from."""
    first_seen: date
    """The first business day it learned from."""
    last_seen: date
    """The last business day it learned from."""
    is_partial: bool
    """The last day had not ended."""
    trained_through: datetime
    """The moment up to which sales are in it."""
    trained_at: datetime
    """When it was made."""
    promoted_at: datetime | None
    """When it last began to forecast; null: it never did."""
    left_out: int
    """How many products at locations it did not learn from, because all would be too many."""
    metrics: JSON
    """How it did on days it had not seen: wape, mase, rmsse, bias, pinball, coverage90, and the
    horizon and origins of the test; `correlations`: how far errors go together, 0 to 1, by level of
    sums, in a day and in totals; `correlation`: those of one day over everything."""
    baselines: JSON
    """The same of those it was judged beside, by name: weekday_mean and seasonal_naive, which it
    has to beat, lightgbm or network where that was judged too."""

    @classmethod
    def of(cls, row: "ModelRecord | ModelRow") -> Self:
        """Return a version as clients see it."""
        return cls(
            id=ID(str(row.id)),
            version=row.version,
            family=ModelFamily(row.family),
            kind=ModelKind(row.kind),
            origin=ModelOrigin(row.origin),
            parent_id=_id(row.parent_id),
            root_id=ID(str(row.root_id)),
            run_id=_id(row.run_id),
            status=ModelStatus(row.status),
            verdict=None if row.verdict is None else Verdict(row.verdict),
            seed=row.seed,
            horizon=row.horizon,
            series=row.series,
            first_seen=row.first_seen,
            last_seen=row.last_seen,
            is_partial=row.is_partial,
            trained_through=row.trained_through,
            trained_at=row.trained_at,
            promoted_at=row.promoted_at,
            left_out=row.left_out,
            metrics=JSON(row.metrics),
            baselines=JSON(row.baselines),
        )


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastRun:
    """One job that trains or updates."""

    id: ID
    """Identifies the run."""
    kind: RunKind
    """What it does."""
    reason: RunReason
    """Why it was asked for."""
    status: RunStatus
    """How far it is."""
    step: str
    """What it is doing."""
    progress: float
    """How much of it is done, 0 to 1."""
    requested_at: datetime
    """When it was asked for."""
    started_at: datetime | None
    """When a worker took it."""
    ended_at: datetime | None
    """When it ended."""
    model_id: ID | None
    """The model it made, else the one that forecast."""
    promoted: bool | None
    """Whether its model forecasts from then on; null where none was trained, or not yet."""
    verdict: Verdict | None
    """Why, or why not."""
    error_code: str | None
    """Why it failed."""
    error_message: str | None
    """The same in words."""
    left_out: int
    """How many products at locations it did not forecast, because all would be too many."""

    @classmethod
    def of(cls, row: "RunRecord | Run") -> Self:
        """Return a run as clients see it."""
        error = row.error or {}
        return cls(
            id=ID(str(row.id)),
            kind=RunKind(row.kind),
            reason=RunReason(row.reason),
            status=RunStatus(row.status),
            step=row.step,
            progress=round(row.progress, 3),
            requested_at=row.requested_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
            model_id=_id(row.model_id),
            promoted=row.promoted,
            verdict=None if row.verdict is None else Verdict(row.verdict),
            error_code=error.get("code"),
            error_message=error.get("message"),
            left_out=row.left_out,
        )


@seen_with(Scope.FORECAST_READ)
@object_type
class Forecast:
    """What is expected to be sold, with everything one needs to judge it."""

    as_of: datetime
    """When these forecasts were made; where there are none, now."""
    trained_through: datetime | None
    """The moment up to which sales are in them."""
    model: ForecastModel | None
    """What made them; null before anything was trained."""
    coverage90: float | None
    """Share of days within the band of 90 %: of the last four weeks, else of the model's test."""
    series: list[ForecastSeries]
    """The most demanded products at locations."""
    total: ForecastTotal
    """All of them together."""
    groups: list[ForecastGroup]
    """The sums that `by` asks for, the most demanded first."""
    left_out: int
    """How many products at locations of the organisation are sold and not forecast, because all
    would be too many: those that sell least."""
    absence: ForecastAbsence | None
    """Why there is none; null where there are some."""


@seen_with(Scope.FORECAST_READ)
@object_type
class ForecastRunPayload:
    """A run that was asked for."""

    run: ForecastRun
    """How far it is: ask `forecastRun` again, or follow the feed."""


def _id(value: object) -> ID | None:
    return None if value is None else ID(str(value))
