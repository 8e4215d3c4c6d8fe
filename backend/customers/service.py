"""Verbs of the customers."""

import hmac
from collections.abc import Iterable, Mapping
from hashlib import sha256
from uuid import UUID

from backend.core.ids import new_id
from backend.customers import statements
from backend.customers.rules import CustomerRef
from backend.infra.work import Work


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


def digest_of(work: Work, reference: str) -> bytes:
    """Return what stands for a reference; guessing references needs the installation's key."""
    key = work.derived_key("customer references")
    return hmac.new(key, work.principal.org_id.bytes + reference.encode(), sha256).digest()


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


def key_context(customer_id: UUID) -> bytes:
    """Return what binds a sealed value to its person."""
    return customer_id.bytes
