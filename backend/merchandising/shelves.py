"""Shelves as they are kept: lists, and one with all that stands on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from tortoise.expressions import Q

from backend.catalogue import service as catalogue
from backend.catalogue.rules import ProductRef
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef
from backend.merchandising import statements
from backend.merchandising.drafts import ShareDraft, ShareKind
from backend.merchandising.models import Shelf as ShelfTable
from backend.merchandising.rules import Board, Size


class ShelfOrder(StrEnum):
    """By what shelves are sorted."""

    CODE = "CODE"
    """By code."""
    NAME = "NAME"
    """By name."""


_COLUMNS: Final = {ShelfOrder.CODE: ("code", "id"), ShelfOrder.NAME: ("name", "id")}


@dataclass(frozen=True, slots=True)
class Shelf:
    """A shelf without what stands on it. `refill_days`: from one refill to the next."""

    id: UUID
    location_id: UUID
    code: str
    name: str
    refill_days: int
    version: int
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A product on a shelf; `size` None: nobody measured it. Boards count from 1, the highest."""

    product: ProductRef
    facings: int
    board: int | None
    least: int | None
    most: int | None
    block: str | None
    size: Size | None


@dataclass(frozen=True, slots=True)
class FullShelf:
    """A shelf with its boards, what stands on it, and the minimum shares of groups."""

    shelf: Shelf
    location: LocationRef
    boards: tuple[Board, ...]
    standings: tuple[Standing, ...]
    shares: tuple[ShareDraft, ...]


@dataclass(frozen=True, slots=True)
class ShelfCriteria:
    """Which shelves; None does not limit. `search` is part of a code or name, in any case."""

    locations: tuple[str, ...] | None = None
    search: str | None = None


async def list_shelves(
    work: Work,
    criteria: ShelfCriteria,
    order: ShelfOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[Shelf]:
    """Return a page of the shelves that may be seen."""
    ordering = Ordering(f"shelves-{order}", _COLUMNS[order], (str, UUID), descending)
    condition = Q()
    if criteria.search is not None:
        search = criteria.search.replace("\x00", "")
        condition &= Q(code__icontains=search) | Q(name__icontains=search)
    if criteria.locations is not None:
        places = await locations.resolve_locations(work, criteria.locations)
        condition &= Q(location_id__in=[place.id for place in places.values()])
    page = await fetch_page(work, ShelfTable.filter(condition), ordering, first, after)
    rows = [(cursor, shelf_of(vars(row))) for cursor, row in page.rows]
    return Page(rows, page.has_next, page.has_previous)


async def full_shelves(work: Work, ids: Sequence[UUID]) -> dict[UUID, FullShelf]:
    """Return shelves with all that stands on them; those not to be seen are absent."""
    org = work.principal.org_id
    found = [shelf_of(row) for row in await work.rows(statements.BY_ID, org, list(ids))]
    kept = [one.id for one in found]
    boards = _by_shelf(await work.rows(statements.BOARDS, org, kept))
    shares = _by_shelf(await work.rows(statements.SHARES, org, kept))
    rows = await work.rows(statements.PRODUCTS, org, kept)
    products = await catalogue.products_by_id(work, {row["product_id"] for row in rows})
    standings = _by_shelf(row for row in rows if row["product_id"] in products)
    places = await locations.locations_by_id(work, {one.location_id for one in found})
    return {
        one.id: FullShelf(
            one,
            places[one.location_id],
            tuple(_board(row) for row in boards.get(one.id, [])),
            tuple(_standing(row, products) for row in standings.get(one.id, [])),
            tuple(
                ShareDraft(ShareKind(row["kind"]), row["name"], row["share"])
                for row in shares.get(one.id, [])
            ),
        )
        for one in found
    }


async def full_shelf(work: Work, id_: UUID) -> FullShelf | None:
    """Return a shelf with all that stands on it; None where there is none to be seen."""
    return (await full_shelves(work, [id_])).get(id_)


def _by_shelf(rows: Iterable[dict[str, Any]]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["shelf_id"], []).append(row)
    return found


def shelf_of(row: dict[str, Any]) -> Shelf:
    """Return the shelf of a database row."""
    return Shelf(
        row["id"],
        row["location_id"],
        row["code"],
        row["name"],
        row["refill_days"],
        row["version"],
        row["updated_at"],
        row["updated_by"],
    )


def _board(row: dict[str, Any]) -> Board:
    return Board(row["width_mm"], row["height_mm"], row["depth_mm"])


def _standing(row: dict[str, Any], products: dict[UUID, ProductRef]) -> Standing:
    return Standing(
        products[row["product_id"]],
        row["facings"],
        row["board"],
        row["least"],
        row["most"],
        row["block"],
        size_of(row),
    )


def size_of(row: dict[str, Any]) -> Size | None:
    """Return the size of a database row; None where it has none."""
    if row["width_mm"] is None:
        return None
    return Size(
        row["width_mm"],
        row["height_mm"],
        row["depth_mm"],
        row["units_per_facing"],
        row["is_stackable"],
    )
