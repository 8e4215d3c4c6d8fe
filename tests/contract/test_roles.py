from contextlib import asynccontextmanager

import asyncpg
import pytest

from backend.core.ids import new_id
from tests.world import run_sql

TABLES = """
select c.relname, c.relispartition as is_partition from pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
"""
CHECKS = """
select conrelid::regclass::text, conname from pg_constraint
 where contype = 'c' and conrelid <> 0 and coninhcount = 0
"""
REQUIRED = """
select a.attname, format_type(a.atttypid, null) as kind from pg_attribute a
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
 where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped
   and (a.attnotnull and d.oid is null)
"""
VALUES = {
    "uuid": "gen_random_uuid()",
    "text": "'text'",
    "character varying": "'text'",
    "character": "'USD'",
    "bytea": "'x'",
    "json": "'[]'",
    "jsonb": "'{}'",
    "date": "'2026-01-01'",
    "timestamp with time zone": "now()",
    "text[]": "'{}'",
    "uuid[]": "'{}'",
    "real[]": "'{}'",
    "boolean": "true",
}
READABLE = "select relname from pg_class where relnamespace = 'public'::regnamespace and " + (
    "relkind in ('r', 'p', 'v', 'm') and has_table_privilege($1, oid, 'select')"
)
CALLABLE = """
select proname from pg_proc
 where pronamespace = 'public'::regnamespace and has_function_privilege($1, oid, 'execute')
"""
GLOBAL = {"feed_epoch"}
REFUSED = (asyncpg.InsufficientPrivilegeError,)


@pytest.fixture
async def tables(owner_url):
    """All tables, each with one row of an organisation nobody has chosen."""
    connection = await asyncpg.connect(owner_url)
    await connection.execute("set session_replication_role = replica")
    for table, name in await connection.fetch(CHECKS):
        await connection.execute(f'alter table {table} drop constraint "{name}"')
    found = await connection.fetch(TABLES)
    for name in {row["relname"] for row in found if not row["is_partition"]}:
        columns = await connection.fetch(REQUIRED, name)
        if name not in GLOBAL | {"tortoise_migrations"}:
            await connection.execute(_insert(name, columns))
    await connection.close()
    return sorted(row["relname"] for row in found)


def _insert(table, columns):
    if not columns:
        return f"insert into {table} default values"
    names = ", ".join(column["attname"] for column in columns)
    values = ", ".join(VALUES.get(column["kind"], "1") for column in columns)
    return f"insert into {table} ({names}) values ({values})"


@asynccontextmanager
async def connected(settings, owner_url, role):
    connection = await asyncpg.connect(settings.role_url(role, owner_url))
    try:
        yield connection
    finally:
        await connection.close()


async def names(owner_url, statement, role):
    rows = await run_sql(owner_url, statement, f"shelfcast_{role}")
    return {row[0] for row in rows}


@pytest.mark.parametrize("org", ["", str(new_id())], ids=["no organisation", "another one"])
async def test_the_application_sees_and_changes_nothing_of_organisations_it_does_not_act_for(
    settings, owner_url, tables, org
):
    found = {}
    async with connected(settings, owner_url, "app") as app:
        await app.execute("select set_config('shelfcast.org', $1, false)", org)
        for table in tables:
            try:
                found[table] = await app.fetchval(f"select count(*) from {table}")
            except REFUSED:
                found[table] = 0
            try:
                gone = await app.execute(f"delete from {table}")
                found[table] += int(gone.split()[-1])
            except REFUSED:
                pass

    assert {table for table, count in found.items() if count} == GLOBAL
    assert {"clients", "event_log", "organisations", "sales"} <= set(tables)


async def test_the_application_writes_nothing_for_another_organisation(settings, owner_url, tables):
    connection = await asyncpg.connect(owner_url)
    statements = {
        table: _insert(table, await connection.fetch(REQUIRED, table)) for table in tables
    }
    await connection.close()

    async with connected(settings, owner_url, "app") as app:
        await app.execute("select set_config('shelfcast.org', $1, false)", str(new_id()))
        for statement in statements.values():
            with pytest.raises(REFUSED):
                await app.execute(statement)


@pytest.mark.parametrize(
    ("role", "readable"),
    [
        ("tail", {"event_log", "feed_epoch", "feed_floor"}),
        ("auth", {"signing_keys"}),
    ],
)
async def test_the_other_roles_read_what_they_need_and_no_more(owner_url, role, readable):
    assert await names(owner_url, READABLE, role) == readable


@pytest.mark.parametrize(
    ("role", "callable_"),
    [
        ("tail", {"feed_horizon", "applied_migrations"}),
        (
            "auth",
            {
                "find_client",
                "find_enrolment_code",
                "find_link",
                "find_session",
                "find_ticket",
                "find_user",
                "list_organisations",
                "applied_migrations",
                "backlog",
                "rollup_lag",
                "rollup_standings",
                "forecast_health",
            },
        ),
    ],
)
async def test_the_other_roles_call_what_they_need_and_no_more(owner_url, role, callable_):
    assert await names(owner_url, CALLABLE, role) == callable_


@pytest.mark.parametrize("role", ["app", "tail"])
async def test_signing_keys_are_for_the_role_auth_alone(settings, owner_url, role):
    async with connected(settings, owner_url, role) as connection:
        with pytest.raises(REFUSED):
            await connection.fetch("select * from signing_keys")


@pytest.mark.parametrize("role", ["app", "tail", "auth"])
async def test_no_role_can_make_tables_or_get_out_of_its_policies(settings, owner_url, role):
    async with connected(settings, owner_url, role) as connection:
        for statement in (
            "create table mine (x int)",
            "create schema mine",
            "set role shelfcast_owner",
            "alter table clients disable row level security",
            "select pg_read_file('/etc/passwd')",
            "select nextval('event_seq')",
        ):
            with pytest.raises(REFUSED):
                await connection.execute(statement)
