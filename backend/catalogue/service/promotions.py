"""Making, changing and listing promotions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import msgspec
from tortoise.expressions import Q

from backend.catalogue import statements
from backend.catalogue.drafts import PromotionDraft, read_promotion
from backend.catalogue.errors import UnknownLocation, UnknownProduct
from backend.catalogue.models import Promotion as Row
from backend.catalogue.rules import Promotion
from backend.catalogue.service.references import resolve_skus
from backend.core.ids import new_id
from backend.core.texts import printable
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.upserts import UpsertRow, good_rows, read_upserts
from backend.infra.work import Work
from backend.locations import service as locations


class PromotionOrder(StrEnum):
    """By what promotions are sorted."""

    STARTS_ON = "STARTS_ON"
    """By their first day."""
    CODE = "CODE"
    """By code."""


_ORDERS: Final = {
    PromotionOrder.STARTS_ON: (("starts_on", "id"), (date, UUID)),
    PromotionOrder.CODE: (("code", "id"), (str, UUID)),
}


@dataclass(frozen=True, slots=True)
class PromotionCriteria:
    """Which promotions; None does not limit. Dates are inclusive: those running on one of them."""

    from_: date | None = None
    to: date | None = None
    skus: tuple[str, ...] | None = None
    locations: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Named:
    """The ids of everything a batch names."""

    products: dict[str, UUID]
    locations: dict[str, UUID]


async def upsert_promotions(
    work: Work, drafts: Sequence[PromotionDraft], *, all_or_nothing: bool = False
) -> list[tuple[UpsertRow[PromotionDraft], Promotion | None]]:
    """Make or change promotions by code; each row comes with what it left, None if rejected."""
    rows = read_upserts(drafts, "promotions", lambda draft: draft.code, read_promotion)
    org = work.principal.org_id
    await work.rows(statements.LOCK, str(org))
    good = [row.value for row in rows if row.value and not row.error]
    found = await work.rows(statements.PROMOTIONS_BY_CODE, org, [draft.code for draft in good])
    known = {row["code"]: _of(row) for row in found}
    named = await _names(work, good)

    def merge(draft: PromotionDraft, path: list[str]) -> Promotion:
        return _merged(draft, path, known.get(draft.code), named, work.now)

    merged = {row.code: after for row in rows if (after := row.refuse(merge)) is not None}
    accepted = good_rows(rows, all_or_nothing=all_or_nothing)
    pending = [merged[row.code] for row in accepted if merged[row.code] != known.get(row.code)]
    details = known | await _write(work, pending)
    work.note_all("PROMOTIONS_UPSERTED", [promotion.code for promotion in pending])
    return [(row, None if row.error else details[row.code]) for row in rows]


async def list_promotions(
    work: Work,
    criteria: PromotionCriteria,
    order: PromotionOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[Promotion]:
    """Return a page of promotions.

    Raises:
        TooMuch, InvalidCursor: see `fetch_page`.
    """
    columns, types = _ORDERS[order]
    ordering = Ordering(f"promotions-{order}", columns, types, descending)
    query = Row.filter(await _condition(work, criteria))
    page = await fetch_page(work, query, ordering, first, after)
    return replace(page, rows=[(cursor, _of(vars(row))) for cursor, row in page.rows])


async def _condition(work: Work, criteria: PromotionCriteria) -> Q:
    condition = Q()
    if criteria.from_ is not None:
        condition &= Q(ends_on__gte=criteria.from_)
    if criteria.to is not None:
        condition &= Q(starts_on__lte=criteria.to)
    if criteria.skus is not None:
        products = await resolve_skus(work, criteria.skus)
        condition &= _concerns("product_ids", [one.id for one in products.values()])
    if criteria.locations is not None:
        places = await locations.resolve_locations(work, criteria.locations)
        condition &= _concerns("location_ids", [one.id for one in places.values()])
    return condition


def _concerns(column: str, ids: Sequence[UUID]) -> Q:
    everything: dict[str, Any] = {column: []}
    some: dict[str, Any] = {f"{column}__overlap": list(ids)}
    return Q(**everything) | Q(**some) if ids else Q(**everything)


async def _names(work: Work, drafts: Sequence[PromotionDraft]) -> _Named:
    products = await resolve_skus(work, _listed(draft.skus for draft in drafts))
    places = await locations.resolve_locations(work, _listed(draft.locations for draft in drafts))
    return _Named(
        {sku: one.id for sku, one in products.items()},
        {code: one.id for code, one in places.items()},
    )


def _listed(lists: Iterable[list[str] | msgspec.UnsetType | None]) -> list[str]:
    return [one for listed in lists for one in listed or ()]


def _merged(
    draft: PromotionDraft,
    path: list[str],
    before: Promotion | None,
    named: _Named,
    now: datetime,
) -> Promotion:
    old = before or Promotion(
        new_id(), draft.code, "", draft.starts_on, draft.ends_on, Decimal(0), (), (), now, 0
    )
    return replace(
        old,
        name=draft.name,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        discount_rate=draft.discount_rate,
        product_ids=old.product_ids
        if isinstance(draft.skus, msgspec.UnsetType)
        else _ids(draft.skus, named.products, [*path, "skus"], UnknownProduct),
        location_ids=old.location_ids
        if isinstance(draft.locations, msgspec.UnsetType)
        else _ids(draft.locations, named.locations, [*path, "locations"], UnknownLocation),
    )


def _ids(
    names: list[str] | None,
    known: dict[str, UUID],
    path: list[str],
    error: type[UnknownProduct | UnknownLocation],
) -> tuple[UUID, ...]:
    for index, name in enumerate(names or ()):
        if name not in known:
            shown = printable(name)
            raise error(f"{shown!r} is unknown", field=[*path, str(index)], value=shown)
    return tuple(sorted({known[name] for name in names or ()}))


async def _write(work: Work, pending: Sequence[Promotion]) -> dict[str, Promotion]:
    if not pending:
        return {}
    written = await work.rows(
        statements.PUT_PROMOTIONS,
        work.principal.org_id,
        [one.id for one in pending],
        [one.code for one in pending],
        [one.name for one in pending],
        [one.starts_on for one in pending],
        [one.ends_on for one in pending],
        [one.discount_rate for one in pending],
        [msgspec.json.encode(one.product_ids).decode() for one in pending],
        [msgspec.json.encode(one.location_ids).decode() for one in pending],
        work.now,
    )
    return {row["code"]: _of(row) for row in written}


def _of(row: dict[str, Any]) -> Promotion:
    return Promotion(
        row["id"],
        row["code"],
        row["name"],
        row["starts_on"],
        row["ends_on"],
        row["discount_rate"],
        tuple(row["product_ids"]),
        tuple(row["location_ids"]),
        row["updated_at"],
        row["version"],
    )
