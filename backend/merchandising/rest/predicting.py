"""What is predicted, product by product, in the words of the older system."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from backend.analytics import service as analytics
from backend.analytics.rules import Measures, Question, SalesDimension
from backend.catalogue import service as catalogue
from backend.catalogue.rules import ProductRef
from backend.core.numbers import ZERO
from backend.forecasting import service as forecasting
from backend.forecasting.service import ForecastCriteria
from backend.infra.work import Work
from backend.merchandising.rest.errors import NothingLearned
from backend.merchandising.service import shelf_shares
from backend.sales.filters import SalesCriteria
from backend.stock import service as stock
from backend.stock.rules import MovementReason


@dataclass(frozen=True, slots=True)
class Prediction:
    """A product: units sold and what was earned with them so far, when it last sold, what is next.

    `predicted_sales` are the units of all days asked for, `share` the part of the shelf in percent.
    """

    name: str
    buy: Decimal
    profit: Decimal
    sold_at: datetime | None
    predicted_sales: float
    share: Decimal

    def document(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return {
            "name": self.name,
            "buy": float(self.buy),
            "profit": float(self.profit),
            "time": None if self.sold_at is None else int(self.sold_at.timestamp()),
            "predicted_sales": round(self.predicted_sales, 4),
            "shelf_space_percentage": float(self.share),
        }


async def predictions(work: Work, days: int) -> list[Prediction]:
    """Return what is expected to be sold from tomorrow on, the most first.

    Shares are those of the planned shelves where any of these products stands on one; else the
    whole shelf is shared out by what is expected to be sold.

    Raises:
        NothingLearned: nothing is forecast yet.
        InvalidHorizon: more days than are forecast, or none.
    """
    ahead = defaultdict[UUID, float](float)
    for one in await forecasting.forecasts_of(work, ForecastCriteria(), days):
        ahead[one.product_id] += float(one.total_mean[-1])
    if not ahead:
        raise NothingLearned("nothing is forecast yet: POST /api/train, then ask again")
    products = await catalogue.products_by_id(work, ahead)
    sold = await _sold(work)
    last = await stock.last_moved(work, products, MovementReason.SALE)
    ordered = sorted(products.values(), key=lambda one: (-ahead[one.id], one.sku))
    shares = await shelf_shares(work, {one.sku: ahead[one.id] for one in ordered})
    return [
        _prediction(one, sold.get(one.sku), last.get(one.id), ahead[one.id], shares[one.sku])
        for one in ordered
    ]


async def _sold(work: Work) -> dict[str | None, Measures]:
    question = Question((SalesDimension.PRODUCT,))
    found = await analytics.summarise(work, question, SalesCriteria())
    return {one.keys[0].id: one.measures for one in found.groups}


def _prediction(
    product: ProductRef,
    sold: Measures | None,
    sold_at: datetime | None,
    ahead: float,
    share: Decimal,
) -> Prediction:
    return Prediction(
        name=product.sku,
        buy=sold.units if sold else ZERO,
        profit=(sold.profit or ZERO) if sold else ZERO,
        sold_at=sold_at,
        predicted_sales=ahead,
        share=share,
    )
