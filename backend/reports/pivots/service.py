"""Keeping pivots: saving, finding, deleting."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from backend.core.ids import new_id
from backend.core.texts import text
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work
from backend.reports.events import KeptChange, PivotChanged
from backend.reports.models import Pivot
from backend.reports.pivots.answering import seen_by
from backend.reports.pivots.errors import InvalidPivot, PivotNotFound, StalePivot
from backend.reports.pivots.rules import Audience, PivotDefinition, Sharing
from backend.reports.readers import author_id, may_change, reader_of

MOST_SAVED: Final = 200
"""Pivots that one person or program may keep."""
MOST_NAME: Final = 120
_COUNT: Final = "select count(*) as kept from pivots where org_id = $1 and owner_id = $2"
# Two who save at the same time wait for each other, so that neither counts past the other.
_QUEUE: Final = "select pg_advisory_xact_lock(hashtextextended('pivots/' || $1 || '/' || $2, 0))"
_ADD: Final = """
insert into pivots (org_id, id, name, definition, sharing, roles, owner_id, created_at, changed_at)
values ($1, $2, $3, $4::jsonb, $5, $6::text[], $7, $8, $8)
"""
_CHANGE: Final = """
update pivots set name = $3, definition = $4::jsonb, sharing = $5, roles = $6::text[],
       changed_at = $7, version = version + 1
 where org_id = $1 and id = $2 and version = $8 returning version
"""
_DELETE: Final = "delete from pivots where org_id = $1 and id = $2 returning id"


class PivotOrder(StrEnum):
    """By what saved pivots are sorted."""

    NAME = "NAME"
    """By their name."""
    CHANGED_AT = "CHANGED_AT"
    """By when they were changed last."""


_ORDERS: Final[dict[PivotOrder, Ordering]] = {
    PivotOrder.NAME: Ordering("pivots-name", ("name", "id"), (str, UUID)),
    PivotOrder.CHANGED_AT: Ordering("pivots-changed", ("changed_at", "id"), (datetime, UUID)),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A pivot as it is to be kept.

    `id` and `version` name the one it replaces, as it was read; None adds one.
    """

    name: str
    definition: PivotDefinition
    audience: Audience
    id: UUID | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class PivotCriteria:
    """Which kept pivots; None does not limit."""

    sharing: frozenset[Sharing] | None = None
    ids: frozenset[UUID] | None = None


async def save(work: Work, draft: Draft) -> Pivot:
    """Keep a pivot, or change one that the principal may change.

    Raises:
        PivotNotFound: there is none of that id.
        StalePivot: it was changed since that version.
        InvalidPivot: it has no name, or too many are kept already.
    """
    name = text(draft.name, ["input", "name"], most=MOST_NAME)
    seen_by(work, draft.definition)
    content = (
        name,
        json.dumps(draft.definition.to_json()),
        draft.audience.sharing.value,
        sorted(role.value for role in draft.audience.roles),
    )
    if draft.id is None:
        saved_id = await _add(work, content)
    else:
        saved_id = await _change(work, draft.id, draft.version, content)
    work.note("PIVOT_SAVED", saved_id, name=name, sharing=draft.audience.sharing)
    work.gather([PivotChanged(None, saved_id, KeptChange.SAVED, work.now)])
    return await find(work, saved_id)


async def delete(work: Work, pivot_id: UUID) -> None:
    """Forget a pivot that the principal may change.

    Raises:
        PivotNotFound: there is none of that id.
    """
    pivot = await _changeable(work, pivot_id)
    await work.rows(_DELETE, work.principal.org_id, pivot_id)
    work.note("PIVOT_DELETED", pivot_id, name=pivot.name)
    work.gather([PivotChanged(None, pivot_id, KeptChange.DELETED, work.now)])


async def find(work: Work, pivot_id: UUID) -> Pivot:
    """Return a pivot that is shared with who asks.

    Raises:
        PivotNotFound: there is none of that id.
    """
    seen = (await reader_of(work)).sees()
    pivot = await Pivot.filter(seen, id=pivot_id).using_db(work.tx).first()
    if pivot is None:
        raise PivotNotFound("no such pivot", field=["id"], value=str(pivot_id))
    return pivot


async def definition_of(work: Work, pivot_id: UUID) -> PivotDefinition:
    """Return what a pivot asks for that is shared with who asks.

    Raises:
        PivotNotFound: there is none of that id.
    """
    return PivotDefinition.of_json((await find(work, pivot_id)).definition)


async def list_pivots(
    work: Work,
    criteria: PivotCriteria,
    order: PivotOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[Pivot]:
    """Return a page of the pivots that are shared with who asks.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    query = Pivot.filter((await reader_of(work)).sees())
    if criteria.sharing is not None:
        query = query.filter(sharing__in=[one.value for one in criteria.sharing])
    if criteria.ids is not None:
        query = query.filter(id__in=criteria.ids)
    known = _ORDERS[order]
    ordering = Ordering(known.name, known.columns, known.types, descending)
    return await fetch_page(work, query, ordering, first, after)


async def _add(work: Work, content: tuple[Any, ...]) -> UUID:
    org_id, owner = work.principal.org_id, author_id(work)
    await work.rows(_QUEUE, str(org_id), owner)
    kept = await work.row(_COUNT, org_id, owner)
    if kept and kept["kept"] >= MOST_SAVED:
        raise InvalidPivot(
            f"you keep {MOST_SAVED} pivots already: delete one first", field=["input"]
        )
    saved_id = new_id()
    await work.rows(_ADD, org_id, saved_id, *content, owner, work.now)
    return saved_id


async def _change(
    work: Work, pivot_id: UUID, version: int | None, content: tuple[Any, ...]
) -> UUID:
    await _changeable(work, pivot_id)
    changed = await work.row(
        _CHANGE, work.principal.org_id, pivot_id, *content, work.now, version or 0
    )
    if changed is None:
        raise StalePivot(
            "it was changed since you read it: read it again",
            field=["input", "version"],
            value=version,
        )
    return pivot_id


async def _changeable(work: Work, pivot_id: UUID) -> Pivot:
    """Return a pivot that who acts may change; to all others it is not there."""
    pivot = await Pivot.filter(id=pivot_id).using_db(work.tx).first()
    if pivot is None or not may_change(work, pivot):
        raise PivotNotFound("no such pivot of yours", field=["input", "id"], value=str(pivot_id))
    return pivot
