"""What is planned of all products over many days: promotions and prices, for those who forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from backend.infra.work import Work

_PROMOTIONS: Final = """
select starts_on, ends_on, discount_rate::float8 as discount_rate, product_ids, location_ids
  from promotions where org_id = $1 and starts_on <= $3::date and ends_on >= $2::date
 order by starts_on, id limit $4
"""
_PRICES: Final = """
select product_id, valid_from, price::float8 as price from product_prices
 where org_id = $1 and product_id = any($2::uuid[]) order by product_id, valid_from
"""
_DEALT_IN: Final = """
select id from products where org_id = $1 and id = any($2::uuid[]) and status <> 'ARCHIVED'
"""
MOST_PROMOTIONS: Final = 20_000
"""Promotions that are looked at together; later ones are not."""


@dataclass(frozen=True, slots=True)
class PlannedPromotion:
    """A promotion of products at locations, both days inclusive; no products or locations: all."""

    starts_on: date
    ends_on: date
    discount_rate: float
    product_ids: Sequence[UUID]
    location_ids: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class ListPrice:
    """What a product is sold for from a moment on."""

    product_id: UUID
    valid_from: datetime
    price: float


async def promotions_between(work: Work, first: date, last: date) -> list[PlannedPromotion]:
    """Return the promotions that touch these days, the earliest first."""
    rows = await work.rows(_PROMOTIONS, work.principal.org_id, first, last, MOST_PROMOTIONS)
    return [PlannedPromotion(**row) for row in rows]


async def dealt_in(work: Work, products: list[UUID]) -> frozenset[UUID]:
    """Return those of these products that are still dealt in."""
    rows = await work.rows(_DEALT_IN, work.principal.org_id, products)
    return frozenset(row["id"] for row in rows)


async def price_list(work: Work, products: list[UUID]) -> list[ListPrice]:
    """Return all prices these products ever had or will have, by product, the earliest first."""
    rows = await work.rows(_PRICES, work.principal.org_id, products)
    return [ListPrice(**row) for row in rows]
