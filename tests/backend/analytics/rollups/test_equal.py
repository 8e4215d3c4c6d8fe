import asyncio
import contextlib
import random
from itertools import product
from pathlib import Path

import pytest

from backend.analytics import service as analytics
from backend.analytics.rollups import keeping
from backend.analytics.rollups.choosing import ALWAYS
from backend.analytics.rollups.grains import GRAINS, Column, Span, kept_spans
from backend.analytics.rollups.standing import Standing, standing
from backend.analytics.rules import Question, SalesDimension
from backend.core.scopes import Scope
from tests.backend.analytics import brute
from tests.backend.analytics.test_summary import ids, random_filter
from tests.world import principal_with, run_sql


@pytest.mark.parametrize("finest", list(Span))
async def test_roll_ups_equal_sums_made_line_by_line(
    database, principal, owner_url, org_id, finest
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=250)
    await roll_up(database, owner_url, org_id, finest)
    rolled = await brute.sell(owner_url, org_id, shelf, seed=2, sales=150, at_once=7)
    while not await keeping.step(database, org_id):  # so few that no grain holds them
        pass
    tail = await brute.sell(owner_url, org_id, shelf, seed=3, sales=40, at_once=4)

    await check(database, principal, [*lines, *rolled, *tail], cuts=120, seed=finest)

    held = await run_sql(owner_url, "select count(*) from rollup_facts")
    assert held[0]["count"] == len(lines) + len(rolled)
    assert await _rolled_lines(owner_url) == len(lines)


async def roll_up(database, owner_url, org_id, finest):
    """Roll up what is recorded, at every grain there is: so few lines would have none."""
    await keeping.catch_up(database, org_id)
    await run_sql(owner_url, "delete from rollup_cells")
    await run_sql(owner_url, "delete from rollup_grains")
    rows = ", ".join(
        f"('{org_id}', {one.no}, {Span.DAY if one.no in ALWAYS else finest})" for one in GRAINS
    )
    await run_sql(owner_url, f"insert into rollup_grains (org_id, grain, finest) values {rows}")
    await keeping.catch_up(database, org_id)


async def check(database, principal, lines, *, cuts, seed=11):
    """Compare random summaries with sums made line by line."""
    dice = random.Random(seed)
    async with database.work(principal, read_only=True) as work:
        for _ in range(cuts):
            group_by = tuple(dice.sample(list(SalesDimension), dice.randint(0, 3)))
            criteria, admits = random_filter(dice, lines)
            found = await analytics.summarise(work, Question(group_by), criteria)

            groups, total = brute.summarise(lines, group_by, admits)
            got = {ids(group): tuple(group.measures) for group in found.groups}
            assert got == groups, (group_by, criteria)
            assert tuple(found.totals) == total, (group_by, criteria)


async def test_what_is_asked_while_sales_are_rolled_equals_the_lines(
    database, principal, owner_url, org_id
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=60)
    await roll_up(database, owner_url, org_id, Span.DAY)
    selling = asyncio.gather(
        *(
            brute.sell(owner_url, org_id, shelf, seed=seed, sales=60, at_once=3)
            for seed in range(2, 5)
        )
    )
    rolling = asyncio.create_task(_roll_for_ever(database, org_id))

    compared = 0
    while not selling.done() or compared < 40:
        compared += await compare(database, principal, lines, cuts=4, seed=compared)

    rolling.cancel()
    held = await run_sql(owner_url, "select count(*) from rollup_facts")
    assert held[0]["count"] > len(lines)


@pytest.mark.parametrize("finest", [Span.THIRD, Span.YEAR])
async def test_products_and_places_that_move_take_their_past_with_them(
    database, principal, owner_url, org_id, finest
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=200)
    await roll_up(database, owner_url, org_id, finest)

    for change in MOVES:
        await run_sql(owner_url, change)
        await brute.sell(owner_url, org_id, shelf, seed=len(change), sales=20, at_once=5)
        await compare(database, principal, lines, cuts=60)
        await keeping.catch_up(database, org_id)
        await compare(database, principal, lines, cuts=60)

    assert await run_sql(owner_url, "select from rollup_moves") == []


async def test_a_worker_that_dies_in_the_middle_rolls_nothing_twice(
    database, principal, owner_url, org_id
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=50)
    await roll_up(database, owner_url, org_id, Span.DAY)
    lines += await brute.sell(owner_url, org_id, shelf, seed=2, sales=60, at_once=2)

    for patience in (0.001, 0.004, 0.01, 0.02, 0.04, 0.08):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(keeping.step(database, org_id), patience)
    await keeping.catch_up(database, org_id)

    assert await _rolled_lines(owner_url) == len(lines)
    await check(database, principal, lines, cuts=30)


@pytest.mark.parametrize("limit", ["locations", "channel", "both"])
async def test_who_is_limited_reads_the_sums_of_what_it_may_see(database, owner_url, org_id, limit):
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=150)
    await roll_up(database, owner_url, org_id, Span.DAY)
    lines += await brute.sell(owner_url, org_id, shelf, seed=2, sales=30, at_once=3)
    place, code, *_ = shelf["locations"][0]
    limits = {"locations": [place], "channel": "ONLINE"}
    limits = limits if limit == "both" else {limit: limits[limit]}
    narrow = principal_with(org_id, Scope.SALES_READ, Scope.ANALYTICS_READ, **limits)

    seen = [
        line
        for line in lines
        if ("locations" not in limits or line["LOCATION"] == code)
        and ("channel" not in limits or line["CHANNEL"] == "ONLINE")
    ]
    await check(database, narrow, seen, cuts=80)

    async with database.work(narrow, read_only=True) as work:
        assert (await standing(work)).is_ready
        held = await work.row("select sum(lines) as cells from rollup_cells where grain = 11")
        facts = await work.row("select count(*) as facts from rollup_facts")
    rolled = facts["facts"]
    assert held["cells"] == rolled * len(kept_spans(Span.DAY))
    assert 0 < rolled < len(seen)


@pytest.mark.parametrize("limit", [{}, {"channel": "ONLINE"}, {"locations": 1}], ids=str)
async def test_a_distributor_reads_the_facts_of_what_it_sold(database, owner_url, org_id, limit):
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=150)
    await roll_up(database, owner_url, org_id, Span.DAY)
    rolled = _of_acme(lines, shelf, limit)
    lines += await brute.sell(owner_url, org_id, shelf, seed=2, sales=40, at_once=3)
    acme = _acme(org_id, shelf, limit)

    await check(database, acme, _of_acme(lines, shelf, limit), cuts=120)

    async with database.work(acme, read_only=True) as work:
        assert (await standing(work)).is_ready
        held = await work.row("select count(*) as facts from rollup_facts")
        assert await work.rows("select from rollup_cells") == []
        assert await work.rows("select from rollup_keys where name is not null") == []
    assert 0 < held["facts"] == len(rolled)


async def test_facts_rolled_before_they_said_who_sold_are_marked_month_by_month(
    database, owner_url, org_id
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=120)
    await roll_up(database, owner_url, org_id, Span.MONTH)
    marked = await run_sql(owner_url, "select no, leads from rollup_facts order by no")
    await run_sql(owner_url, "update rollup_facts set leads = leads & ~512")
    await run_sql(owner_url, "update rollup_cursors set unmarked_from = '-infinity'")
    acme = _acme(org_id, shelf, {})
    lines += await brute.sell(owner_url, org_id, shelf, seed=2, sales=10, at_once=5)

    readiness = []
    while not await keeping.step(database, org_id):
        await check(database, acme, _of_acme(lines, shelf, {}), cuts=5, seed=len(readiness))
        async with database.work(acme, read_only=True) as work:
            readiness.append((await standing(work)).is_ready)

    await check(database, acme, _of_acme(lines, shelf, {}), cuts=40)
    after = await run_sql(owner_url, "select no, leads from rollup_facts order by no")
    assert after[: len(marked)] == marked
    assert readiness[0] is False
    assert readiness[-1] is True


def _acme(org_id, shelf, limit):
    """Return somebody of the first distributor, limited by a channel or to the first location."""
    limits = dict(limit)
    if "locations" in limits:
        limits["locations"] = [shelf["locations"][0][0]]
    scopes = (Scope.SALES_READ, Scope.ANALYTICS_READ)
    return principal_with(org_id, *scopes, partner=shelf["distributors"][0][0], **limits)


def _of_acme(lines, shelf, limit):
    return [
        line
        for line in lines
        if line["sold_for"] == "acme"
        and ("channel" not in limit or line["CHANNEL"] == "ONLINE")
        and ("locations" not in limit or line["LOCATION"] == shelf["locations"][0][1])
    ]


def test_the_database_knows_which_grains_tell_a_location_and_a_channel():
    text = Path("backend/migrations/0089_sums_by_two_columns.sql").read_text()

    for column, place in product((Column.LOCATION, Column.MIX), (0, 1)):
        numbers = [one.no for one in GRAINS if one.columns[place : place + 1] == (column,)]
        name = "mix" if column is Column.MIX else column
        listed = f"grain in ({', '.join(map(str, numbers))}) and {'ab'[place]} = any"
        assert f"{listed} ((select seen_{name}_numbers())" in text


MOVES = (
    "update products set category_id = (select id from categories where name = 'Toys'),"
    " subcategory_id = (select id from categories where name = 'Dolls') where sku = 'Bread-0'",
    "update products set distributor_id = (select id from distributors where code = 'bolt')"
    " where sku in ('Blocks-0', 'Blocks-1', 'Fruit-0')",
    "update locations set timezone = 'Europe/Berlin', state = 'BE' where code = 'ny'",
    "update products set category_id = null, subcategory_id = null where sku = 'Dolls-1'",
)


async def compare(database, principal, lines, *, cuts, seed=5):
    """Compare random summaries with the plain statement over the lines of the same snapshot."""
    dice = random.Random(seed)
    async with database.work(principal, read_only=True) as work:
        for _ in range(cuts):
            question = Question(tuple(dice.sample(list(SalesDimension), dice.randint(0, 3))))
            criteria, _ = random_filter(dice, lines)
            found = await analytics.summarise(work, question, criteria)

            plain = await analytics.answer(work, question, criteria, Standing())
            expected = analytics.summary_of(work, question, plain)
            assert (found.groups, found.totals) == (expected.groups, expected.totals), criteria
    return cuts


async def _roll_for_ever(database, org_id):
    while True:
        await keeping.catch_up(database, org_id)
        await asyncio.sleep(0)


async def _rolled_lines(owner_url):
    rows = await run_sql(owner_url, "select lines from rollup_cells where grain = 0 and span = 3")
    return sum(row["lines"] for row in rows)
