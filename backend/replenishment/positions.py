"""Every product at every location as it stands: stock, terms, what will be wanted of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import numpy as np

from backend.catalogue import service as catalogue
from backend.catalogue.rules import ProductRef
from backend.core.texts import is_storable
from backend.forecasting import service as forecasting
from backend.forecasting.arrays import Doubles, Ints
from backend.forecasting.rules import QUANTILES, DemandClass
from backend.forecasting.service import TotalForecasts
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef
from backend.replenishment import statements
from backend.replenishment.errors import TooManyPositions
from backend.replenishment.suggesting import Policy, Stock
from backend.replenishment.supply import supply_book
from backend.replenishment.terms import Supply, SupplyBook, Terms
from backend.replenishment.totals import Totals, totals_of_past

MOST_POSITIONS: Final = 50_000
HORIZON: Final = 28
PAST: Final = timedelta(days=56)
"""What is not forecast is expected to sell as in these days."""


class DemandBasis(StrEnum):
    """From what demand is expected."""

    FORECAST = "FORECAST"
    """From the forecast of its total up to the day."""
    PAST = "PAST"
    """From mean and spread of past days: there is no forecast of it."""
    NONE = "NONE"
    """It did not sell."""


@dataclass(frozen=True, slots=True)
class SupplyCriteria:
    """Which products and locations, by codes and names; None does not limit."""

    skus: frozenset[str] | None = None
    locations: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    distributors: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """From what the demand of one position is expected.

    `mean`, `deviation` and `days` are those of past days where they are the basis; the class, the
    model and the moment those of the forecast where it is.
    """

    basis: DemandBasis
    mean: float = 0.0
    deviation: float = 0.0
    days: int = 0
    demand_class: DemandClass | None = None
    model_id: UUID | None = None
    trained_through: datetime | None = None


NOTHING: Final = Expectation(DemandBasis.NONE)


@dataclass(frozen=True, slots=True)
class Position:
    """A product at a location."""

    product: ProductRef
    location: LocationRef
    on_hand: Decimal
    committed: Decimal
    unavailable: Decimal
    incoming: Decimal
    own_point: Decimal | None
    distributor: str | None
    distributor_name: str | None
    pack_gtin: str | None
    price: Decimal | None
    cost: Decimal | None
    supply: Supply
    today: date


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Positions in the order of location and SKU, with what is expected of each.

    `stock` and `policy` are their levels and terms as arrays.
    """

    rows: list[Position]
    expected: list[Expectation]
    totals: Totals
    stock: Stock
    policy: Policy


async def positions(work: Work, criteria: SupplyCriteria, wanted: Terms) -> Positions:
    """Return what is dealt in and has a level, in the order of location and SKU.

    `wanted` are terms that count before those that are settled.

    Raises:
        TooManyPositions: more than one answer goes through.
    """
    found = await work.rows(
        statements.POSITIONS,
        work.principal.org_id,
        *(_texts(getattr(criteria, name)) for name in SupplyCriteria.__dataclass_fields__),
        MOST_POSITIONS + 1,
    )
    if len(found) > MOST_POSITIONS:
        raise TooManyPositions(
            f"more than {MOST_POSITIONS} products at locations: choose locations or categories",
            field=["filter"],
            limit=MOST_POSITIONS,
        )
    products = await catalogue.products_by_id(work, {row["product_id"] for row in found})
    places = await locations.locations_by_id(work, {row["location_id"] for row in found})
    book = await supply_book(work, wanted)
    rows = await asyncio.to_thread(_named, found, products, places, book, work.now)
    expected, totals = await _demand(work, rows)
    return await asyncio.to_thread(_positions, rows, expected, totals)


def _positions(rows: list[Position], expected: list[Expectation], totals: Totals) -> Positions:
    names = Stock.__dataclass_fields__
    stock = Stock(*(_doubles([getattr(row, name) for row in rows]) for name in names))
    supplies = [row.supply for row in rows]
    policy = Policy(
        lead_days=_ints([one.lead_time.value for one in supplies]),
        review_days=_ints([one.review.value for one in supplies]),
        service_level=_doubles([one.service_level.value for one in supplies]),
        pack=_doubles([one.pack_size.value for one in supplies]),
        minimum=_doubles([one.minimum.value for one in supplies]),
    )
    return Positions(rows, expected, totals, stock, policy)


def _named(
    found: list[dict[str, Any]],
    products: Mapping[UUID, ProductRef],
    places: Mapping[UUID, LocationRef],
    book: SupplyBook,
    now: datetime,
) -> list[Position]:
    today = {key: place.business_day(now) for key, place in places.items()}
    return [
        Position(
            product=products[row["product_id"]],
            location=places[row["location_id"]],
            on_hand=row["on_hand"],
            committed=row["committed"],
            unavailable=row["unavailable"],
            incoming=row["incoming"],
            own_point=row["reorder_point"],
            distributor=row["distributor"],
            distributor_name=row["distributor_name"],
            pack_gtin=row["pack_gtin"],
            price=row["price"],
            cost=row["cost"],
            supply=book.supply(
                row["distributor_id"], row["product_id"], row["location_id"], row["pack"]
            ),
            today=today[row["location_id"]],
        )
        for row in found
    ]


async def _demand(work: Work, rows: list[Position]) -> tuple[list[Expectation], Totals]:
    """Return what is expected of each: its forecast, else its past."""
    if not rows:
        return [], totals_of_past(np.zeros(0), np.zeros(0), HORIZON)
    said = await forecasting.totals_of(
        work, {row.product.id for row in rows}, {row.location.id for row in rows}, HORIZON
    )
    expected, totals = await asyncio.to_thread(_forecast, rows, said)
    missing = [n for n, one in enumerate(expected) if one is NOTHING]
    if missing:
        past = await _past(work, [rows[n] for n in missing])
        made = totals_of_past(
            _doubles([one.mean for one in past]), _doubles([one.deviation for one in past]), HORIZON
        )
        totals.mean[missing], totals.quantiles[missing] = made.mean, made.quantiles
        for n, one in zip(missing, past, strict=True):
            expected[n] = one
    return expected, totals


def _forecast(rows: list[Position], said: TotalForecasts) -> tuple[list[Expectation], Totals]:
    """Return what is forecast of each, in the order of the positions; else nothing."""
    place = {key: n for n, key in enumerate(said.series)}
    found = _ints([place.get((row.location.id, row.product.id), -1) for row in rows])
    is_known, expected = found >= 0, [NOTHING] * len(rows)
    mean = np.zeros((len(rows), HORIZON), np.float32)
    quantiles = np.zeros((len(rows), HORIZON, len(QUANTILES)), np.float32)
    mean[is_known], quantiles[is_known] = (
        said.mean[found[is_known]],
        said.quantiles[found[is_known]],
    )
    for n in np.flatnonzero(is_known).tolist():
        at = int(found[n])
        expected[n] = Expectation(
            DemandBasis.FORECAST,
            demand_class=said.demand_class[at],
            model_id=said.model_id[at],
            trained_through=said.trained_through[at],
        )
    return expected, Totals(mean, quantiles)


async def _past(work: Work, rows: list[Position]) -> list[Expectation]:
    today = min(row.today for row in rows)
    found = await work.rows(
        statements.PAST,
        work.principal.org_id,
        list({row.product.id for row in rows}),
        today - PAST,
        today,
    )
    by_key = {(one["location_id"], one["product_id"]): one for one in found}
    sold = [by_key.get((row.location.id, row.product.id)) for row in rows]
    return [
        NOTHING
        if one is None
        else Expectation(DemandBasis.PAST, one["mean"], one["deviation"], one["days"])
        for one in sold
    ]


def _texts(values: frozenset[str] | None) -> list[str] | None:
    return None if values is None else sorted(one for one in values if is_storable(one))


def _ints(values: list[int]) -> Ints:
    return np.array(values, np.int64)


def _doubles(values: list[Any]) -> Doubles:
    return np.array([float(one) for one in values], np.float64)
