"""Changes of shelves: whole batches, under one turn of the organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from msgspec import UnsetType

from backend.catalogue import service as catalogue
from backend.catalogue.errors import UnknownLocation, UnknownProduct
from backend.catalogue.rules import ProductRef
from backend.core.ids import new_id
from backend.core.patches import chosen
from backend.infra.upserts import UpsertRow, good_rows, read_upserts
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef
from backend.merchandising import statements
from backend.merchandising.drafts import (
    MOST_PRODUCTS,
    MOST_SHELVES,
    ShelfChange,
    ShelfDraft,
    StandingDraft,
    read_shelf,
    read_standings,
)
from backend.merchandising.errors import InvalidShelf, StaleShelf, TooManyOnShelf, UnknownShelf
from backend.merchandising.events import ShelfChanged
from backend.merchandising.shelves import (
    FullShelf,
    Shelf,
    Standing,
    full_shelf,
    full_shelves,
    shelf_of,
)


@dataclass(frozen=True, slots=True)
class Merged:
    """A product as it is to stand on a shelf."""

    product: ProductRef
    facings: int
    board: int | None
    least: int | None
    most: int | None
    block: str | None


async def locked_shelf(work: Work, id_: UUID, version: int | None, path: list[str]) -> FullShelf:
    """Return the shelf that a change is about, locked against other changes.

    Raises:
        UnknownShelf, StaleShelf: as `wanted_shelf`.
    """
    await take_turn(work)
    return await wanted_shelf(work, id_, version, path)


async def wanted_shelf(work: Work, id_: UUID, version: int | None, path: list[str]) -> FullShelf:
    """Return the shelf that a change will be about.

    Raises:
        UnknownShelf: there is none to be seen.
        StaleShelf: it changed since `version`.
    """
    found = await full_shelf(work, id_)
    if found is None:
        raise UnknownShelf("no such shelf", field=[*path, "shelf"], value=str(id_))
    if version is not None and version != found.shelf.version:
        raise _stale(found.shelf, [*path, "version"])
    return found


async def take_turn(work: Work) -> None:
    """Wait until nobody else changes shelves of this organisation."""
    await work.rows(statements.TURN, str(work.principal.org_id))


async def upsert_shelves(
    work: Work, drafts: Sequence[ShelfDraft], *, all_or_nothing: bool = False
) -> list[tuple[UpsertRow[ShelfChange], FullShelf | None]]:
    """Make or change shelves by location and code; each row comes with what it left."""
    rows = read_upserts(
        drafts, "shelves", lambda draft: f"{draft.location}\n{draft.code}", read_shelf
    )
    await take_turn(work)
    sent = [row.value for row in rows if row.value is not None]
    places = await locations.resolve_locations(work, {one.location for one in sent})
    products = await catalogue.resolve_skus(work, {sku for one in sent for sku in one.skus})
    known = await _known(work, [one for one in sent if one.location in places], places)

    def check(change: ShelfChange, path: list[str]) -> ShelfChange:
        _check(change, path, places, products, known.get((change.location, change.code)))
        return change

    for row in rows:
        row.refuse(check)
    good = good_rows(rows, all_or_nothing=all_or_nothing)
    ids = await _write(work, [row.value for row in good if row.value], places, products, known)
    after = await full_shelves(work, list(ids.values()))
    return [(row, after.get(ids[row.code]) if row.error is None else None) for row in rows]


async def delete_shelves(work: Work, ids: Sequence[UUID]) -> list[Shelf]:
    """Delete shelves and return those that were there."""
    await take_turn(work)
    org = work.principal.org_id
    found = [shelf_of(row) for row in await work.rows(statements.BY_ID, org, list(ids))]
    await work.rows(statements.DELETE, org, [one.id for one in found])
    work.note_all("SHELVES_DELETED", [one.code for one in found])
    work.gather(_event(work, one, is_deleted=True) for one in found)
    return found


async def set_facings(
    work: Work,
    id_: UUID,
    drafts: Sequence[StandingDraft],
    *,
    version: int | None,
    removed: Sequence[str],
    is_all: bool,
) -> FullShelf:
    """Change what stands on a shelf, and take products off it; `is_all`: nothing else stays.

    Raises:
        UnknownShelf, StaleShelf: it is not there, or not as it was looked at.
        UnknownProduct, InvalidShelf, TooManyOnShelf: what is wrong first.
    """
    full = await locked_shelf(work, id_, version, ["input"])
    path = ["input", "products"]
    read_standings(drafts, path)
    checked = await checked_standings(work, full, drafts, is_all=is_all, path=path)
    gone = [one.product.id for one in full.standings if one.product.sku in set(removed)]
    await work.rows(statements.DROP_PRODUCTS, work.principal.org_id, id_, gone)
    return await put_standings(work, full, checked, is_all=is_all)


async def checked_standings(
    work: Work,
    full: FullShelf,
    wanted: Sequence[StandingDraft],
    *,
    is_all: bool,
    path: list[str],
) -> list[Merged]:
    """Return products as they are to stand on a shelf.

    Raises:
        UnknownProduct: a SKU nobody knows.
        InvalidShelf: a board that is not there, one product twice, or more least than most.
        TooManyOnShelf: more products than one shelf has.
    """
    products = await catalogue.resolve_skus(work, [one.sku for one in wanted])
    _check_products(wanted, products, len(full.boards), path)
    before = {one.product.sku: one for one in full.standings}
    if len({one.sku for one in wanted} | (set() if is_all else set(before))) > MOST_PRODUCTS:
        raise TooManyOnShelf(
            f"at most {MOST_PRODUCTS} products on a shelf", field=path, limit=MOST_PRODUCTS
        )
    merged = [_merged(one, products[one.sku], before.get(one.sku)) for one in wanted]
    for n, one in enumerate(merged):
        if one.least is not None and one.most is not None and one.least > one.most:
            raise InvalidShelf(
                "the least facings are no more than the most",
                field=[*path, str(n), "least"],
                value=one.least,
            )
    return merged


async def put_standings(
    work: Work, full: FullShelf, standings: Sequence[Merged], *, is_all: bool
) -> FullShelf:
    """Write what stands on a shelf; `is_all`: nothing else stands there any more."""
    if is_all:
        await work.rows(statements.CLEAR_PRODUCTS, work.principal.org_id, [full.shelf.id])
    await _put_products(work, [(full.shelf.id, full.location.id, standings)])
    return await touched(work, full, "SHELF_FACINGS_SET", len(standings))


def check_standing(one: StandingDraft) -> None:
    """Refuse numbers that are out of bounds.

    Raises:
        InvalidShelf: what is wrong first.
    """
    read_standings([one], [])


async def touched(work: Work, full: FullShelf, action: str, count: int) -> FullShelf:
    """Give a shelf that changed its next version, tell of it, and return it as it is now."""
    org, shelf = work.principal.org_id, full.shelf
    await work.rows(statements.TOUCH, org, shelf.id, work.now, _who(work))
    work.note(action, shelf.code, location=full.location.code, products=count)
    found = await full_shelf(work, shelf.id)
    assert found is not None, "it was locked"
    work.gather([_event(work, found.shelf)])
    return found


def _check(
    change: ShelfChange,
    path: list[str],
    places: dict[str, LocationRef],
    products: dict[str, ProductRef],
    before: FullShelf | None,
) -> None:
    if change.location not in places:
        raise UnknownLocation(
            f"no location {change.location[:60]!r}",
            field=[*path, "location"],
            value=change.location[:60],
        )
    if change.version is not None and change.version != (before.shelf.version if before else 0):
        raise _stale(before.shelf if before else None, [*path, "version"])
    boards = change.boards
    if before is None and isinstance(boards, UnsetType):
        raise InvalidShelf("a new shelf has boards", field=[*path, "boards"])
    if not isinstance(boards, UnsetType) and not boards:
        raise InvalidShelf("a shelf has at least one board", field=[*path, "boards"])
    if not isinstance(change.products, UnsetType):
        there = before.boards if before and isinstance(boards, UnsetType) else boards
        count = 0 if isinstance(there, UnsetType) else len(there)
        _check_products(change.products, products, count, [*path, "products"])


def _check_products(
    wanted: Sequence[StandingDraft],
    products: dict[str, ProductRef],
    boards: int,
    path: list[str],
) -> None:
    for n, one in enumerate(wanted):
        if one.sku not in products:
            raise UnknownProduct(
                f"no product {one.sku[:60]!r}", field=[*path, str(n), "sku"], value=one.sku[:60]
            )
        if isinstance(one.board, int) and one.board > boards:
            raise InvalidShelf(
                f"the shelf has {boards} boards", field=[*path, str(n), "board"], value=one.board
            )


async def _known(
    work: Work, changes: Sequence[ShelfChange], places: dict[str, LocationRef]
) -> dict[tuple[str, str], FullShelf]:
    rows = await work.rows(
        statements.BY_KEY,
        work.principal.org_id,
        [places[one.location].id for one in changes],
        [one.code for one in changes],
    )
    full = await full_shelves(work, [row["id"] for row in rows])
    return {(one.location.code, one.shelf.code): one for one in full.values()}


async def _write(
    work: Work,
    changes: Sequence[ShelfChange],
    places: dict[str, LocationRef],
    products: dict[str, ProductRef],
    known: dict[tuple[str, str], FullShelf],
) -> dict[str, UUID]:
    """Write shelves and what belongs to them; return their ids by the code of their rows."""
    if not changes:
        return {}
    before = [known.get((one.location, one.code)) for one in changes]
    await _check_count(work, sum(one is None for one in before))
    org = work.principal.org_id
    rows = await work.rows(
        statements.PUT,
        org,
        [one.shelf.id if one else new_id() for one in before],
        [places[one.location].id for one in changes],
        [one.code for one in changes],
        [
            chosen(one.name, old.shelf.name if old else one.code)
            for one, old in zip(changes, before, strict=True)
        ],
        [
            chosen(one.refill_days, old.shelf.refill_days if old else 1)
            for one, old in zip(changes, before, strict=True)
        ],
        work.now,
        _who(work),
    )
    ids = {(row["location_id"], row["code"]): row["id"] for row in rows}
    found = {(one.location, one.code): ids[places[one.location].id, one.code] for one in changes}
    parts = [(found[one.location, one.code], places[one.location].id, one) for one in changes]
    await _put_boards(work, parts)
    await _put_shares(work, parts)
    listed = [
        (id_, place, [_merged(s, products[s.sku], None) for s in one.products])
        for id_, place, one in parts
        if not isinstance(one.products, UnsetType)
    ]
    await work.rows(statements.CLEAR_PRODUCTS, org, [id_ for id_, *_ in listed])
    await _put_products(work, listed)
    work.note_all("SHELVES_UPSERTED", [one.code for one in changes])
    work.gather(_event(work, shelf_of(row)) for row in rows)
    return {f"{location}\n{code}": id_ for (location, code), id_ in found.items()}


async def _check_count(work: Work, new: int) -> None:
    row = await work.row(statements.COUNT, work.principal.org_id) if new else None
    if row and row["shelves"] + new > MOST_SHELVES:
        raise TooManyOnShelf(
            f"an organisation has at most {MOST_SHELVES} shelves",
            field=["input", "shelves"],
            limit=MOST_SHELVES,
        )


_Part = tuple[UUID, UUID, ShelfChange]
"""Ids of shelf and location, and the change."""


async def _put_boards(work: Work, parts: Sequence[_Part]) -> None:
    org = work.principal.org_id
    changed = [part for part in parts if not isinstance(part[2].boards, UnsetType)]
    rows = [
        (id_, number, place, board.width, board.height, board.depth)
        for id_, place, one in changed
        if not isinstance(one.boards, UnsetType)
        for number, board in enumerate(one.boards, 1)
    ]
    ids = [id_ for id_, _, _ in changed]
    await work.rows(statements.DROP_BOARDS, org, ids)
    await work.rows(statements.PUT_BOARDS, org, *_columns(rows, 6))
    await work.rows(statements.LEAVE_BOARDS, org, ids)


async def _put_shares(work: Work, parts: Sequence[_Part]) -> None:
    org = work.principal.org_id
    changed = [part for part in parts if not isinstance(part[2].shares, UnsetType)]
    rows = [
        (id_, share.kind.value, share.name, place, share.share)
        for id_, place, one in changed
        if not isinstance(one.shares, UnsetType)
        for share in one.shares
    ]
    await work.rows(statements.DROP_SHARES, org, [id_ for id_, _, _ in changed])
    await work.rows(statements.PUT_SHARES, org, *_columns(rows, 5))


async def _put_products(work: Work, listed: Sequence[tuple[UUID, UUID, Sequence[Merged]]]) -> None:
    rows = [
        (id_, s.product.id, place, s.facings, s.board, s.least, s.most, s.block)
        for id_, place, standings in listed
        for s in standings
    ]
    await work.rows(statements.PUT_PRODUCTS, work.principal.org_id, *_columns(rows, 8))


def _merged(draft: StandingDraft, product: ProductRef, before: Standing | None) -> Merged:
    return Merged(
        product,
        chosen(draft.facings, before.facings if before else 0),
        chosen(draft.board, before.board if before else None),
        chosen(draft.least, before.least if before else None),
        chosen(draft.most, before.most if before else None),
        chosen(draft.block, before.block if before else None),
    )


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


def _event(work: Work, shelf: Shelf, *, is_deleted: bool = False) -> ShelfChanged:
    version = shelf.version + 1 if is_deleted else shelf.version
    return ShelfChanged(
        shelf.location_id, shelf.id, shelf.code, version, work.now, is_deleted=is_deleted
    )


def _stale(shelf: Shelf | None, path: list[str]) -> StaleShelf:
    if shelf is None:
        return StaleShelf("this shelf is not there any more", field=path, version=0)
    return StaleShelf(
        f"this shelf changed since: it has version {shelf.version}",
        field=path,
        version=shelf.version,
    )


def _who(work: Work) -> str:
    return str(work.principal.user_id or work.principal.client_id)
