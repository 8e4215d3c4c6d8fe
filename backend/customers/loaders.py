"""What a list of customers needs beyond its rows, in one statement whatever the number of rows."""

from typing import Any, Final
from uuid import UUID

import msgspec

from backend.customers import statements
from backend.customers.rules import NOBODY, CustomerDetail, CustomerRef, Personal
from backend.infra.secret_key import decrypt
from backend.infra.work import Work

KEY_PURPOSE: Final = "customer keys"


async def personal_data(work: Work, ids: list[UUID]) -> list[Personal]:
    """Return what names these persons, decrypted, in the order of `ids`.

    A person whose key was destroyed, or of whom nothing is known, is NOBODY.
    """
    rows = await work.rows(statements.PERSONAL, work.principal.org_id, ids)
    found = {row["id"]: opened(work, row) for row in rows}
    return [found.get(id_, NOBODY) for id_ in ids]


def opened(work: Work, row: dict[str, Any]) -> Personal:
    """Return the personal fields of a database row, decrypted with the person's own key."""
    key = key_of(work, row)
    if key is None or row["personal"] is None:
        return NOBODY
    plain = decrypt(key, row["personal"], context(work, row["id"]))
    return NOBODY if plain is None else msgspec.json.decode(plain, type=Personal)


def key_of(work: Work, row: dict[str, Any]) -> bytes | None:
    """Return the person's own key of a database row; None where there is none, or none for us."""
    if row["wrapped_key"] is None:
        return None
    return decrypt(work.derived_key(KEY_PURPOSE), row["wrapped_key"], context(work, row["id"]))


def context(work: Work, customer_id: UUID) -> bytes:
    """Return what binds a sealed value to its person: moved to another row it does not open."""
    return work.principal.org_id.bytes + customer_id.bytes


def detail_of(row: dict[str, Any]) -> CustomerDetail:
    """Return the customer of a database row."""
    ref = CustomerRef(row["id"], row["segment"])
    return CustomerDetail(ref, row["created_at"], row["updated_at"])
