"""What is planned, by series and day: promotions, list prices, openings. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Final, Protocol
from uuid import UUID

import numpy as np

from backend.catalogue.service import ListPrice, PlannedPromotion
from backend.forecasting.arrays import Floats
from backend.forecasting.demand.panel import Panel
from backend.locations.rules import Weekday

_NO_RATE: Final = 0.1
"""How strong a promotion is taken to be that lowers no price."""
_WEEKDAYS: Final = tuple(Weekday)


class Named(Protocol):
    """A series by its location and product."""

    @property
    def location_id(self) -> UUID:
        """Where."""
        ...

    @property
    def product_id(self) -> UUID:
        """What."""
        ...


def promotions_of(
    series: Sequence[Named], promotions: Sequence[PlannedPromotion], first: date, days: int
) -> Floats:
    """Return how strong promotions are, by series and day: by how much they lower the price."""
    promo = np.zeros((len(series), days), np.float32)
    by_product: dict[UUID, list[int]] = {}
    for row, one in enumerate(series):
        by_product.setdefault(one.product_id, []).append(row)
    for promotion in promotions:
        begin = max((promotion.starts_on - first).days, 0)
        end = min((promotion.ends_on - first).days + 1, days)
        goods, places = promotion.product_ids or list(by_product), set(promotion.location_ids)
        rows = [row for good in goods for row in by_product.get(good, ())
                if not places or series[row].location_id in places]  # fmt: skip
        strength = np.float32(promotion.discount_rate or _NO_RATE)
        promo[rows, begin:end] = np.maximum(promo[rows, begin:end], strength)
    return promo


def prices_of(
    prices: Sequence[ListPrice], products: Sequence[UUID], first: date, days: int
) -> Floats:
    """Return list prices by product and day; NaN where there is none, or nothing is asked.

    Before its first price a product has that one.
    """
    found = np.full((len(products), days), np.nan, np.float32)
    numbers = {one: n for n, one in enumerate(products)}
    seen: set[UUID] = set()
    for price in prices:
        row = numbers[price.product_id]
        begin = (price.valid_from.date() - first).days if price.product_id in seen else 0
        seen.add(price.product_id)
        if begin < days:
            found[row, max(begin, 0) :] = price.price if price.price > 0 else np.nan
    return found


def openings_of(opening_days: Sequence[Sequence[Weekday]], panel: Panel, days: int) -> Floats:
    """Return by location and day whether it opens.

    A location that says nothing, that is: all weekdays, does not open on one it never sells on.
    """
    weekdays = panel.weekday(np.arange(days))
    shut = panel.closed_weekdays()
    opened = np.ones((len(opening_days), days), np.float32)
    for number, said in enumerate(opening_days):
        closed = shut[number] if len(set(said)) == 7 else [one not in said for one in _WEEKDAYS]
        opened[number] = ~np.array(closed, np.bool_)[weekdays]
    return opened
