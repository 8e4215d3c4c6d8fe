import random
from datetime import date, timedelta

import pytest

from backend.analytics import service as analytics, statements
from backend.analytics.rules import Question, SalesDimension, SummaryOrder
from backend.core.principal import MissingScope
from backend.core.scopes import Scope
from backend.locations import service as locations
from backend.sales import queries
from backend.sales.filters import SalesCriteria
from backend.sales.queries import SaleOrder
from tests.backend.analytics import brute
from tests.world import principal_with, run_sql

D = SalesDimension


async def test_random_cuts_equal_sums_made_line_by_line(database, principal, owner_url, org_id):
    lines = await brute.fill(owner_url, org_id)
    dice = random.Random(7)

    async with database.work(principal, read_only=True) as work:
        for _ in range(120):
            group_by = tuple(dice.sample(list(D), dice.randint(0, 3)))
            criteria, admits = random_filter(dice, lines)
            found = await analytics.summarise(work, Question(group_by), criteria)

            groups, total = brute.summarise(lines, group_by, admits)
            got = {ids(group): tuple(group.measures) for group in found.groups}
            assert got == groups, (group_by, criteria)
            assert tuple(found.totals) == total


async def test_what_a_distributor_sold_is_added_up_and_found_by_an_index(
    database, owner_url, org_id
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    await brute.sell(owner_url, org_id, shelf, sales=60)
    await run_sql(owner_url, "analyze")
    partner = shelf["distributors"][0][0]
    who = principal_with(org_id, Scope.SALES_READ, partner=partner)
    own = "select count(*) as orders from sales where distributor_id = $1 and kind = 'SALE'"
    [expected] = await run_sql(owner_url, own, partner)
    text, values = statements.summary(Question((D.PRODUCT,)), SalesCriteria(), who)

    async with database.work(who, read_only=True) as work:
        found = await analytics.summarise(work, Question(()), SalesCriteria())
        await work.rows("select set_config('enable_seqscan', 'off', true)")
        plan = [line for row in await work.rows(f"explain {text}", org_id, *values)
                for line in row.values()]  # fmt: skip

    assert found.totals.orders == expected["orders"] > 0
    assert any("Index Cond" in line and "distributor_id = " in line for line in plan)


async def test_top_within_keeps_the_best_of_each_group(database, principal, owner_url, org_id):
    lines = await brute.fill(owner_url, org_id)
    question = Question((D.COUNTRY, D.PRODUCT), top=2, top_within=(D.COUNTRY,))

    async with database.work(principal, read_only=True) as work:
        found = await analytics.summarise(work, question, SalesCriteria())

    groups, total = brute.summarise(lines, ("COUNTRY", "PRODUCT"))
    best = []
    for country in ("Japan", "Peru", "USA"):
        rows = sorted((-f[3], keys) for keys, f in groups.items() if keys[0] == country)
        best += [keys for _, keys in rows[:2]]
    assert [ids(group) for group in found.groups] == best
    assert tuple(found.totals) == total


@pytest.mark.parametrize("order", list(SummaryOrder))
@pytest.mark.parametrize("descending", [True, False])
async def test_rows_come_sorted(database, principal, owner_url, org_id, order, descending):
    await brute.fill(owner_url, org_id, sales=60)
    question = Question((D.DAY,), order, descending=descending, top=10)

    async with database.work(principal, read_only=True) as work:
        found = await analytics.summarise(work, question, SalesCriteria())

    values = [
        group.keys[0].id
        if order is SummaryOrder.KEY
        else getattr(group.measures, order.value.lower())
        for group in found.groups
    ]
    known = [value for value in values if value is not None]
    assert len(values) == 10
    assert known == sorted(known, reverse=descending)
    assert values[: len(known)] == known


async def test_an_empty_retailer_has_a_total_of_nothing(database, principal):
    async with database.work(principal, read_only=True) as work:
        by_day = await analytics.summarise(work, Question((D.DAY,)), SalesCriteria())
        whole = await analytics.summarise(work, Question(()), SalesCriteria())

    assert by_day.groups == whole.groups == ()
    assert by_day.totals.net_sales == by_day.totals.orders == 0
    assert by_day.totals.cost is None


async def test_sales_of_hidden_locations_are_not_counted(database, owner_url, org_id):
    lines = await brute.fill(owner_url, org_id, sales=80)
    rows = await _locations(database, org_id)
    narrow = principal_with(org_id, Scope.SALES_READ, locations=[rows["ny"]])

    async with database.work(narrow, read_only=True) as work:
        found = await analytics.summarise(work, Question((D.LOCATION,)), SalesCriteria())

    groups, total = brute.summarise(lines, ("LOCATION",), lambda one: one["LOCATION"] == "ny")
    assert [ids(group) for group in found.groups] == list(groups)
    assert tuple(found.totals) == total


async def test_sorting_by_profit_needs_the_right_to_know_it(database, org_id):
    async with database.work(principal_with(org_id, Scope.SALES_READ), read_only=True) as work:
        with pytest.raises(MissingScope):
            await analytics.summarise(
                work, Question((D.DAY,), SummaryOrder.PROFIT), SalesCriteria()
            )


async def test_a_list_of_sales_is_read_to_its_end_page_by_page(
    database, principal, owner_url, org_id
):
    lines = await brute.fill(owner_url, org_id, sales=90)
    criteria = SalesCriteria(categories=frozenset({"Toys"}))
    wanted = {line["sale"] for line in lines if line["CATEGORY"] == "Toys"}

    for order in SaleOrder:
        async with database.work(principal, read_only=True) as work:
            page = await queries.sales(work, criteria, order, first=7)
            seen = [sale for _, sale in page.rows]
            while page.has_next:
                page = await queries.sales(work, criteria, order, first=7, after=page.rows[-1][0])
                seen += [sale for _, sale in page.rows]

        assert {sale.id for sale in seen} == wanted
        assert len(seen) == len(wanted)
        sums = {line["sale"]: 0 for line in lines}
        for line in lines:
            sums[line["sale"]] += line["net"]
        assert all(sum(one.net for one in sale.lines) == sums[sale.id] for sale in seen)
        keys = [_sort_value(sale, order) for sale in seen]
        assert keys == sorted(keys, reverse=True)


def random_filter(dice, lines):
    """Return criteria and the same as a function of a line."""
    wanted = {
        name: frozenset(
            str(line[brute.FILTERS[name]]) for line in dice.sample(lines, dice.randint(0, 3))
        )
        for name in dice.sample(list(brute.FILTERS), dice.randint(0, 2))
    }
    first = last = None
    if dice.random() < 0.5:
        first = date(2017, 10, 1) + timedelta(days=dice.randrange(500))
        last = first + timedelta(days=dice.randrange(300))

    def admits(line):
        return all(line[brute.FILTERS[name]] in among for name, among in wanted.items()) and (
            first is None or first <= line["day"] <= last
        )

    return SalesCriteria(first_day=first, last_day=last, **wanted), admits


def ids(group):
    return tuple(key.id for key in group.keys)


def _sort_value(sale, order):
    if order is SaleOrder.NET_SALES:
        return sum(line.net for line in sale.lines)
    return sale.sold_at if order is SaleOrder.SOLD_AT else sale.recorded_at


async def _locations(database, org_id):
    async with database.work(principal_with(org_id, Scope.ADMIN), read_only=True) as work:
        return {one.code: one.id for one in await locations.all_locations(work)}
