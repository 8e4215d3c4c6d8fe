"""Verbs of the customers."""

import hmac
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import msgspec
from tortoise.expressions import Q

from backend.core.ids import new_id
from backend.core.patches import chosen
from backend.customers import loaders, statements
from backend.customers.models import Customer
from backend.customers.rules import (
    NOBODY,
    CustomerDetail,
    CustomerDraft,
    CustomerRef,
    Personal,
    merged_personal,
    read_customer,
)
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.secret_key import encrypt
from backend.infra.upserts import UpsertRow, good_rows, read_upserts
from backend.infra.work import Work

_KEY_BYTES: Final = 32


class CustomerOrder(StrEnum):
    """By what customers are sorted."""

    CREATED_AT = "CREATED_AT"
    """By the time they were first met."""
    UPDATED_AT = "UPDATED_AT"
    """By the time of the last change."""


_ORDERS: Final = {
    CustomerOrder.CREATED_AT: (("created_at", "id"), (datetime, UUID)),
    CustomerOrder.UPDATED_AT: (("updated_at", "id"), (datetime, UUID)),
}


@dataclass(frozen=True, slots=True)
class CustomerCriteria:
    """Which customers; None does not limit."""

    segments: tuple[str, ...] | None = None
    references: tuple[str, ...] | None = None


async def resolve_customers(
    work: Work, references: Iterable[str], segments: Mapping[str, str | None] | None = None
) -> dict[str, CustomerRef]:
    """Return the customers a shop knows by these references, making those that are new.

    `segments` are by reference; where one is given it replaces the one known.
    The reference itself is not kept.
    """
    said = segments or {}
    digests = {digest_of(work, one): one for one in dict.fromkeys(references)}
    if not digests:
        return {}
    known = await work.rows(statements.CUSTOMERS_BY_DIGEST, work.principal.org_id, list(digests))
    found = {
        digests[row["reference_digest"]]: CustomerRef(row["id"], row["segment"]) for row in known
    }
    stale = [
        (digest, one)
        for digest, one in digests.items()
        if one not in found or said.get(one) not in (None, found[one].segment)
    ]
    return found | await _remember(work, stale, said)


async def upsert_customers(
    work: Work, drafts: Sequence[CustomerDraft], *, all_or_nothing: bool = False
) -> list[tuple[UpsertRow[CustomerDraft], CustomerDetail | None]]:
    """Make or change customers by reference; each row comes with what it left, None if rejected.

    What names a person is sealed under that person's own key, made when first needed.
    """
    rows = read_upserts(drafts, "customers", lambda draft: draft.reference, read_customer)
    good = good_rows(rows, all_or_nothing=all_or_nothing)
    by_digest = {digest_of(work, row.code): row for row in good}
    await resolve_customers(work, [row.code for row in good])
    found = await work.rows(statements.CUSTOMERS_TO_CHANGE, work.principal.org_id, list(by_digest))
    details: dict[str, CustomerDetail] = {}
    pending: list[tuple[CustomerDetail, Personal, bytes | None]] = []
    for known in found:
        row = by_digest[known["reference_digest"]]
        assert row.value is not None
        details[row.code] = loaders.detail_of(known)
        after = _merged(work, row.value, known)
        if after is not None:
            details[row.code] = after[0]
            pending.append((*after, loaders.key_of(work, known)))
    await _write(work, pending)
    work.note_all("CUSTOMERS_UPSERTED", [after.ref.id for after, _, _ in pending])
    return [(row, None if row.error else details[row.code]) for row in rows]


async def list_customers(
    work: Work,
    criteria: CustomerCriteria,
    order: CustomerOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[CustomerDetail]:
    """Return a page of customers, without what names a person.

    Raises:
        TooMuch, InvalidCursor: see `fetch_page`.
    """
    columns, types = _ORDERS[order]
    ordering = Ordering(f"customers-{order}", columns, types, descending)
    condition = Q()
    if criteria.segments is not None:
        condition &= Q(segment__in=list(criteria.segments))
    if criteria.references is not None:
        digests = [digest_of(work, one) for one in criteria.references]
        condition &= Q(reference_digest__in=digests)
    page = await fetch_page(work, Customer.filter(condition), ordering, first, after)
    facts: list[tuple[str, dict[str, Any]]] = [(cursor, vars(row)) for cursor, row in page.rows]
    return replace(page, rows=[(cursor, loaders.detail_of(row)) for cursor, row in facts])


def digest_of(work: Work, reference: str) -> bytes:
    """Return what stands for a reference; guessing references needs the installation's key."""
    key = work.derived_key("customer references")
    text = reference.encode("utf-8", "surrogatepass")
    return hmac.new(key, work.principal.org_id.bytes + text, sha256).digest()


async def _remember(
    work: Work, wanted: list[tuple[bytes, str]], segments: Mapping[str, str | None]
) -> dict[str, CustomerRef]:
    if not wanted:
        return {}
    written = await work.rows(
        statements.REMEMBER,
        work.principal.org_id,
        [new_id() for _ in wanted],
        [digest for digest, _ in wanted],
        [segments.get(reference) for _, reference in wanted],
        work.now,
    )
    rows = {row["reference_digest"]: row for row in written}
    missed = [digest for digest, _ in wanted if digest not in rows]
    if missed:  # another transaction made them meanwhile
        again = await work.rows(statements.CUSTOMERS_BY_DIGEST, work.principal.org_id, missed)
        rows |= {row["reference_digest"]: row for row in again}
    return {
        reference: CustomerRef(rows[digest]["id"], rows[digest]["segment"])
        for digest, reference in wanted
    }


def _merged(
    work: Work, draft: CustomerDraft, known: dict[str, Any]
) -> tuple[CustomerDetail, Personal] | None:
    """Return what a draft makes of a database row; None where that is nothing new."""
    before = loaders.detail_of(known)
    was = loaders.opened(work, known)
    personal = merged_personal(draft, was)
    segment = chosen(draft.segment, before.ref.segment)
    if segment == before.ref.segment and personal == was:
        return None
    ref = CustomerRef(before.ref.id, segment)
    return CustomerDetail(ref, before.created_at, work.now), personal


async def _write(
    work: Work, pending: Sequence[tuple[CustomerDetail, Personal, bytes | None]]
) -> None:
    new_keys: dict[UUID, bytes] = {}
    sealed: list[bytes | None] = []
    for detail, personal, key in pending:
        id_ = detail.ref.id
        if personal == NOBODY:
            sealed.append(None)
            continue
        if key is None:
            key = new_keys[id_] = os.urandom(_KEY_BYTES)
        plain = msgspec.json.encode(personal)
        sealed.append(encrypt(key, plain, loaders.context(work, id_)))
    if new_keys:
        wrapping = work.derived_key(loaders.KEY_PURPOSE)
        await work.rows(
            statements.PUT_KEYS,
            work.principal.org_id,
            list(new_keys),
            [encrypt(wrapping, key, loaders.context(work, id_)) for id_, key in new_keys.items()],
        )
    if pending:
        await work.rows(
            statements.CHANGE_CUSTOMERS,
            work.principal.org_id,
            [detail.ref.id for detail, _, _ in pending],
            [detail.ref.segment for detail, _, _ in pending],
            sealed,
            work.now,
        )
