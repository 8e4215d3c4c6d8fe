import re
from pathlib import Path

import asyncpg
import pytest

GLOBAL_TABLES = Path(__file__).parents[2] / "docs" / "global_tables.md"
TABLES = """
select c.relname as name, c.relrowsecurity as is_guarded,
       (select a.attname from pg_index i
          join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
         where i.indrelid = c.oid and i.indisprimary) as key
  from pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
"""
GRANTED_PARTITIONS = """
select c.relname as name from pg_class c, aclexplode(c.relacl) g
 where c.relispartition and g.grantee in (select oid from pg_roles where rolname ~ '^shelfcast_')
   and g.grantee <> c.relowner
"""
VIEWS_OF_THEIR_OWNER = """
select relname as name from pg_class
 where relnamespace = 'public'::regnamespace and relkind = 'v'
   and not coalesce(reloptions, '{}') @> '{security_invoker=true}'
"""


@pytest.fixture
async def rows(owner_url):
    connection = await asyncpg.connect(owner_url)
    yield connection.fetch
    await connection.close()


def documented():
    return set(re.findall(r"^\| `(\w+)`", GLOBAL_TABLES.read_text(), re.MULTILINE))


async def test_every_table_belongs_to_an_organisation_or_is_listed_as_global(rows):
    tables = await rows(TABLES)

    assert {table["name"] for table in tables if table["key"] != "org_id"} == documented()


async def test_every_table_of_organisations_is_guarded_by_policies(rows):
    tables = await rows(TABLES)

    unguarded = {table["name"] for table in tables if not table["is_guarded"]}

    assert unguarded <= documented()


async def test_no_role_reaches_a_partition_past_its_parent_s_policies(rows):
    assert await rows(GRANTED_PARTITIONS) == []


async def test_every_view_applies_the_policies_of_whoever_asks(rows):
    assert await rows(VIEWS_OF_THEIR_OWNER) == []
