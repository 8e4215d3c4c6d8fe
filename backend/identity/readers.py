"""What somebody may see who is not here: for what is made for them while they are away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from backend.core.principal import Principal
from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.identity.rules import Limits
from backend.infra.work import Work

_PEOPLE: Final = """
select u.id, u.email, u.name, u.role, null::text[] as scopes, u.location_ids, u.distributor_id,
       u.channel
  from users u join organisations o on o.id = u.org_id
 where u.id = any($1) and u.disabled_at is null and u.password_hash is not null
   and o.closed_at is null
"""
_CLIENT: Final = """
select c.role, c.scopes, c.location_ids, c.distributor_id, c.channel
  from clients c join organisations o on o.id = c.org_id
 where c.client_id = $1 and c.revoked_at is null and o.closed_at is null
"""
_EMAILS: Final = "select id from users where email = any($1)"


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who may sign in, and what they may see."""

    user_id: UUID
    email: str
    name: str
    principal: Principal


async def people(work: Work, ids: Iterable[UUID]) -> dict[UUID, Reader]:
    """Return those of these people who may sign in, as they would see things now."""
    rows = await work.rows(_PEOPLE, list(ids))
    return {
        row["id"]: Reader(row["id"], row["email"], row["name"], _principal(work, row, row["id"]))
        for row in rows
    }


async def people_by_email(work: Work, emails: Sequence[str]) -> dict[str, Reader]:
    """Return the same by e-mail address, as it is stored."""
    rows = await work.rows(_EMAILS, list(emails))
    found = await people(work, [row["id"] for row in rows])
    return {one.email: one for one in found.values()}


async def program_of(work: Work, client_id: str) -> Principal | None:
    """Return what a client acts as for itself; None: it may do nothing any more."""
    row = await work.row(_CLIENT, client_id)
    return None if row is None else _principal(work, row, None, client_id)


def _principal(
    work: Work, row: dict[str, Any], user_id: UUID | None, client_id: str = ""
) -> Principal:
    places, scopes = row["location_ids"], row["scopes"]
    limits = Limits(
        role=None if row["role"] is None else Role(row["role"]),
        scopes=None if scopes is None else frozenset(map(Scope, scopes)),
    )
    return Principal(
        org_id=work.principal.org_id,
        client_id=client_id or work.principal.client_id,
        scopes=limits.leave_of(frozenset(Scope)),
        locations=None if places is None else frozenset(places),
        partner=row["distributor_id"],
        channel=row["channel"],
        user_id=user_id,
    )
