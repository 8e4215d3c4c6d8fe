"""Lists of pieces, one piece, and how many tags are read."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
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
from backend.pieces import statements
from backend.pieces.models import Piece
from backend.pieces.register import PieceKey
from backend.pieces.rules import PieceState

MOST_SIGHTINGS: Final = 20


class PieceOrder(StrEnum):
    """By what pieces are sorted."""

    CHANGED_AT = "CHANGED_AT"
    """By the time the register learnt of their last change; sightings are none."""
    SERIAL = "SERIAL"
    """By GTIN, then serial number."""


_ORDERS: Final = {
    PieceOrder.CHANGED_AT: (("changed_at", "id"), (datetime, UUID)),
    PieceOrder.SERIAL: (("gtin", "serial"), (str, str)),
}


@dataclass(frozen=True, slots=True)
class PieceCriteria:
    """Which pieces; None does not limit."""

    skus: frozenset[str] | None = None
    locations: frozenset[str] | None = None
    states: frozenset[PieceState] | None = None
    gtins: frozenset[str] | None = None
    is_suspect: bool | None = None


@dataclass(frozen=True, slots=True)
class FoundPiece:
    """A piece with what it names; a place is None where there is none, or out of sight."""

    row: Piece
    product: ProductRef
    location: LocationRef | None
    stock_location: LocationRef | None


@dataclass(frozen=True, slots=True)
class TagMinute:
    """How many reads, and of how many pieces, there were in a minute at a place."""

    minute: datetime
    location: LocationRef
    reads: int
    pieces: int


@dataclass(frozen=True, slots=True)
class ExpiringStock:
    """Units of a product that count as stock of a location, and expire on one day."""

    location_id: UUID
    product_id: UUID
    expires_on: date
    units: Decimal


async def expiring_stock(work: Work) -> list[ExpiringStock]:
    """Return what is in stock and says when it expires, what has expired included."""
    rows = await work.rows(statements.EXPIRING, work.principal.org_id)
    return [ExpiringStock(**row) for row in rows]


async def list_pieces(
    work: Work,
    criteria: PieceCriteria,
    order: PieceOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[FoundPiece]:
    """Return a page of the register.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    columns, types = _ORDERS[order]
    ordering = Ordering(f"pieces-{order}", columns, types, descending)
    page = await fetch_page(work, Piece.filter(_conditions(criteria)), ordering, first, after)
    found = await _named(work, [row for _, row in page.rows])
    return replace(
        page, rows=[(cursor, piece) for (cursor, _), piece in zip(page.rows, found, strict=True)]
    )


async def find_piece(work: Work, key: PieceKey) -> FoundPiece | None:
    """Return a piece by GTIN and serial; None where it was never read, or is out of sight."""
    gtin, serial = key
    rows = await Piece.filter(gtin=gtin, serial=serial).using_db(work.tx)
    found = await _named(work, rows)
    return found[0] if found else None


async def sightings(work: Work, keys: list[PieceKey]) -> list[list[dict[str, Any]]]:
    """Return the last reads of each piece that are still kept, latest first, at most 20."""
    gtins, serials = [gtin for gtin, _ in keys], [serial for _, serial in keys]
    rows = await work.rows(
        statements.SIGHTINGS, work.principal.org_id, gtins, serials, MOST_SIGHTINGS
    )
    places = await locations.locations_by_id(work, {row["location_id"] for row in rows})
    found: dict[PieceKey, list[dict[str, Any]]] = {key: [] for key in keys}
    for row in rows:
        seen = row | {"location": places.get(row["location_id"])}
        found[(row["gtin"], row["serial"])].append(seen)
    for reads in found.values():
        reads.sort(key=lambda read: read["observed_at"], reverse=True)
    return [found[key] for key in keys]


async def traffic(work: Work, span: timedelta) -> list[TagMinute]:
    """Return the minutes of the last `span`, oldest first, the current one included."""
    since = work.now.replace(second=0, microsecond=0) - span
    rows = await work.rows(statements.MINUTES, work.principal.org_id, since)
    places = await locations.locations_by_id(work, {row["location_id"] for row in rows})
    return [
        TagMinute(row["minute"], places[row["location_id"]], row["reads"], row["pieces"])
        for row in rows
    ]


def _conditions(criteria: PieceCriteria) -> Q:
    condition = Q()
    if criteria.skus is not None:
        condition &= Q(product__sku__in=list(criteria.skus))
    if criteria.locations is not None:
        condition &= Q(location__code__in=list(criteria.locations))
    if criteria.states is not None:
        condition &= Q(state__in=[state.value for state in criteria.states])
    if criteria.gtins is not None:
        condition &= Q(gtin__in=list(criteria.gtins))
    if criteria.is_suspect is not None:
        condition &= Q(is_suspect=criteria.is_suspect)
    return condition


async def _named(work: Work, rows: list[Piece]) -> list[FoundPiece]:
    values = [vars(row) for row in rows]
    ids = {value[name] for value in values for name in ("location_id", "stock_location_id")}
    products = await catalogue.products_by_id(work, {value["product_id"] for value in values})
    places = await locations.locations_by_id(work, ids - {None})
    return [
        FoundPiece(
            row,
            products[value["product_id"]],
            places.get(value["location_id"]),
            places.get(value["stock_location_id"]),
        )
        for row, value in zip(rows, values, strict=True)
    ]
