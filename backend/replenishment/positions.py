"""Every product at every location as it stands: stock, terms, what will be wanted of it."""

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
from backend.forecasting.service import ForecastCriteria
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef
from backend.replenishment import statements
from backend.replenishment.errors import TooManyPositions
from backend.replenishment.suggesting import Policy, Stock
from backend.replenishment.supply import supply_book
from backend.replenishment.terms import Supply, Terms
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
    """Positions in the order of location and SKU, with what is expected of each."""

    rows: list[Position]
    expected: list[Expectation]
    totals: Totals

    def stock(self) -> Stock:
        """Return the units of the levels."""
        return Stock(*(self._units(name) for name in Stock.__dataclass_fields__))

    def policy(self) -> Policy:
        """Return the terms."""
        return Policy(
            lead_days=_ints([row.supply.lead_time.value for row in self.rows]),
            review_days=_ints([row.supply.review.value for row in self.rows]),
            service_level=_doubles([row.supply.service_level.value for row in self.rows]),
            pack=_doubles([row.supply.pack_size.value for row in self.rows]),
            minimum=_doubles([row.supply.minimum.value for row in self.rows]),
        )

    def _units(self, name: str) -> Doubles:
        return _doubles([getattr(row, name) for row in self.rows])


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
    rows = await _named(work, found, wanted)
    expected, totals = await _demand(work, rows)
    return Positions(rows, expected, totals)


async def _named(work: Work, found: list[dict[str, Any]], wanted: Terms) -> list[Position]:
    products = await catalogue.products_by_id(work, {row["product_id"] for row in found})
    places = await locations.locations_by_id(work, {row["location_id"] for row in found})
    book = await supply_book(work, wanted)
    return [
        Position(
            product=products[row["product_id"]],
            location=(place := places[row["location_id"]]),
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
            today=place.business_day(work.now),
        )
        for row in found
    ]


async def _demand(work: Work, rows: list[Position]) -> tuple[list[Expectation], Totals]:
    """Return what is expected of each: its forecast, else its past."""
    expected, mean, quantiles = await _forecast(work, rows)
    missing = _ints([n for n, one in enumerate(expected) if one is NOTHING])
    if len(missing):
        past = await _past(work, [rows[n] for n in missing])
        totals = totals_of_past(
            _doubles([one.mean for one in past]), _doubles([one.deviation for one in past]), HORIZON
        )
        mean[missing], quantiles[missing] = totals.mean, totals.quantiles
        for n, one in zip(missing, past, strict=True):
            expected[n] = one
    return expected, Totals(mean, quantiles)


async def _forecast(
    work: Work, rows: list[Position]
) -> tuple[list[Expectation], np.ndarray, np.ndarray]:
    mean = np.zeros((len(rows), HORIZON), np.float32)
    quantiles = np.zeros((len(rows), HORIZON, len(QUANTILES)), np.float32)
    expected = [NOTHING] * len(rows)
    if not rows:
        return expected, mean, quantiles
    criteria = ForecastCriteria(
        product_ids=frozenset(row.product.id for row in rows),
        location_ids=frozenset(row.location.id for row in rows),
    )
    place = {(row.location.id, row.product.id): n for n, row in enumerate(rows)}
    for one in await forecasting.forecasts_of(work, criteria, HORIZON):
        n = place.get((one.location_id, one.product_id))
        if n is None:
            continue
        mean[n], quantiles[n] = one.total_mean, one.total_quantiles
        expected[n] = Expectation(
            DemandBasis.FORECAST,
            demand_class=one.demand_class,
            model_id=one.total_model_id,
            trained_through=one.trained_through,
        )
    return expected, mean, quantiles


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
