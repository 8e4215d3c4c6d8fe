"""Verbs of the ledger."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from backend.catalogue import service as catalogue
from backend.catalogue.events import ProductChanged
from backend.catalogue.rules import ProductRef
from backend.core.ids import new_id
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef
from backend.stock import statements
from backend.stock.errors import UnknownLocation
from backend.stock.events import StockLevelChanged, StockMoved
from backend.stock.rules import (
    Level,
    LevelKey,
    Movement,
    MovementReason,
    deltas,
    running_levels,
)

MOST_MISMATCHES: Final = 100


async def post(work: Work, movements: Sequence[Movement]) -> dict[LevelKey, Level]:
    """Append movements and bring their levels up to date in one statement.

    Return the levels they left.

    Levels are locked in key order, so that batches that touch the same stock never deadlock.
    Gathers one StockMoved per movement.
    """
    if not movements:
        return {}
    sums = deltas(movements)
    rows = await work.rows(
        statements.POST,
        work.principal.org_id,
        [m.id for m in movements],
        [m.location.id for m in movements],
        [m.product.id for m in movements],
        [m.quantity for m in movements],
        [m.reason.value for m in movements],
        [m.reference for m in movements],
        [m.occurred_at for m in movements],
        work.now,
        [new_id() for _ in sums],
        [d.location.id for d in sums],
        [d.product.id for d in sums],
        [d.quantity for d in sums],
        [d.count for d in sums],
        [d.product.reorder_point for d in sums],
    )
    products = {d.product.id: d.product for d in sums}
    places = {d.location.id: d.location for d in sums}
    after = {
        (row["location_id"], row["product_id"]): level_of(
            row, products[row["product_id"]], places[row["location_id"]]
        )
        for row in rows
    }
    work.gather(
        StockMoved(movement.location.id, movement, level, work.now)
        for movement, level in zip(movements, running_levels(movements, after), strict=True)
    )
    return after


async def on_hand_for_update(work: Work, keys: Iterable[LevelKey]) -> dict[LevelKey, Decimal]:
    """Lock levels in key order and return what is on hand.

    A level that does not exist yet is absent.
    """
    ordered = sorted(set(keys))
    rows = await work.rows(
        statements.LOCK_LEVELS,
        work.principal.org_id,
        [location for location, _ in ordered],
        [product for _, product in ordered],
    )
    return {(row["location_id"], row["product_id"]): row["on_hand"] for row in rows}


async def quantities_at(
    work: Work, keys: Sequence[LevelKey], as_of: datetime | None, known_at: datetime | None
) -> dict[LevelKey, Decimal]:
    """Return what was on hand at `as_of` as far as it was known at `known_at` (both inclusive.

    None: no limit).
    """
    rows = await _sums_at(work, keys, as_of, known_at)
    return {(row["location_id"], row["product_id"]): row["quantity"] for row in rows}


async def stock_at(
    work: Work, sku: str, location: str, as_of: datetime | None, known_at: datetime | None
) -> Level | None:
    """Return a level as it was at two times.

    None where product or location is unknown or nothing had moved.

    What is committed, unavailable and incoming is known for the present only: it is zero when a
    time is given.
    """
    product = (await catalogue.resolve_skus(work, [sku])).get(sku)
    place = (await locations.resolve_locations(work, [location])).get(location)
    if product is None or place is None:
        return None
    key = (place.id, product.id)
    if as_of is None and known_at is None:
        return await _level(work, product, place)
    row = (await _sums_at(work, [key], as_of, known_at))[0]
    if not row["movements"]:
        return None
    zero = Decimal(0)
    return Level(
        new_id(),
        product,
        place,
        row["quantity"],
        zero,
        zero,
        zero,
        product.reorder_point,
        row["movements"],
        row["recorded_at"],
    )


async def last_moved(
    work: Work, products: Iterable[UUID], reason: MovementReason
) -> dict[UUID, datetime]:
    """Return when products (by id) last moved for a reason; what never did is absent."""
    rows = await work.rows(
        statements.LAST_MOVED, work.principal.org_id, list(products), reason.value
    )
    return {row["product_id"]: row["at"] for row in rows}


async def reconcile(work: Work, location: str | None) -> tuple[int, list[dict[str, Any]]]:
    """Compare every level with the sum of its movements.

    Return how many were compared and those that differ, at most 100.

    Raises:
        UnknownLocation: no location has this code.
    """
    place = None
    if location is not None:
        place = (await locations.resolve_locations(work, [location])).get(location)
        if place is None:
            shown = location[:60]
            raise UnknownLocation(f"no location {shown!r}", field=["location"], value=shown)
    rows = await work.rows(
        statements.RECONCILE, work.principal.org_id, place and place.id, MOST_MISMATCHES
    )
    checked = rows[0]["checked"] if rows else 0
    return checked, [row for row in rows if row["differs"]]


async def apply_reorder_points(work: Work, events: list[ProductChanged]) -> None:
    """React to products whose reorder point changed.

    Their levels follow, and are judged anew by the alerts.
    """
    changed = {
        event.product.id: event.product
        for event in events
        if event.product.reorder_point != event.previous_reorder_point
    }
    if not changed:
        return
    ids = list(changed)
    await work.rows(statements.LOCK_PRODUCT_LEVELS, work.principal.org_id, ids)
    rows = await work.rows(
        statements.SET_REORDER_POINTS,
        work.principal.org_id,
        ids,
        [changed[id_].reorder_point for id_ in ids],
        work.now,
    )
    places = await locations.locations_by_id(work, {row["location_id"] for row in rows})
    work.gather(
        StockLevelChanged(
            row["location_id"],
            level_of(row, changed[row["product_id"]], places[row["location_id"]]),
        )
        for row in rows
    )


def level_of(row: dict[str, Any], product: ProductRef, place: LocationRef) -> Level:
    """Return the level of a database row."""
    return Level(
        row["id"],
        product,
        place,
        row["on_hand"],
        row["committed"],
        row["unavailable"],
        row["incoming"],
        row["reorder_point"],
        row["version"],
        row["updated_at"],
    )


async def _level(work: Work, product: ProductRef, place: LocationRef) -> Level | None:
    row = await work.row(statements.LEVEL, work.principal.org_id, place.id, product.id)
    return level_of(row, product, place) if row else None


async def _sums_at(
    work: Work, keys: Sequence[LevelKey], as_of: datetime | None, known_at: datetime | None
) -> list[dict[str, Any]]:
    return await work.rows(
        statements.SUMS_AT,
        work.principal.org_id,
        [location for location, _ in keys],
        [product for _, product in keys],
        as_of,
        known_at,
    )
