"""The organisation that may hold invented figures, and says so."""

from typing import Final

import asyncpg

from backend.core.principal import Principal, program
from backend.identity import organisations
from backend.identity.errors import OrganisationNotFound
from backend.identity.organisations import ensure_first_organisation, find_organisation
from backend.infra.database import Database
from backend.programs.demo.places import ZONE

CODE: Final = "demo"
NAME: Final = "Demo retailer"
CURRENCY: Final = "USD"


async def ensure_demo_organisation(owner_url: str) -> None:
    """Make the demo's organisation where there is none at all."""
    owner = await asyncpg.connect(owner_url)
    try:
        await ensure_first_organisation(
            owner, code=CODE, name=NAME, currency=CURRENCY, timezone=ZONE, is_demo=True
        )
    finally:
        await owner.close()


async def demo_principal(database: Database) -> Principal | None:
    """Return who acts for the demo's organisation; None where there is none that says it is one."""
    try:
        principal = program(await find_organisation(database, CODE), "shelfcast demo")
    except OrganisationNotFound:
        return None
    async with database.work(principal, read_only=True) as work:
        return principal if (await organisations.describe(work)).is_demo else None
