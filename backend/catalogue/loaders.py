"""What a list of products needs beyond its rows, in one statement per kind.

Each takes distinct ids and answers in their order.
"""

from typing import Any
from uuid import UUID

from backend.catalogue import statements
from backend.catalogue.rules import (
    DistributorDetail,
    Packaging,
    Price,
    ProductDetail,
    ProductRef,
    ProductStatus,
)
from backend.core import attributes
from backend.core.places import Place
from backend.infra.work import Work


async def product_details(work: Work, ids: list[UUID]) -> list[ProductDetail | None]:
    """Return what products are beyond their names; None for an unknown id."""
    rows = await work.rows(statements.PRODUCT_DETAILS, work.principal.org_id, ids)
    found = {row["id"]: detail_of(row) for row in rows}
    return [found.get(id_) for id_ in ids]


async def present_prices(work: Work, ids: list[UUID]) -> list[Price | None]:
    """Return the prices that hold now; None where a product never had one."""
    moments = [work.now] * len(ids)
    rows = await work.rows(statements.PRICES_AT, work.principal.org_id, ids, moments)
    return [price_of(row) for row in rows]


async def packagings(work: Work, ids: list[UUID]) -> list[list[Packaging]]:
    """Return the GTINs of products, single units first."""
    rows = await work.rows(statements.PACKAGINGS, work.principal.org_id, ids)
    found: dict[UUID, list[Packaging]] = {id_: [] for id_ in ids}
    for row in rows:
        found[row["product_id"]].append(Packaging(row["gtin"], row["units"]))
    return list(found.values())


async def distributors(work: Work, ids: list[UUID]) -> list[DistributorDetail | None]:
    """Return distributors; None for an unknown id."""
    rows = await work.rows(statements.DISTRIBUTORS_BY_ID, work.principal.org_id, ids)
    found = {row["id"]: distributor_of(row) for row in rows}
    return [found.get(id_) for id_ in ids]


def ref_of(row: dict[str, Any]) -> ProductRef:
    """Return the product of a database row."""
    return ProductRef(
        row["id"],
        row["sku"],
        row["name"],
        row["category"],
        row["subcategory"],
        row["distributor_id"],
        row["reorder_point"],
    )


def detail_of(row: dict[str, Any]) -> ProductDetail:
    """Return the product of a database row with everything beyond its names."""
    return ProductDetail(
        ref_of(row),
        ProductStatus(row["status"]),
        attributes.decode(row["attributes"]),
        row["updated_at"],
        row["version"],
    )


def price_of(row: dict[str, Any]) -> Price | None:
    """Return the price of a database row; None where it has none."""
    return None if row["price"] is None else Price(row["price"], row["cost"])


def distributor_of(row: dict[str, Any]) -> DistributorDetail:
    """Return the distributor of a database row."""
    return DistributorDetail(
        row["id"],
        row["code"],
        row["name"],
        Place(
            row["latitude"],
            row["longitude"],
            row["city"],
            row["state"],
            row["postal_code"],
            row["region"],
            row["country"],
        ),
        attributes.decode(row["attributes"]),
        row["updated_at"],
        row["version"],
    )
