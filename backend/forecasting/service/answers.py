"""What is forecast, as it is stored: nothing is computed here."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import numpy as np

from backend.catalogue import service as catalogue
from backend.catalogue.errors import UnknownLocation, UnknownProduct
from backend.forecasting import statements
from backend.forecasting.arrays import Floats, Ints
from backend.forecasting.errors import InvalidHorizon, TooManySeries
from backend.forecasting.rules import QUANTILES, DemandClass
from backend.infra.work import Work
from backend.locations import service as locations

MOST_SERIES: Final = 200_000
"""Products and locations whose forecasts one question may read."""
HORIZON: Final = 28
"""Days that are always forecast, and asked for where nobody says how many."""
MOST_HORIZON: Final = 91
"""Days that an installation can be set to forecast."""


@dataclass(frozen=True, slots=True)
class ForecastCriteria:
    """Which forecasts: SKUs and codes of locations, or ids of either; None does not limit.

    More than `most` series are refused.
    """

    products: frozenset[str] | None = None
    locations: frozenset[str] | None = None
    product_ids: frozenset[UUID] | None = None
    location_ids: frozenset[UUID] | None = None
    most: int = MOST_SERIES


@dataclass(frozen=True, slots=True, eq=False)
class SeriesForecast:
    """What is forecast of one product at one location, from `first_day` on.

    `quantiles` [day, level] has the levels of QUANTILES. `total_mean` and `total_quantiles` are
    the same of the sums from the first day to each. `trained_through` is the moment up to which
    sales are in it.
    """

    location_id: UUID
    product_id: UUID
    first_day: date
    mean: Floats
    quantiles: Floats
    total_mean: Floats
    total_quantiles: Floats
    demand_class: DemandClass
    model_id: UUID
    total_model_id: UUID
    trained_through: datetime
    made_at: datetime


@dataclass(frozen=True, slots=True)
class TotalsMade:
    """What forecasts of totals have in common: class of demand, model, the moment up to which."""

    demand_class: DemandClass
    model_id: UUID
    trained_through: datetime


@dataclass(frozen=True, slots=True, eq=False)
class TotalForecasts:
    """What is forecast of many series from the first day to each: `mean` [series, day] and so on.

    `keys` has location and product of each, 16 bytes both; `quantiles` [series, day, level] the
    levels of QUANTILES; `group` the number of each one's maker among `made`.
    """

    keys: bytes
    mean: Floats
    quantiles: Floats
    group: Ints
    made: Sequence[TotalsMade]


async def totals_of(
    work: Work,
    product_ids: Collection[UUID],
    location_ids: Collection[UUID],
    horizon: int = HORIZON,
) -> TotalForecasts:
    """Return the totals of what is forecast of these products at these locations, in no order."""
    rows = await work.rows(
        statements.TOTALS, work.principal.org_id, list(product_ids), list(location_ids), horizon
    )
    return await asyncio.to_thread(_totals, rows, horizon)


async def forecasts_of(
    work: Work, criteria: ForecastCriteria, horizon: int = HORIZON
) -> list[SeriesForecast]:
    """Return what is forecast of what the principal sees, the most demanded first.

    What nothing was sold of for a year is forecast nowhere: it is absent.

    Raises:
        InvalidHorizon: it is not 1 to as many days as are forecast.
        UnknownProduct: a SKU is not there.
        UnknownLocation: a code is not there.
        TooManySeries: more than the criteria allow.
    """
    most = await days_forecast(work)
    if not 1 <= horizon <= most:
        raise InvalidHorizon(
            f"{most} days are forecast: horizon is 1 to {most}",
            field=["horizon"], value=horizon, limit=most,
        )  # fmt: skip
    rows = await work.rows(
        statements.FORECASTS,
        work.principal.org_id,
        await _products(work, criteria),
        await _locations(work, criteria),
        criteria.most + 1,
        horizon,
    )
    if len(rows) > criteria.most:
        raise TooManySeries(
            f"more than {criteria.most} products and locations: choose some",
            field=["products"], limit=criteria.most,
        )  # fmt: skip
    return [_series(row) for row in rows]


async def days_forecast(work: Work) -> int:
    """Return for how many days there are forecasts; where there are none, how many there can be.

    All forecasts of an organisation are made together, by one model.
    """
    row = await work.row(statements.DAYS_FORECAST, work.principal.org_id)
    return MOST_HORIZON if row is None else row["days"]


async def left_out(work: Work) -> int:
    """Return how many series the last run did not forecast, because there were too many."""
    row = await work.row(statements.LEFT_OUT, work.principal.org_id)
    return 0 if row is None else row["left_out"]


async def live_coverage(work: Work, criteria: ForecastCriteria) -> float | None:
    """Return the share of days of the last four weeks within the band of 90 %; None: none ended."""
    row = await work.row(
        statements.LIVE,
        work.principal.org_id,
        await _products(work, criteria),
        await _locations(work, criteria),
        (work.now - timedelta(days=29)).date(),
    )
    return float(row["covered"] / row["scored"]) if row and row["scored"] else None


async def _products(work: Work, criteria: ForecastCriteria) -> list[UUID] | None:
    if criteria.products is None:
        return _sorted(criteria.product_ids)
    found = await catalogue.resolve_skus(work, criteria.products)
    for sku in sorted(criteria.products - found.keys()):
        raise UnknownProduct(f"no product {sku!r}", field=["products"], value=sku[:60])
    ids = {one.id for one in found.values()}
    return _sorted(ids if criteria.product_ids is None else ids & criteria.product_ids)


async def _locations(work: Work, criteria: ForecastCriteria) -> list[UUID] | None:
    if criteria.locations is None:
        return _sorted(criteria.location_ids)
    found = await locations.resolve_locations(work, criteria.locations)
    for code in sorted(criteria.locations - found.keys()):
        raise UnknownLocation(f"no location {code!r}", field=["locations"], value=code[:60])
    ids = {one.id for one in found.values()}
    return _sorted(ids if criteria.location_ids is None else ids & criteria.location_ids)


def _sorted(ids: Collection[UUID] | None) -> list[UUID] | None:
    return None if ids is None else sorted(ids)


def _series(row: dict[str, Any]) -> SeriesForecast:
    return SeriesForecast(
        location_id=row["location_id"],
        product_id=row["product_id"],
        first_day=row["first_day"],
        mean=_array(row["mean"]),
        quantiles=_array(row["quantiles"]).reshape(-1, len(QUANTILES)),
        total_mean=_array(row["total_mean"]),
        total_quantiles=_array(row["total_quantiles"]).reshape(-1, len(QUANTILES)),
        demand_class=DemandClass[row["demand_class"]],
        model_id=row["model_id"],
        total_model_id=row["total_model_id"],
        trained_through=row["trained_through"],
        made_at=row["made_at"],
    )


def _totals(rows: Sequence[dict[str, Any]], horizon: int) -> TotalForecasts:
    numbers = dict[TotalsMade, int]()
    makers = [
        TotalsMade(DemandClass[row["demand_class"]], row["total_model_id"], row["trained_through"])
        for row in rows
    ]
    groups = np.array([numbers.setdefault(one, len(numbers)) for one in makers], np.int64)
    keys = [row["keys"] for row in rows]
    return TotalForecasts(
        keys=b"".join(keys),
        mean=_arrays([row["mean"] for row in rows], horizon),
        quantiles=_arrays([row["quantiles"] for row in rows], horizon * len(QUANTILES)).reshape(
            -1, horizon, len(QUANTILES)
        ),
        group=np.repeat(groups, [len(one) // 32 for one in keys]),
        made=list(numbers),
    )


_HEAD: Final = 20
"""Bytes before the values of an array of one dimension, as PostgreSQL sends it."""
_SENT: Final = np.dtype([("length", ">i4"), ("value", ">f4")])


def _array(sent: bytes) -> Floats:
    return np.frombuffer(sent, _SENT, offset=_HEAD)["value"].astype(np.float32)


def _arrays(sent: Sequence[bytes], length: int) -> Floats:
    """Return arrays of the same length below one another, any number of them in each part."""
    form = np.dtype([("head", f"V{_HEAD}"), ("sent", _SENT, (length,))])
    return np.frombuffer(b"".join(sent), form)["sent"]["value"].astype(np.float32)
