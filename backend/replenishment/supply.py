"""Verbs of supply terms: what is settled for which part of the business, and by whom."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from backend.catalogue import service as catalogue
from backend.core.errors import ShelfcastError
from backend.core.ids import new_id
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.batches import BatchRejected
from backend.infra.upserts import DuplicateRow
from backend.infra.work import Work
from backend.locations import service as locations
from backend.replenishment import statements
from backend.replenishment.errors import (
    InvalidSupplyTerms,
    StaleSupplyTerms,
    SupplyTermsOutOfReach,
    TooManySupplyTerms,
    UnknownSupply,
)
from backend.replenishment.models import SupplyTerms
from backend.replenishment.terms import SupplyBook, SupplyKey, Terms, check_terms

MOST_TERMS: Final = 20_000
_NAMES: Final = tuple(one.name for one in fields(Terms))


class TermsOrder(StrEnum):
    """By what terms are sorted."""

    UPDATED_AT = "UPDATED_AT"
    """By the time of the last change."""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of the business that terms hold for, by codes; None: all."""

    distributor: str | None = None
    sku: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class TermsCriteria:
    """Which terms; None does not limit. What holds for all products is no product's."""

    distributors: frozenset[str] | None = None
    skus: frozenset[str] | None = None
    locations: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class TermsDraft:
    """Terms as sent; empty ones are taken away.

    `version` is the one that was looked at, 0 for none; None takes any.
    """

    part: Part
    terms: Terms
    version: int | None = None


@dataclass(slots=True)
class TermsRow:
    """A draft on its way: `version` as it is afterwards, unless `error` says why not."""

    path: list[str]
    draft: TermsDraft
    key: SupplyKey | None = None
    version: int = 0
    is_changed: bool = False
    error: ShelfcastError | None = None


@dataclass(frozen=True, slots=True)
class FoundTerms:
    """Terms that are there, with the codes of what they hold for."""

    id: UUID
    part: Part
    terms: Terms
    version: int
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True)
class _Ids:
    """What codes stand for; unknown ones are absent."""

    distributors: dict[str, UUID]
    products: dict[str, UUID]
    locations: dict[str, UUID]


async def supply_book(work: Work, wanted: Terms) -> SupplyBook:
    """Return all terms, before which counts what is `wanted`."""
    rows = await work.rows(statements.TERMS, work.principal.org_id)
    return SupplyBook({_key(row): _terms(row) for row in rows}, wanted)


async def list_terms(
    work: Work,
    criteria: TermsCriteria,
    order: TermsOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[FoundTerms]:
    """Return a page of terms.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    columns = (order.value.lower(), "id")
    ordering = Ordering(f"supply-terms-{order}", columns, (datetime, UUID), descending)
    query = SupplyTerms.filter(**await _conditions(work, criteria))
    page = await fetch_page(work, query, ordering, first, after)
    found = await _named(work, [vars(row) for _, row in page.rows])
    return replace(page, rows=list(zip((cursor for cursor, _ in page.rows), found, strict=True)))


async def _conditions(work: Work, criteria: TermsCriteria) -> dict[str, list[UUID]]:
    """Return the criteria by ids; codes that nobody knows admit nothing."""
    ids = await _look_up(
        work, criteria.distributors or (), criteria.skus or (), criteria.locations or ()
    )
    wanted = {
        "distributor_id__in": (criteria.distributors, ids.distributors),
        "product_id__in": (criteria.skus, ids.products),
        "location_id__in": (criteria.locations, ids.locations),
    }
    return {
        name: list(known.values()) for name, (codes, known) in wanted.items() if codes is not None
    }


async def _named(work: Work, rows: list[dict[str, Any]]) -> list[FoundTerms]:
    products = await catalogue.products_by_id(work, _ids_of(rows, "product_id"))
    places = await locations.locations_by_id(work, _ids_of(rows, "location_id"))
    named = await work.rows(
        statements.DISTRIBUTOR_CODES, work.principal.org_id, _ids_of(rows, "distributor_id")
    )
    distributors = {row["id"]: row["code"] for row in named}
    return [
        FoundTerms(
            row["id"],
            Part(
                distributors.get(row["distributor_id"]),
                products[row["product_id"]].sku if row["product_id"] in products else None,
                places[row["location_id"]].code if row["location_id"] in places else None,
            ),
            _terms(row),
            row["version"],
            row["updated_at"],
            row["updated_by"],
        )
        for row in rows
    ]


async def set_terms(
    work: Work, drafts: Sequence[TermsDraft], *, all_or_nothing: bool = False
) -> list[TermsRow]:
    """Settle terms, each as a whole, unless they changed since they were looked at."""
    await work.rows(statements.TURN, str(work.principal.org_id))
    parts = [draft.part for draft in drafts]
    ids = await _look_up(
        work,
        {one.distributor for one in parts if one.distributor is not None},
        {one.sku for one in parts if one.sku is not None},
        {one.location for one in parts if one.location is not None},
    )
    rows = [_read(work, draft, ["input", "terms", str(n)], ids) for n, draft in enumerate(drafts)]
    _refuse_twice(rows)
    known = await _known(work, rows)
    for row, one in zip(rows, known, strict=True):
        _compare(row, one)
    if all_or_nothing and any(row.error for row in rows):
        for row in rows:
            row.error = row.error or BatchRejected(
                "another row was rejected, and the batch was to take effect as a whole",
                field=row.path,
            )
    await _write(work, rows, known)
    return rows


async def _look_up(
    work: Work, distributors: Collection[str], skus: Collection[str], codes: Collection[str]
) -> _Ids:
    products = await catalogue.resolve_skus(work, skus)
    places = await locations.resolve_locations(work, codes)
    return _Ids(
        await catalogue.resolve_distributors(work, distributors),
        {sku: ref.id for sku, ref in products.items()},
        {code: ref.id for code, ref in places.items()},
    )


def _read(work: Work, draft: TermsDraft, path: list[str], ids: _Ids) -> TermsRow:
    row = TermsRow(path, draft)
    part = draft.part
    try:
        row.draft = replace(draft, terms=check_terms(draft.terms, path))
        if part.distributor is not None and part.sku is not None:
            raise InvalidSupplyTerms(
                "terms hold for a distributor or for a product, not for both", field=[*path, "sku"]
            )
        if work.principal.is_limited and (part.location is None or work.principal.is_partner):
            raise SupplyTermsOutOfReach(
                "you settle terms of your own locations: name one", field=[*path, "location"]
            )
        row.key = SupplyKey(
            _id(ids.distributors, part.distributor, [*path, "distributor"]),
            _id(ids.products, part.sku, [*path, "sku"]),
            _id(ids.locations, part.location, [*path, "location"]),
        )
    except ShelfcastError as error:
        row.error = error
    return row


def _id(known: dict[str, UUID], code: str | None, field: list[str]) -> UUID | None:
    if code is None:
        return None
    if code not in known:
        raise UnknownSupply(f"no {field[-1]} {code[:60]!r}", field=field, value=code[:60])
    return known[code]


def _refuse_twice(rows: Sequence[TermsRow]) -> None:
    seen: set[SupplyKey] = set()
    for row in rows:
        if row.key is not None and row.key in seen:
            row.error = DuplicateRow("it stands in this call before", field=row.path)
        elif row.key is not None:
            seen.add(row.key)


async def _known(work: Work, rows: Sequence[TermsRow]) -> list[dict[str, Any]]:
    keys = [row.key or SupplyKey() for row in rows]
    return await work.rows(
        statements.TERMS_BY_KEY,
        work.principal.org_id,
        [key.distributor_id for key in keys],
        [key.product_id for key in keys],
        [key.location_id for key in keys],
    )


def _compare(row: TermsRow, known: dict[str, Any]) -> None:
    if row.error is not None:
        return
    row.version = known["version"] or 0
    if row.draft.version is not None and row.draft.version != row.version:
        row.error = StaleSupplyTerms(
            f"these terms changed since: they have version {row.version}",
            field=[*row.path, "version"],
            version=row.version,
        )
    row.is_changed = row.draft.terms != _terms(known)


async def _write(work: Work, rows: Sequence[TermsRow], known: Sequence[dict[str, Any]]) -> None:
    changed = [
        (row, one)
        for row, one in zip(rows, known, strict=True)
        if row.is_changed and row.error is None
    ]
    gone = [one["id"] for row, one in changed if row.draft.terms.is_empty]
    if gone:
        await work.rows(statements.DROP_TERMS, work.principal.org_id, gone)
    put = [(row, one["id"] or new_id()) for row, one in changed if not row.draft.terms.is_empty]
    if put:
        await _check_room(work, sum(one["id"] is None for _, one in changed))
        await _put(work, put)
    for row, _ in changed:
        row.version = row.version + 1 if not row.draft.terms.is_empty else 0
    work.note_all("SUPPLY_TERMS_SET", [_told(row.draft.part) for row, _ in changed])


async def _check_room(work: Work, more: int) -> None:
    found = await work.row(statements.COUNT_TERMS, work.principal.org_id)
    if found is not None and found["terms"] + more > MOST_TERMS:
        raise TooManySupplyTerms(
            f"an organisation has at most {MOST_TERMS} terms", field=["input"], limit=MOST_TERMS
        )


async def _put(work: Work, put: Sequence[tuple[TermsRow, UUID]]) -> None:
    keys = [row.key or SupplyKey() for row, _ in put]
    terms = [row.draft.terms for row, _ in put]
    who = work.principal
    await work.rows(
        statements.PUT_TERMS,
        who.org_id,
        [id_ for _, id_ in put],
        [key.distributor_id for key in keys],
        [key.product_id for key in keys],
        [key.location_id for key in keys],
        *([getattr(one, name) for one in terms] for name in _NAMES),
        work.now,
        str(who.user_id or who.client_id),
    )


def _told(part: Part) -> str:
    names = (part.distributor, part.sku, part.location)
    return " ".join(one for one in names if one is not None) or "all"


def _key(row: dict[str, Any]) -> SupplyKey:
    return SupplyKey(row["distributor_id"], row["product_id"], row["location_id"])


def _terms(row: dict[str, Any]) -> Terms:
    return Terms(*(row[name] for name in _NAMES))


def _ids_of(rows: Iterable[dict[str, Any]], name: str) -> list[UUID]:
    return list({row[name] for row in rows if row[name] is not None})
