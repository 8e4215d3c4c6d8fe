"""Levels by the thousand: read in parts, between which others have their turn."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from backend.infra.work import MOST_AT_ONCE, Reactions, Work
from backend.replenishment import statements
from backend.replenishment.levels import SupplyCriteria, levels_of
from backend.replenishment.positions import positions, supplied
from backend.replenishment.supply import supply_book
from backend.replenishment.terms import Terms
from tests.world import run_sql

FILL = """
with made as (select $1::uuid as org), goods as (
    insert into products (org_id, id, sku, name)
    select org, gen_random_uuid(), 'SKU-' || n, 'Product ' || n from made, generate_series(1, 90) n
    returning id
), places as (
    insert into locations (org_id, id, code, name, kind, timezone)
    select org, gen_random_uuid(), 'L-' || n, 'Store ' || n, 'STORE', 'UTC'
      from made, generate_series(1, 50) n
    returning id
)
insert into stock_levels (org_id, id, location_id, product_id, on_hand, committed, reorder_point)
select org, gen_random_uuid(), p.id, g.id, random() * 1e6, 0.25,
       case when random() < 0.5 then 7.5 end
  from made, goods g, places p
"""
STORED = """
select loc.code, p.sku, l.on_hand, l.committed, l.reorder_point
  from stock_levels l join locations loc on loc.id = l.location_id
  join products p on p.id = l.product_id
"""
TERMS = """
insert into supply_terms (org_id, id, product_id, location_id, lead_time_days, updated_at,
                          updated_by)
select $1, gen_random_uuid(), p.id, l.id, $4, now(), 'test'
  from (select 1) one left join products p on p.sku = $2 left join locations l on l.code = $3
"""


@pytest.fixture
async def levels(owner_url, org_id):
    """Ninety products at fifty locations."""
    await run_sql(owner_url, FILL, org_id)


async def test_thousands_of_levels_come_in_parts_in_order_and_exactly(
    levels, database, principal, owner_url
):
    stored = sorted(tuple(row) for row in await run_sql(owner_url, STORED))

    async with database.work(principal, read_only=True) as work:
        sent = await work.rows(statements.LEVELS, principal.org_id, *[None] * 4, 10_000)
        found = await positions(work, SupplyCriteria(), Terms())

    assert [len(row["keys"]) // 32 for row in sent] <= [2_000] * 3
    assert len(sent) == 3
    rows = [found.at(n) for n in range(len(found.levels))]
    assert [
        (row.location.code, row.product.sku, row.on_hand, row.committed, row.own_point)
        for row in rows
    ] == stored
    assert rows[0].committed == Decimal("0.25")


async def test_terms_are_looked_up_once_for_what_they_do_not_tell_apart(
    levels, database, principal, owner_url
):
    for sku, code, days in ((None, None, 5), ("SKU-7", None, 9), ("SKU-7", "L-3", 11)):
        await run_sql(owner_url, TERMS, principal.org_id, sku, code, days)

    async with database.work(principal, read_only=True) as work:
        found = await levels_of(work, SupplyCriteria())
        book = await supply_book(work, Terms())
    supplies, supply = supplied(found, book)

    assert len(supplies) <= 4
    for n in range(len(found)):
        good, place = found.goods[found.good[n]], found.places[found.place[n]]
        expected = book.supply(good.distributor_id, good.product.id, place.id, good.pack)
        assert supplies[supply[n]] == expected


class Driver:
    """A connection that has all rows at once, as if the server had been that quick."""

    @asynccontextmanager
    async def acquire_connection(self):
        yield self

    async def fetch(self, _sql, *_values):
        return [{"n": n} for n in range(5 * MOST_AT_ONCE)]


async def test_many_rows_are_taken_apart_in_turns_with_others(principal):
    work = Work(Driver(), principal, datetime.now(UTC), Reactions(), lambda _: b"")  # pyright: ignore[reportArgumentType]
    turns, is_done = 0, asyncio.Event()

    async def others():
        nonlocal turns
        while not is_done.is_set():
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(others())
    rows = await work.rows("select")
    is_done.set()
    await other

    assert [row["n"] for row in rows] == list(range(5 * MOST_AT_ONCE))
    assert turns >= 5
