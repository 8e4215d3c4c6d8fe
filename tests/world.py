"""What tests put into a database beside the fixtures."""

import asyncpg

from backend.core.ids import new_id
from backend.core.principal import Principal


async def add_organisation(owner_url, code, *, currency="USD", timezone="UTC", is_demo=False):
    """Insert an organisation and return its id."""
    org_id = new_id()
    statement = (
        "insert into organisations (id, code, name, currency, timezone, is_demo)"
        " values ($1, $2, $3, $4, $5, $6)"
    )
    await run_sql(owner_url, statement, org_id, code, code.title(), currency, timezone, is_demo)
    return org_id


def principal_with(org_id, *scopes, locations=None, client_id="test", **limits):
    """Return a principal with these scopes only; `locations` are ids, None means all.

    `partner` and `channel` limit it to a distributor's id and a channel.
    """
    limit = None if locations is None else frozenset(locations)
    return Principal(org_id, client_id, frozenset(scopes), locations=limit, **limits)


async def run_sql(url, statement, *values):
    """Run one statement on a connection of its own and return its rows."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(statement, *values)
    finally:
        await connection.close()
