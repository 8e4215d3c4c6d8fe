"""What is limited in the database, table by table: new tables are covered without editing this."""

from contextlib import asynccontextmanager

import asyncpg
import pytest

from backend.core.ids import new_id
from tests.contract.test_roles import CHECKS, REQUIRED, VALUES

LINKS = {"location_id", "device_id", "sale_id", "product_id", "customer_id"}
"""Columns that say to which part of the organisation a row belongs."""
NOT_FOR_PARTNERS = {
    "alerts", "customer_keys", "customers", "devices", "enrolment_codes", "forecast_errors",
    "forecasts", "goal_changes", "goals", "parked_codes", "parked_reads", "piece_turns", "pieces",
    "raw_reads", "read_points", "rollup_days", "tag_minutes",
}  # fmt: skip
LINKED = """
select c.relname as name, array_agg(a.attname::text) as columns,
       exists (select from pg_policy p where p.polrelid = c.oid and not p.polpermissive
                  and p.polcmd = '*' and p.polroles = array['shelfcast_limited'::regrole::oid]
                  and p.polwithcheck is not null) as is_limited
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
 group by c.oid, c.relname order by c.relname
"""
ORG, HERE, THERE, DISTRIBUTOR = new_id(), new_id(), new_id(), new_id()


@pytest.fixture
async def owner(owner_url):
    connection = await asyncpg.connect(owner_url)
    yield connection
    await connection.close()


@pytest.fixture
async def tables(owner):
    """The tables with a location; each gets a row of one organisation here and one there."""
    await owner.execute("set session_replication_role = replica")
    for table, name in await owner.fetch(CHECKS):
        await owner.execute(f'alter table {table} drop constraint "{name}"')
    rows = await owner.fetch(LINKED)
    names = [row["name"] for row in rows if "location_id" in row["columns"]] + ["locations"]
    statements = {name: await insertion(owner, name) for name in names}
    for statement in statements.values():
        for place in (HERE, THERE):
            await owner.execute(statement, ORG, place)
    return statements


async def insertion(owner, table):
    """Return a statement that inserts a row with organisation $1 and place $2."""
    place = "id" if table == "locations" else "location_id"
    values = {
        column["attname"]: VALUES.get(column["kind"], "1")
        for column in await owner.fetch(REQUIRED, table)
    }
    values |= {"org_id": "$1::uuid", place: "$2::uuid"}
    for name in values.keys() & {"key", "code", "serial", "member"}:
        values[name] = "$2::uuid::text"
    if "digest" in values:
        values["digest"] = "$2::uuid::text::bytea"
    if "seq" in values:
        values["seq"] = "hashtext($2::uuid::text)"
    return f"insert into {table} ({', '.join(values)}) values ({', '.join(values.values())})"


@asynccontextmanager
async def limited(settings, owner_url, *, locations="", partner="", channel=""):
    """A connection of a principal with these limits; they hold for the whole session."""
    connection = await asyncpg.connect(settings.role_url("limited", owner_url))
    limits = {"org": str(ORG), "locations": locations, "partner": partner, "channel": channel}
    for name, value in limits.items():
        await connection.execute(f"select set_config('shelfcast.{name}', $1, false)", value)
    try:
        yield connection
    finally:
        await connection.close()


async def test_every_table_of_a_part_of_the_organisation_has_a_policy_for_who_is_limited(owner):
    rows = await owner.fetch(LINKED)

    linked = {row["name"] for row in rows if LINKS & set(row["columns"])}
    assert linked >= {"sales", "sale_lines", "stock_levels", "raw_reads", "event_log"}
    assert {row["name"] for row in rows if row["name"] in linked and not row["is_limited"]} == set()


@pytest.mark.parametrize(
    ("locations", "seen"),
    [(f"{{{HERE}}}", {HERE}), ("{}", set()), (f"{{{HERE},{THERE}}}", {HERE, THERE})],
    ids=["one", "none", "both"],
)
async def test_who_is_limited_to_locations_sees_and_changes_nothing_elsewhere(
    settings, owner_url, tables, locations, seen
):
    async with limited(settings, owner_url, locations=locations) as connection:
        for table in tables:
            place = "id" if table == "locations" else "location_id"
            found = await connection.fetch(f"select {place} from {table}")
            assert {row[place] for row in found} == seen, table
            for verb in (f"update {table} set {place} = {place}", f"delete from {table}"):
                assert await changed(connection, verb) in (None, len(seen)), verb


async def changed(connection, statement):
    """Return how many rows a statement changed, None where nobody may change any."""
    try:
        return int((await connection.execute(statement)).split()[-1])
    except asyncpg.InsufficientPrivilegeError:
        return None


async def test_who_is_limited_to_locations_writes_nothing_elsewhere(settings, owner_url, tables):
    async with limited(settings, owner_url, locations=f"{{{HERE}}}") as connection:
        for statement in tables.values():
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement, ORG, THERE)


@pytest.mark.parametrize(
    "limit", [{"partner": str(DISTRIBUTOR)}, {"channel": "ONLINE"}], ids=["distributor", "channel"]
)
async def test_partners_see_nothing_of_customers_devices_and_alerts(
    settings, owner_url, owner, tables, limit
):
    await owner.execute(
        "insert into customers (org_id, id, reference_digest) values ($1, $1, 'x')", ORG
    )
    await owner.execute("insert into customer_keys values ($1, $1, 'x')", ORG)
    await owner.execute("insert into read_points values ($1, $1, 'x', 'SHELF')", ORG)

    async with limited(settings, owner_url, **limit) as connection:
        for table in NOT_FOR_PARTNERS:
            assert await connection.fetchval(f"select count(*) from {table}") == 0, table


async def test_a_table_of_a_part_of_the_organisation_is_for_partners_in_part_or_not_at_all(
    settings, owner_url, owner, tables
):
    async with limited(settings, owner_url, partner=str(DISTRIBUTOR)) as connection:
        seen = {
            table for table in tables if await connection.fetchval(f"select count(*) from {table}")
        }

    assert seen == {"locations"}
