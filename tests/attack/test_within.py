"""Whoever is limited to places, or is a partner, learns and changes nothing of the rest.

The policies say what is seen (tests/contract/test_limits.py proves them table by table): here every
way through the API is held to them.
"""

import json

import asyncpg
import pytest

from tests.attack.attacking import attacks
from tests.attack.victim import COLUMNS, caller, fill, known_of, tokens_in
from tests.world import run_sql

FACTS = "event_log"
"""An entry holds facts for many: a partner is shown its own of them."""


@pytest.fixture(params=["here", "nowhere", "distributor", "marketplace", "both"])
async def insider(request, app, client, victim, owner_url):
    """A client of the victim with limits of one sort, as (caller, what it knows, its limits)."""
    await fill(victim.admin.ask, "a", 2)
    places = await ids(owner_url, "locations", "%a-S%")
    (distributor,) = await ids(owner_url, "distributors", "%a-D00")
    limits = {
        "here": {"locations": places},
        "nowhere": {"locations": []},
        "distributor": {"distributor_id": distributor},
        "marketplace": {"channel": "MARKETPLACE"},
        "both": {"locations": places, "distributor_id": distributor, "channel": "IN_STORE"},
    }[request.param]
    attacker = await caller(app, client, victim.principal, "admin", **limits)
    return attacker, await known_of(owner_url, victim.org_id, victim.admin), limits


async def ids(owner_url, table, pattern):
    rows = await run_sql(owner_url, f"select id from {table} where code like $1", pattern)
    return [row["id"] for row in rows]


async def rows_of(connection, org_id):
    """Return the text of every row of an organisation that a connection sees, by table."""
    found = {}
    for table in await connection.fetch(COLUMNS):
        if table["is_owned"]:
            name = table["name"]
            try:
                rows = await connection.fetch(
                    f"select t::text as row from {name} t where org_id = $1", org_id
                )
            except asyncpg.InsufficientPrivilegeError:
                rows = []
            found[name] = {row["row"] for row in rows}
    return found


async def seen_and_all(settings, owner_url, org_id, limits):
    """Return the rows that someone with these limits sees, and all there are."""
    owner = await asyncpg.connect(owner_url)
    limited = await asyncpg.connect(settings.role_url("limited", owner_url))
    try:
        places = limits.get("locations")
        for name, value in {
            "org": str(org_id),
            "locations": "" if places is None else f"{{{','.join(map(str, places))}}}",
            "partner": str(limits.get("distributor_id") or ""),
            "channel": limits.get("channel") or "",
        }.items():
            await limited.execute(f"select set_config('shelfcast.{name}', $1, false)", value)
        return await rows_of(limited, org_id), await rows_of(owner, org_id)
    finally:
        await owner.close()
        await limited.close()


async def test_who_is_limited_learns_and_changes_nothing_of_the_rest(
    insider, victim, settings, owner_url
):
    attacker, known, limits = insider
    seen, everything = await seen_and_all(settings, owner_url, victim.org_id, limits)
    hidden = {name: rows - seen[name] for name, rows in everything.items()}
    open_ = {row for name, rows in seen.items() if name != FACTS for row in rows}
    secrets = singing(hidden.values()) - singing([open_]) - tokens_in(json.dumps(known.anything))
    assert len(secrets) >= 10
    assert hidden["sales"]
    assert hidden["alerts"]

    async for name, body, response in attacks(attacker, known, known):
        # What a caller makes may hold what it was given: only what was there before is a secret.
        assert not tokens_in(response.text) & secrets, (name, body, response.text)

    _, after = await seen_and_all(settings, owner_url, victim.org_id, limits)
    reacting = {"alerts"}
    if "locations" in limits:  # goods that come from elsewhere are there no more
        reacting |= {"stock_levels", "pieces"}
    changed = {name: rows - after[name] for name, rows in hidden.items() if name not in reacting}
    assert {name: rows for name, rows in changed.items() if rows} == {}


def singing(groups):
    return {token for rows in groups for row in rows for token in tokens_in(row)}
