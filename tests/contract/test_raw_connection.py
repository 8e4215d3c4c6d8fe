"""Whatever SQL the application's roles run without an organisation, they see no row of one."""

import io

import asyncpg
import pytest

from tests.contract.test_roles import GLOBAL, REFUSED, connected, tables

__all__ = ["tables"]

WAYS = (
    "select * from {table}",
    "with t as materialized (select * from {table}) select * from t",
    "select * from only {table}",
    "select x.* from (values (1)) v cross join lateral (select * from {table}) x",
    "select t::text from {table} t union all select t::text from {table} t",
    "select * from {table} for update",
    "update {table} set org_id = org_id returning *",
    "merge into {table} t using (values (1)) v on true when matched then delete returning t.*",
    "delete from {table} returning *",
)
SETTINGS = (
    "select set_config('row_security', 'off', false)",
    "select set_config('shelfcast.acts_for_all', 'on', false)",
    "select set_config('shelfcast.org', '', false)",
)
STATISTICS = "select tablename, attname from pg_stats where schemaname = 'public'"


@pytest.fixture(params=["app", "limited"])
async def raw(request, settings, owner_url, tables):
    """A connection as a role of the application, on a database whose tables hold a row each."""
    async with connected(settings, owner_url, request.param) as connection:
        yield connection


async def test_no_way_of_asking_finds_a_row(raw, tables):
    found = set()
    for table in tables:
        for way in WAYS:
            try:
                rows = await raw.fetch(way.format(table=table))
            except (*REFUSED, asyncpg.UndefinedColumnError, asyncpg.WrongObjectTypeError):
                continue
            found |= {table} if rows else set()

    assert found <= GLOBAL


async def test_a_copy_holds_no_row(raw, tables):
    for table in set(tables) - GLOBAL:
        output = io.BytesIO()
        try:
            await raw.copy_from_table(table, output=output)
        except REFUSED:
            continue
        assert output.getvalue() == b"", table


async def test_no_setting_opens_the_tables(raw, tables):
    for setting in SETTINGS:
        await raw.execute(setting)
        for table in set(tables) - GLOBAL:
            try:
                assert await raw.fetch(f"select * from {table}") == [], (setting, table)
            except REFUSED:  # without row_security PostgreSQL refuses rather than filters
                continue


async def test_the_planner_s_statistics_tell_no_values(raw, owner_url, tables):
    owner = await asyncpg.connect(owner_url)
    await owner.execute("analyze")
    await owner.close()

    assert {row["tablename"] for row in await raw.fetch(STATISTICS)} <= GLOBAL
