"""What codes and ids stand for: one statement per call, whatever the number of keys."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.catalogue import statements
from backend.catalogue.loaders import price_of, ref_of
from backend.catalogue.rules import Packaged, Price, ProductRef
from backend.core.texts import is_storable
from backend.infra.work import MOST_AT_ONCE, Work


async def resolve_skus(work: Work, skus: Iterable[str]) -> dict[str, ProductRef]:
    """Return the products of these SKUs; unknown ones are absent."""
    rows = await _of(work, statements.PRODUCTS_BY_SKU, _texts(skus))
    return {row["sku"]: ref_of(row) for row in rows}


async def resolve_gtins(work: Work, gtins: Iterable[str]) -> dict[str, Packaged]:
    """Return what these GTINs (14 digits) stand for; unknown ones are absent."""
    rows = await _of(work, statements.PRODUCTS_BY_GTIN, _texts(gtins))
    return {row["gtin"]: Packaged(ref_of(row), row["units"]) for row in rows}


async def products_by_id(work: Work, ids: Iterable[UUID]) -> dict[UUID, ProductRef]:
    """Return the products with these ids; unknown ones are absent."""
    wanted, found = list(dict.fromkeys(ids)), dict[UUID, ProductRef]()
    for begin in range(0, len(wanted), MOST_AT_ONCE):
        part = wanted[begin : begin + MOST_AT_ONCE]
        found |= {
            row["id"]: ref_of(row) for row in await _of(work, statements.PRODUCTS_BY_ID, part)
        }
    return found


async def prices_at(work: Work, wanted: Sequence[tuple[UUID, datetime]]) -> list[Price | None]:
    """Return price and cost of products (by id) at a moment, in the order asked for.

    Before its first period a product has the first one's; None where it never had a price.
    """
    if not wanted:
        return []
    rows = await work.rows(
        statements.PRICES_AT,
        work.principal.org_id,
        [product for product, _ in wanted],
        [moment for _, moment in wanted],
    )
    return [price_of(row) for row in rows]


async def resolve_distributors(work: Work, codes: Iterable[str]) -> dict[str, UUID]:
    """Return the ids of the distributors with these codes; unknown ones are absent."""
    rows = await _of(work, statements.DISTRIBUTOR_IDS, _texts(codes))
    return {row["code"]: row["id"] for row in rows}


async def _of(work: Work, statement: str, keys: list[Any]) -> list[dict[str, Any]]:
    return await work.rows(statement, work.principal.org_id, keys) if keys else []


def _texts(keys: Iterable[str]) -> list[str]:
    # What PostgreSQL cannot hold as text is unknown, not an error.
    return [key for key in dict.fromkeys(keys) if is_storable(key)]
