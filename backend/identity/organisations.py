"""Which organisations there are, and the first one."""

from uuid import UUID

import asyncpg

from backend.core.ids import new_id
from backend.identity import rules, statements
from backend.identity.errors import OrganisationNotFound
from backend.identity.rules import OrganisationDetails
from backend.infra.database import Database
from backend.infra.work import Work


async def find_organisation(database: Database, code: str | None) -> UUID:
    """Return the id of the organisation of that code; None stands for the only one.

    Raises:
        OrganisationNotFound: there is none of that code, or several and none was named.
    """
    async with database.auth() as connection:
        rows = await connection.fetch(statements.LIST_ORGANISATIONS)
    known = {row["code"]: row["id"] for row in rows}
    if code is None and len(known) == 1:
        return next(iter(known.values()))
    if code in known:
        return known[code]
    if not known:
        raise OrganisationNotFound("there is no organisation yet: run `shelfcast migrate`")
    names = ", ".join(known)
    if code is None:
        raise OrganisationNotFound(f"there are several organisations, name one of {names}")
    raise OrganisationNotFound(f"there is no organisation {code!r}, there is {names}")


async def describe(work: Work) -> OrganisationDetails:
    """Return the organisation the work belongs to."""
    row = await work.row(statements.ORGANISATION, work.principal.org_id)
    assert row is not None, "a unit of work belongs to an organisation that exists"
    return OrganisationDetails(**row)


async def organisation_ids(database: Database) -> list[UUID]:
    """Return all organisations, for programs that act for one after the other."""
    async with database.auth() as connection:
        return [row["id"] for row in await connection.fetch(statements.LIST_ORGANISATIONS)]


async def ensure_first_organisation(
    owner: asyncpg.Connection,
    *,
    code: str,
    name: str,
    currency: str,
    timezone: str,
    is_demo: bool = False,
) -> UUID | None:
    """Make an organisation where there is none at all, as the owner of the database.

    Returns:
        Its id; None when there was one already.

    Raises:
        InvalidOrganisation: code, name or currency cannot be one.
        InvalidTimeZone: the time zone is unknown.
    """
    details = rules.check_organisation(code, name, currency, timezone)
    org_id = new_id()
    made = await owner.fetchval(statements.FIRST_ORGANISATION, org_id, *details, is_demo)
    return org_id if made else None
