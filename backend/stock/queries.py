"""Lists of levels and movements."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from tortoise.expressions import Q, RawSQL

from backend.catalogue import service as catalogue
from backend.catalogue.rules import ProductRef
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef
from backend.stock.models import StockLevel, StockMovement
from backend.stock.rules import Level, MovementReason


class LevelOrder(StrEnum):
    """By what levels are sorted."""

    SKU = "SKU"
    """By SKU, then location."""
    LOCATION = "LOCATION"
    """By location code, then SKU."""
    ON_HAND = "ON_HAND"
    """By units on hand."""
    UPDATED_AT = "UPDATED_AT"
    """By the time of the last change."""


class MovementOrder(StrEnum):
    """By what movements are sorted."""

    RECORDED_AT = "RECORDED_AT"
    """By the time the ledger learnt of them."""
    OCCURRED_AT = "OCCURRED_AT"
    """By the time they happened."""


_ORDERS: Final = {
    LevelOrder.SKU: (("product__sku", "location__code", "id"), (str, str, UUID)),
    LevelOrder.LOCATION: (("location__code", "product__sku", "id"), (str, str, UUID)),
    LevelOrder.ON_HAND: (("on_hand", "id"), (Decimal, UUID)),
    LevelOrder.UPDATED_AT: (("updated_at", "id"), (datetime, UUID)),
}
# Spelt out: Tortoise leaves F() unqualified, and joined tables share column names.
_FREE: Final = "stock_levels.on_hand - stock_levels.committed - stock_levels.unavailable"
_ABOVE: Final = f"{_FREE} - stock_levels.reorder_point"


@dataclass(frozen=True, slots=True)
class LevelCriteria:
    """Which levels; None does not limit."""

    skus: frozenset[str] | None = None
    locations: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    below_reorder_point: bool | None = None
    out_of_stock: bool | None = None
    oversold: bool | None = None

    def admits(self, level: Level) -> bool:
        """Tell whether a level meets them."""
        product, place = level.product, level.location
        point = level.reorder_point
        below = point is not None and level.available <= point
        return (
            (self.skus is None or product.sku in self.skus)
            and (self.locations is None or place.code in self.locations)
            and (self.categories is None or product.category in self.categories)
            and self.below_reorder_point in (None, below)
            and self.out_of_stock in (None, level.available <= 0)
            and self.oversold in (None, level.is_oversold)
        )


@dataclass(frozen=True, slots=True)
class MovementCriteria:
    """Which movements; None does not limit. `occurred_from` is inclusive, `occurred_to` is not."""

    skus: frozenset[str] | None = None
    locations: frozenset[str] | None = None
    reasons: frozenset[MovementReason] | None = None
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class FoundMovement:
    """A movement with what it names."""

    row: StockMovement
    product: ProductRef
    location: LocationRef


async def levels(
    work: Work,
    criteria: LevelCriteria,
    order: LevelOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[Level]:
    """Return a page of levels.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    columns, types = _ORDERS[order]
    ordering = Ordering(f"levels-{order}", columns, types, descending)
    query = StockLevel.filter(_level_conditions(criteria))
    if criteria.below_reorder_point is not None or criteria.out_of_stock is not None:
        query = query.annotate(free=RawSQL(_FREE), above=RawSQL(_ABOVE))
        query = query.filter(_availability(criteria))
    page = await fetch_page(work, query, ordering, first, after)
    found = await names(work, [vars(row) for _, row in page.rows])
    made = [
        (cursor, _level(row, product, place))
        for (cursor, row), (product, place) in zip(page.rows, found, strict=True)
    ]
    return replace(page, rows=made)


async def movements(
    work: Work,
    criteria: MovementCriteria,
    order: MovementOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[FoundMovement]:
    """Return a page of the ledger.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    columns = ("recorded_at" if order is MovementOrder.RECORDED_AT else "occurred_at", "id")
    ordering = Ordering(f"movements-{order}", columns, (datetime, UUID), descending)
    condition = Q()
    if criteria.skus is not None:
        condition &= Q(product__sku__in=list(criteria.skus))
    if criteria.locations is not None:
        condition &= Q(location__code__in=list(criteria.locations))
    if criteria.reasons is not None:
        condition &= Q(reason__in=[reason.value for reason in criteria.reasons])
    if criteria.occurred_from is not None:
        condition &= Q(occurred_at__gte=criteria.occurred_from)
    if criteria.occurred_to is not None:
        condition &= Q(occurred_at__lt=criteria.occurred_to)
    page = await fetch_page(work, StockMovement.filter(condition), ordering, first, after)
    found = await names(work, [vars(row) for _, row in page.rows])
    made = [
        (cursor, FoundMovement(row, product, place))
        for (cursor, row), (product, place) in zip(page.rows, found, strict=True)
    ]
    return replace(page, rows=made)


async def names(work: Work, rows: list[dict[str, Any]]) -> list[tuple[ProductRef, LocationRef]]:
    """Return product and location of each row, in two statements for all of them."""
    products = await catalogue.products_by_id(work, {row["product_id"] for row in rows})
    places = await locations.locations_by_id(work, {row["location_id"] for row in rows})
    return [(products[row["product_id"]], places[row["location_id"]]) for row in rows]


def _level_conditions(criteria: LevelCriteria) -> Q:
    condition = Q()
    if criteria.skus is not None:
        condition &= Q(product__sku__in=list(criteria.skus))
    if criteria.locations is not None:
        condition &= Q(location__code__in=list(criteria.locations))
    if criteria.categories is not None:
        condition &= Q(product__category__name__in=list(criteria.categories))
    if criteria.oversold is not None:
        condition &= Q(on_hand__lt=0) if criteria.oversold else Q(on_hand__gte=0)
    return condition


def _availability(criteria: LevelCriteria) -> Q:
    condition = Q()
    if criteria.below_reorder_point is not None:
        above = Q(above__gt=0) | Q(reorder_point__isnull=True)
        condition &= Q(above__lte=0) if criteria.below_reorder_point else above
    if criteria.out_of_stock is not None:
        condition &= Q(free__lte=0) if criteria.out_of_stock else Q(free__gt=0)
    return condition


def _level(row: StockLevel, product: ProductRef, place: LocationRef) -> Level:
    return Level(
        row.id,
        product,
        place,
        row.on_hand,
        row.committed,
        row.unavailable,
        row.incoming,
        row.reorder_point,
        row.version,
        row.updated_at,
    )
