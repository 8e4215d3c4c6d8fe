"""Lines of sales lie in tables by month, whoever writes them and whenever."""

import asyncio
import re
from datetime import date

import asyncpg
import pytest
from tortoise import Tortoise
from tortoise.migrations import api

from backend.analytics import statements
from backend.analytics.rules import Question, SalesDimension
from backend.core.ids import new_id
from backend.infra import migrator, orm
from backend.infra.migrator import migrate
from backend.programs import months as keeping
from backend.sales import months
from backend.sales.filters import SalesCriteria
from tests.backend.analytics import brute
from tests.databases import of_database
from tests.world import run_sql

PLACES = """
select tableoid::regclass::text as lies_in,
       'sale_lines_' || to_char(business_day, 'YYYY_MM') as belongs_in
  from sale_lines
"""
WAITING = "select count(*)::int as waiting from sale_lines_rest"
POLICIES = """
select policyname, permissive, roles::text, qual, with_check from pg_policies
 where tablename = 'sale_lines' order by policyname
"""


async def waiting(owner_url):
    return (await run_sql(owner_url, WAITING))[0]["waiting"]


async def test_lines_of_a_month_nobody_foresaw_are_taken_to_it(database, owner_url, org_id):
    lines = await brute.fill(owner_url, org_id)
    assert await waiting(owner_url) == len(lines)

    while await waiting(owner_url):
        await keeping.keep(database)

    places = await run_sql(owner_url, PLACES)
    assert len(places) == len(lines)
    assert {row["lies_in"] for row in places} == {row["belongs_in"] for row in places}


async def test_a_month_asked_for_by_many_at_once_is_made_once(
    database, principal, owner_url, org_id
):
    days = [date(2011, month, 5) for month in range(1, 7)]

    made = await asyncio.gather(
        *(months.provide(database, principal, days[n:] + days[:n]) for n in range(6))
    )

    assert sum(made) == len(days)


async def test_months_made_while_sales_come_in_lose_none(database, owner_url, org_id):
    shelf = await brute.fill_shelf(owner_url, org_id)
    selling = asyncio.gather(
        *(brute.sell(owner_url, org_id, shelf, seed=seed, sales=80, at_once=4) for seed in range(3))
    )

    while not selling.done():
        await keeping.keep(database)
    sold = await selling
    while await waiting(owner_url):
        await keeping.keep(database)

    places = await run_sql(owner_url, PLACES)
    assert len(places) == sum(map(len, sold))
    assert {row["lies_in"] for row in places} == {row["belongs_in"] for row in places}


async def test_behind_a_long_reader_no_month_is_made_and_nobody_waits_for_it(
    database, principal, owner_url, org_id
):
    reader = await asyncpg.connect(owner_url)
    async with reader.transaction():
        await reader.fetch("select from sale_lines_rest")

        made = await asyncio.wait_for(months.provide(database, principal, [date(2012, 2, 1)]), 10)

        assert made == 0
    await reader.close()
    assert await months.provide(database, principal, [date(2012, 2, 1)]) == 1


async def test_a_question_about_some_days_reads_their_months_only(
    database, principal, owner_url, org_id
):
    await brute.fill(owner_url, org_id, sales=50)
    while await waiting(owner_url):
        await keeping.keep(database)
    criteria = SalesCriteria(first_day=date(2018, 3, 5), last_day=date(2018, 4, 2))
    question = Question((SalesDimension.PRODUCT,))
    text, values = statements.summary(question, criteria, principal)

    async with database.work(principal, read_only=True) as work:
        plan = await work.rows(f"explain {text}", org_id, *values)

    read = re.findall(r"on (sale_lines_\w+)", " ".join(row["QUERY PLAN"] for row in plan))
    assert set(read) == {"sale_lines_2018_03", "sale_lines_2018_04"}


@pytest.fixture
async def old_url(postgres):
    """A database as it was before lines lay in months."""
    admin = await asyncpg.connect(of_database(postgres.owner_url, "postgres"))
    await admin.execute("create database before_months")
    url = of_database(postgres.owner_url, "before_months")
    await asyncio.create_task(_migrate_to("retail.0041_business_years", url))
    yield url
    await admin.execute("drop database before_months with (force)")
    await admin.close()


async def _migrate_to(target, url):
    await api.migrate(config=orm.config(migrator._credentials(url)), target=target)
    await Tortoise.close_connections()


async def test_a_filled_installation_moves_its_lines_to_their_months(
    old_url, settings, database, owner_url
):
    old = await asyncpg.connect(old_url)
    for sql in OLD:
        await old.execute(sql, new_id())
    before = await old.fetch("select sale_id, line_no, net from sale_lines order by 1, 2")

    await migrate(settings, old_url, lambda _: None)

    after = await old.fetch("select sale_id, line_no, net from sale_lines order by 1, 2")
    places = await old.fetch(PLACES)
    granted = await old.fetch(
        "select has_table_privilege('shelfcast_app', inhrelid, 'select') as any from pg_inherits"
        " where inhparent = 'sale_lines'::regclass"
    )
    await old.close()
    assert before == after
    assert len(before) == 2_000
    assert {row["lies_in"] for row in places} == {row["belongs_in"] for row in places}
    assert not any(row["any"] for row in granted)
    assert await run_sql(old_url, POLICIES) == await run_sql(owner_url, POLICIES)


OLD = (
    "insert into sales (org_id, id, kind, idempotency_key, source, location_id, channel, sale_type,"
    " sold_at, business_day, currency, exchange_rate)"
    " select $1::uuid, gen_random_uuid(), 'SALE', n::text, 'POS', $1::uuid, 'ONLINE', 'DIRECT',"
    " date '2010-12-01' + n, date '2010-12-01' + n, 'USD', 1 from generate_series(1, 1000) n",
    "insert into sale_lines (org_id, sale_id, line_no, product_id, quantity, unit_price, gross,"
    " discounted, net)"
    " select org_id, id, n, $1::uuid, 1, n, n, 0, n from sales, generate_series(1, 2) n",
)
