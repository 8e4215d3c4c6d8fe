"""What is wanted of products at a location: in a week, and until the next refill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from backend.analytics import service as analytics
from backend.analytics.rules import Question, SalesDimension, SummaryOrder
from backend.catalogue import service as catalogue
from backend.forecasting import service as forecasting
from backend.forecasting.rules import HIGH
from backend.forecasting.service import ForecastCriteria, SeriesForecast
from backend.infra.work import Work
from backend.locations.rules import LocationRef
from backend.merchandising.quantiles import demand_quantile
from backend.merchandising.rules import COVERED
from backend.sales.filters import SalesCriteria

PAST_DAYS: Final = 56
_WEEK: Final = 7


class DemandSource(StrEnum):
    """From what a plan knows what is wanted."""

    FORECAST = "FORECAST"
    """From the forecast of the next weeks."""
    PAST_SALES = "PAST_SALES"
    """From what was sold in the last eight weeks: nothing is forecast there yet."""


@dataclass(frozen=True, slots=True)
class ProductDemand:
    """Units a week, and what is not exceeded 95 times of 100 until the next refill."""

    weekly: float
    until_refill: float


@dataclass(frozen=True, slots=True)
class Demand:
    """What is wanted at a location, by SKU; what is absent is not.

    `through`: the moment up to which sales are in it.
    """

    source: DemandSource
    through: datetime
    by_sku: Mapping[str, ProductDemand]

    def of(self, sku: str) -> ProductDemand:
        """Return what is wanted of a product."""
        return self.by_sku.get(sku, NOTHING)


NOTHING: Final = ProductDemand(0.0, 0.0)


async def demand_of(
    work: Work, location: LocationRef, skus: Sequence[str], refill_days: int
) -> Demand:
    """Return what is wanted of products at a location: as forecast, else as it was."""
    found = await _forecast(work, location, skus, refill_days)
    return found or await _past_sales(work, location, skus, refill_days)


async def _forecast(
    work: Work, location: LocationRef, skus: Sequence[str], refill_days: int
) -> Demand | None:
    """Return demand as it is forecast; None where nothing is forecast there.

    A week is the mean of the days ahead. Until the refill: the total of the first days, or the
    busiest single day where that is more.
    """
    products = await catalogue.resolve_skus(work, skus)
    criteria = ForecastCriteria(
        product_ids=frozenset(one.id for one in products.values()),
        location_ids=frozenset({location.id}),
    )
    found = {one.product_id: one for one in await forecasting.forecasts_of(work, criteria)}
    if not found:
        return None
    return Demand(
        DemandSource.FORECAST,
        min(one.trained_through for one in found.values()),
        {
            sku: _ahead(found[product.id], refill_days)
            for sku, product in products.items()
            if product.id in found
        },
    )


def _ahead(one: SeriesForecast, refill_days: int) -> ProductDemand:
    total = float(one.total_quantiles[min(refill_days, len(one.total_quantiles)) - 1, HIGH])
    busiest = float(one.quantiles[:_WEEK, HIGH].max())
    return ProductDemand(float(one.mean.mean()) * _WEEK, max(total, busiest, 0.0))


async def _past_sales(
    work: Work, location: LocationRef, skus: Sequence[str], refill_days: int
) -> Demand:
    """Return demand as it was in the last eight weeks, or since the first sale in them.

    Days are taken to be independent of one another: so variances add up until the refill.
    """
    last = location.business_day(work.now) - timedelta(days=1)
    place = SalesCriteria(
        first_day=last - timedelta(days=PAST_DAYS - 1),
        last_day=last,
        locations=frozenset({location.code}),
    )
    days = await _days_open(work, place, last)
    chosen = SalesCriteria(
        first_day=place.first_day,
        last_day=last,
        locations=place.locations,
        skus=frozenset(skus),
    )
    found = await analytics.unit_squares(work, SalesDimension.PRODUCT, SalesDimension.DAY, chosen)
    wanted: dict[str, ProductDemand] = {}
    for sku, (units, squares) in found.items():
        if sku is not None and units > 0:
            mean = float(units) / days
            spread = max(float(squares) / days - mean * mean, 0.0)
            reach = demand_quantile(mean * refill_days, spread * refill_days, COVERED)
            wanted[sku] = ProductDemand(mean * _WEEK, reach)
    return Demand(DemandSource.PAST_SALES, work.now, wanted)


async def _days_open(work: Work, criteria: SalesCriteria, last: date) -> int:
    """Return the days from the first sale at the location on, at most all of them."""
    question = Question((SalesDimension.DAY,), SummaryOrder.KEY, descending=False, top=1)
    found = await analytics.summarise(work, question, criteria)
    first = next((group.keys[0].id for group in found.groups), None)
    return (last - date.fromisoformat(first)).days + 1 if first else PAST_DAYS
