"""Making, changing and listing distributors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from tortoise.expressions import Q

from backend.catalogue import loaders, statements
from backend.catalogue.drafts import DistributorDraft, read_distributor
from backend.catalogue.models import Distributor
from backend.catalogue.rules import DistributorDetail
from backend.core import attributes
from backend.core.ids import new_id
from backend.core.patches import chosen
from backend.core.places import Place, merged_place
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.upserts import UpsertRow, good_rows, read_upserts
from backend.infra.work import Work


class DistributorOrder(StrEnum):
    """By what distributors are sorted."""

    CODE = "CODE"
    """By code."""
    NAME = "NAME"
    """By name."""
    UPDATED_AT = "UPDATED_AT"
    """By the time of the last change."""


_ORDERS: Final = {
    DistributorOrder.CODE: (("code", "id"), (str, UUID)),
    DistributorOrder.NAME: (("name", "id"), (str, UUID)),
    DistributorOrder.UPDATED_AT: (("updated_at", "id"), (datetime, UUID)),
}


@dataclass(frozen=True, slots=True)
class DistributorCriteria:
    """Which distributors; None does not limit.

    `search` is part of a code, name or city, in any case.
    """

    codes: tuple[str, ...] | None = None
    search: str | None = None
    states: tuple[str, ...] | None = None
    countries: tuple[str, ...] | None = None


async def upsert_distributors(
    work: Work, drafts: Sequence[DistributorDraft], *, all_or_nothing: bool = False
) -> list[tuple[UpsertRow[DistributorDraft], DistributorDetail | None]]:
    """Make or change distributors by code; each row comes with what it left, None if rejected."""
    rows = read_upserts(drafts, "distributors", lambda draft: draft.code, read_distributor)
    org = work.principal.org_id
    await work.rows(statements.LOCK, str(org))
    codes = [row.value.code for row in rows if row.value and not row.error]
    found = await work.rows(statements.DISTRIBUTORS_BY_CODE, org, codes)
    known = {row["code"]: loaders.distributor_of(row) for row in found}

    def merge(draft: DistributorDraft, path: list[str]) -> DistributorDetail:
        return _merged(draft, path, known.get(draft.code), work.now)

    merged = {row.code: after for row in rows if (after := row.refuse(merge)) is not None}
    good = good_rows(rows, all_or_nothing=all_or_nothing)
    pending = [merged[row.code] for row in good if merged[row.code] != known.get(row.code)]
    details = known | await _write(work, pending)
    work.note_all("DISTRIBUTORS_UPSERTED", [distributor.code for distributor in pending])
    return [(row, None if row.error else details[row.code]) for row in rows]


async def list_distributors(
    work: Work,
    criteria: DistributorCriteria,
    order: DistributorOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[DistributorDetail]:
    """Return a page of distributors, loaded, in two statements.

    Raises:
        TooMuch, InvalidCursor: see `fetch_page`.
    """
    columns, types = _ORDERS[order]
    ordering = Ordering(f"distributors-{order}", columns, types, descending)
    query = Distributor.filter(_condition(criteria))
    page = await fetch_page(work, query, ordering, first, after)
    found = await loaders.distributors(work, [row.id for _, row in page.rows])
    rows = [(cursor, one) for (cursor, _), one in zip(page.rows, found, strict=True) if one]
    return replace(page, rows=rows)


def _condition(criteria: DistributorCriteria) -> Q:
    condition = Q()
    search = criteria.search
    if search is not None:
        condition &= (
            Q(code__icontains=search) | Q(name__icontains=search) | Q(city__icontains=search)
        )
    for column, values in (
        ("code", criteria.codes),
        ("state", criteria.states),
        ("country", criteria.countries),
    ):
        if values is not None:
            wanted: dict[str, Any] = {f"{column}__in": list(values)}
            condition &= Q(**wanted)
    return condition


def _merged(
    draft: DistributorDraft, path: list[str], before: DistributorDetail | None, now: datetime
) -> DistributorDetail:
    old = before or DistributorDetail(new_id(), draft.code, "", Place(), {}, now, 0)
    return replace(
        old,
        name=draft.name,
        place=merged_place(draft, old.place, path),
        attributes=chosen(draft.attributes, old.attributes) or {},
    )


async def _write(work: Work, pending: Sequence[DistributorDetail]) -> dict[str, DistributorDetail]:
    if not pending:
        return {}
    written = await work.rows(
        statements.PUT_DISTRIBUTORS,
        work.principal.org_id,
        [one.id for one in pending],
        [one.code for one in pending],
        [one.name for one in pending],
        [one.place.latitude for one in pending],
        [one.place.longitude for one in pending],
        [one.place.city for one in pending],
        [one.place.state for one in pending],
        [one.place.postal_code for one in pending],
        [one.place.region for one in pending],
        [one.place.country for one in pending],
        [attributes.encode(one.attributes) for one in pending],
        work.now,
    )
    return {row["code"]: loaders.distributor_of(row) for row in written}
