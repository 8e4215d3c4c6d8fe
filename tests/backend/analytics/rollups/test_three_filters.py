"""Three things filtered by at once: as exact as everything else, and not out of all facts."""

import itertools
import random
from datetime import date, timedelta
from typing import Any

import pytest

from backend.analytics import service as analytics
from backend.analytics.rollups import admitting, keeping
from backend.analytics.rollups.choosing import choose
from backend.analytics.rollups.grains import Span
from backend.analytics.rollups.planning import (
    Kept,
    Plan,
    columns_of,
    copy_read,
    dimensions_of,
    plan,
    rows_read,
)
from backend.analytics.rollups.standing import standing
from backend.analytics.rules import Question, SalesDimension as D
from backend.sales.filters import SalesCriteria
from tests.backend.analytics import brute
from tests.backend.analytics.rollups.test_choosing import CHAIN
from tests.backend.analytics.rollups.test_equal import roll_up
from tests.backend.analytics.test_summary import ids
from tests.world import run_sql

LINES_A_DAY = 6_845
"""Ten million in four years."""


@pytest.mark.parametrize("finest", [Span.MONTH, Span.YEAR])
async def test_three_filters_equal_sums_made_line_by_line(
    database, principal, owner_url, org_id, finest
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=220)
    await roll_up(database, owner_url, org_id, finest)
    lines += await brute.sell(owner_url, org_id, shelf, seed=2, sales=30, at_once=3)
    dice = random.Random(finest)

    async with database.work(principal, read_only=True) as work:
        for _ in range(90):
            group_by = tuple(dice.sample(list(D), dice.randint(0, 2)))
            criteria, admits = narrow(dice, lines, filters=dice.randint(3, 4))
            found = await analytics.summarise(work, Question(group_by), criteria)

            groups, total = brute.summarise(lines, group_by, admits)
            got = {ids(group): tuple(group.measures) for group in found.groups}
            assert got == groups, (group_by, criteria)
            assert tuple(found.totals) == total, (group_by, criteria)


def narrow(dice, lines, *, filters):
    """Return criteria of so many fields that some line meets, and the same as a function."""
    first = dice.choice(lines)
    wanted: dict[str, Any] = {
        name: frozenset(
            str(one[brute.FILTERS[name]])
            for one in (first, *dice.sample(lines, dice.randint(0, 2)))
            if one[brute.FILTERS[name]] is not None
        )
        for name in dice.sample(list(brute.FILTERS), filters)
    }
    days = {}
    if dice.random() < 0.5:
        days = {
            "first_day": first["day"] - timedelta(days=dice.randrange(200)),
            "last_day": first["day"] + timedelta(days=dice.randrange(200)),
        }

    def admits(line):
        return all(str(line[brute.FILTERS[name]]) in among for name, among in wanted.items()) and (
            not days or days["first_day"] <= line["day"] <= days["last_day"]
        )

    return SalesCriteria(**days, **wanted), admits


MANY: dict[str, Any] = {
    "categories": frozenset({"Toys"}),
    "distributors": frozenset({"d1"}),
    "regions": frozenset({"East"}),
    "segments": frozenset({"Consumer"}),
}
KEPT = Kept(
    facts=10_000_000,
    lines_a_day=LINES_A_DAY,
    grains={no: (span, 10_000_000) for no, span in choose(CHAIN, LINES_A_DAY).items()},
)


@pytest.mark.parametrize("names", list(itertools.combinations(MANY, 3)), ids=" ".join)
def test_what_admits_many_lines_is_read_from_the_copy(names):
    criteria = SalesCriteria(**{name: MANY[name] for name in names})

    found = plan(Question((D.MONTH,)), criteria, KEPT, is_additive=True)

    assert found is not None
    assert not found.by_sale
    assert min(rows_read(found, criteria, KEPT), copy_read(found, criteria, KEPT)) < 140_000


@pytest.mark.parametrize("field", ["categories", "subcategories"])
@pytest.mark.parametrize(
    ("group_by", "columns"),
    [
        ((D.MONTH,), ["area", "category", "node"]),
        ((D.PRODUCT,), ["area", "category", "node", "product"]),
    ],
    ids=["by month", "by product"],
)
def test_facts_are_told_what_a_category_or_a_subcategory_implies(
    principal, field, group_by, columns
):
    goods: dict[str, Any] = {field: frozenset({"Dolls"})}
    criteria = SalesCriteria(**goods, states=frozenset({"Ohio"}))
    column_by = columns_of(dimensions_of(Question(group_by), criteria))

    chosen = admitting.choices(criteria, principal, column_by)

    assert sorted(column for column, *_ in chosen) == columns


async def test_the_index_by_location_tells_all_other_filters(owner_url):
    rows = await run_sql(
        owner_url,
        "select c.relname, array_agg(a.attname::text) as columns from pg_index i"
        " join pg_class c on c.oid = i.indexrelid join pg_attribute a on a.attrelid = c.oid"
        " where i.indrelid = 'rollup_facts'::regclass and i.indpred is null group by 1",
    )

    told = {row["relname"]: set(row["columns"]) for row in rows}
    columns = {"mix", "day", "node", "location", "area", "distributor"}
    assert told["rollup_facts_location"] >= columns


async def test_months_that_are_over_are_laid_in_order_and_say_the_same(
    database, principal, owner_url, org_id
):
    # What autovacuum frees between two months is filled with what comes next.
    await run_sql(owner_url, "alter table rollup_facts set (autovacuum_enabled = false)")
    shelf = await brute.fill_shelf(owner_url, org_id)
    await brute.sell(owner_url, org_id, shelf, sales=5, days=(0, 30))
    await keeping.catch_up(database, org_id)
    for seed in range(2, 6):
        await brute.sell(owner_url, org_id, shelf, seed=seed, sales=30, at_once=30, days=(60, 300))
        while not (await keeping._roll(database, org_id)).is_done:
            pass
    before, placed = await _facts(owner_url), await _places(owner_url)

    while not await keeping.step(database, org_id):
        pass

    settled = await _places(owner_url)
    # Another connection of the pool goes on in the page it wrote last, where there is room since.
    assert _breaks(settled) < _breaks(placed) / 4
    assert await _facts(owner_url) == before
    rows = await run_sql(owner_url, "select settled_before from rollup_cursors")
    assert rows[0]["settled_before"] > date(2018, 1, 1)


async def test_a_month_that_goes_on_is_left_as_it_is(database, owner_url, org_id):
    shelf = await brute.fill_shelf(owner_url, org_id)
    await keeping.catch_up(database, org_id)
    for seed in (1, 2, 3):
        await brute.sell(owner_url, org_id, shelf, seed=seed, sales=20, at_once=20)
        await run_sql(owner_url, "update sales set business_day = current_date")
        await run_sql(owner_url, "update sale_lines set business_day = current_date")
        while not (await keeping._roll(database, org_id)).is_done:
            pass
    placed = await _places(owner_url)

    while not await keeping.step(database, org_id):
        pass

    assert placed != sorted(placed)
    assert await _places(owner_url) == placed


async def test_sales_behind_by_the_hundred_are_summed_without_being_looked_for_one_by_one(
    database, principal, owner_url, org_id
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=20)
    await roll_up(database, owner_url, org_id, Span.DAY)
    lines += await brute.sell(owner_url, org_id, shelf, seed=2, sales=600, at_once=100)
    dice = random.Random(3)

    async with database.work(principal, read_only=True) as work:
        found = await standing(work)
        assert Plan(frozenset(), None, (), False, frozenset(), tail=found.tail).has_many_behind
        for _ in range(12):
            group_by = tuple(dice.sample(list(D), dice.randint(0, 2)))
            criteria, admits = narrow(dice, lines, filters=dice.randint(0, 2))
            found = await analytics.summarise(work, Question(group_by), criteria)

            groups, total = brute.summarise(lines, group_by, admits)
            got = {ids(group): tuple(group.measures) for group in found.groups}
            assert (got, tuple(found.totals)) == (groups, total), criteria
        settings = await work.row("select current_setting('enable_nestloop') as nested")
        assert settings == {"nested": "on"}


async def _facts(url):
    return await run_sql(url, "select * from rollup_facts order by no")


def _breaks(places):
    """Return how many facts lie behind one that comes after them."""
    return sum(later < earlier for earlier, later in itertools.pairwise(places))


async def _places(url):
    """Return month, location and product of the facts as they lie on the disk."""
    rows = await run_sql(
        url,
        "select date_trunc('month', day)::date as month, location, category, node, product, day"
        " from rollup_facts order by month, ctid",
    )
    return [tuple(row) for row in rows]
