"""Lists of products and categories."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from tortoise.expressions import Q

from backend.catalogue import loaders, statements
from backend.catalogue.models import Product
from backend.catalogue.rules import Category, ProductDetail, ProductStatus
from backend.catalogue.service.references import resolve_gtins, resolve_skus
from backend.core.identifiers import Gtin
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work


class ProductOrder(StrEnum):
    """By what products are sorted."""

    SKU = "SKU"
    """By SKU."""
    NAME = "NAME"
    """By name."""
    UPDATED_AT = "UPDATED_AT"
    """By the time of the last change."""


_ORDERS: Final = {
    ProductOrder.SKU: (("sku", "id"), (str, UUID)),
    ProductOrder.NAME: (("name", "id"), (str, UUID)),
    ProductOrder.UPDATED_AT: (("updated_at", "id"), (datetime, UUID)),
}


@dataclass(frozen=True, slots=True)
class ProductCriteria:
    """Which products; None does not limit. `search` is part of a SKU or name, in any case."""

    skus: tuple[str, ...] | None = None
    search: str | None = None
    categories: tuple[str, ...] | None = None
    subcategories: tuple[str, ...] | None = None
    distributors: tuple[str, ...] | None = None
    statuses: tuple[ProductStatus, ...] | None = None
    gtin: str | None = None


async def list_products(
    work: Work,
    criteria: ProductCriteria,
    order: ProductOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[ProductDetail]:
    """Return a page of products, loaded, in two statements.

    Raises:
        InvalidGtin: the GTIN looked for cannot be one.
        TooMuch, InvalidCursor: see `fetch_page`.
    """
    columns, types = _ORDERS[order]
    ordering = Ordering(f"products-{order}", columns, types, descending)
    query = Product.filter(await _condition(work, criteria))
    page = await fetch_page(work, query, ordering, first, after)
    found = await loaders.product_details(work, [row.id for _, row in page.rows])
    rows = [(cursor, one) for (cursor, _), one in zip(page.rows, found, strict=True) if one]
    return replace(page, rows=rows)


async def find_product(work: Work, sku: str) -> ProductDetail | None:
    """Return the product with this SKU, loaded; None where there is none."""
    ref = (await resolve_skus(work, [sku])).get(sku)
    return (await loaders.product_details(work, [ref.id]))[0] if ref else None


async def list_categories(work: Work) -> list[Category]:
    """Return all categories by name."""
    rows = await work.rows(statements.CATEGORIES, work.principal.org_id)
    below: dict[UUID, list[str]] = {row["id"]: [] for row in rows if row["parent_id"] is None}
    for row in rows:
        if row["parent_id"] in below:
            below[row["parent_id"]].append(row["name"])
    return [
        Category(row["id"], row["name"], tuple(below[row["id"]]))
        for row in rows
        if row["id"] in below
    ]


async def _condition(work: Work, criteria: ProductCriteria) -> Q:
    condition = Q()
    if criteria.search is not None:
        condition &= Q(sku__icontains=criteria.search) | Q(name__icontains=criteria.search)
    for column, values in (
        ("sku", criteria.skus),
        ("category__name", criteria.categories),
        ("subcategory__name", criteria.subcategories),
        ("distributor__code", criteria.distributors),
        ("status", criteria.statuses),
    ):
        if values is not None:
            wanted: dict[str, Any] = {f"{column}__in": [str(value) for value in values]}
            condition &= Q(**wanted)
    if criteria.gtin is not None:
        gtin = Gtin(criteria.gtin, field=["filter", "gtin"])
        found = await resolve_gtins(work, [gtin])
        condition &= Q(id__in=[one.product.id for one in found.values()])
    return condition
