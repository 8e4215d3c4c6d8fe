"""A copy of the facts as columns answers what the lines do, whatever happens beside it."""

import asyncio
import random
from dataclasses import replace
from decimal import Decimal

import pytest

from backend.analytics import service as analytics
from backend.analytics.columns import asking, copies, copying
from backend.analytics.errors import TooManyGroups
from backend.analytics.rollups import keeping
from backend.analytics.rollups.grains import Span
from backend.analytics.rollups.planning import TIMES
from backend.analytics.rollups.standing import Standing
from backend.analytics.rules import Question, SalesDimension, SummaryOrder
from backend.core.scopes import Scope
from backend.infra.columns import Columns
from backend.sales.filters import SalesCriteria
from tests.backend.analytics import brute
from tests.backend.analytics.rollups import test_let_go, test_together
from tests.backend.analytics.rollups.test_equal import MOVES, check, compare, roll_up
from tests.backend.analytics.test_summary import random_filter
from tests.world import principal_with, run_sql


async def copied(database, owner_url, org_id, columns, *, sales, finest=Span.YEAR):
    """Sell, roll up and copy; return what is sold and the lines."""
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=sales)
    await roll_up(database, owner_url, org_id, finest)
    await copying.follow_all(database, columns, least=0)
    return shelf, lines


async def test_a_copy_equals_sums_made_line_by_line(
    database, principal, owner_url, org_id, columns, answered
):
    shelf, lines = await copied(database, owner_url, org_id, columns, sales=250)
    await check(database, principal, lines, cuts=120)
    lines += await brute.sell(owner_url, org_id, shelf, seed=2, sales=150, at_once=7)
    await keeping.catch_up(database, org_id)  # the copy lacks these
    lines += await brute.sell(owner_url, org_id, shelf, seed=3, sales=40, at_once=4)

    await check(database, principal, lines, cuts=120)
    await copying.follow_all(database, columns, least=0)
    await check(database, principal, lines, cuts=60)

    assert len(answered) >= 300
    assert None not in answered


async def test_sums_that_follow_from_others_are_the_same(
    database, principal, owner_url, org_id, columns
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=150)
    await run_sql(owner_url, "update sale_lines set cost = 1.25 where cost is null")
    lines = [line | ({"cost": Decimal("1.25")} if line["cost"] is None else {}) for line in lines]
    await roll_up(database, owner_url, org_id, Span.YEAR)
    await copying.follow_all(database, columns, least=0)

    found = await traits(columns, org_id)
    assert (found.is_costed, found.is_even) == (True, True)
    await check(database, principal, lines, cuts=80)

    uneven = await brute.sell(owner_url, org_id, shelf, seed=2, sales=30, at_once=5)
    await run_sql(
        owner_url,
        "update sale_lines set net = net + 0.25 where sale_id = any($1)",
        [line["sale"] for line in uneven],
    )
    lines += [{**line, "net": line["net"] + Decimal("0.25")} for line in uneven]
    await keeping.catch_up(database, org_id)
    await copying.follow_all(database, columns, least=0)

    found = await traits(columns, org_id)
    assert (found.is_costed, found.is_even) == (False, False)
    await check(database, principal, lines, cuts=80)


async def traits(columns, org_id):
    return await columns.read(lambda session: copies.traits(session, org_id), seconds=5)


@pytest.mark.parametrize("limit", ["locations", "channel", "both"])
async def test_who_is_limited_gets_its_part_of_the_copy(
    database, owner_url, org_id, columns, answered, limit
):
    shelf, lines = await copied(database, owner_url, org_id, columns, sales=200)
    place, code, *_ = shelf["locations"][0]
    limits = {"locations": [place], "channel": "ONLINE"}
    limits = limits if limit == "both" else {limit: limits[limit]}
    narrow = principal_with(org_id, Scope.SALES_READ, Scope.ANALYTICS_READ, **limits)
    for sales in (0, 60):
        if sales:
            lines += await brute.sell(owner_url, org_id, shelf, seed=2, sales=sales, at_once=7)
            await keeping.step(database, org_id)
            lines += await brute.sell(owner_url, org_id, shelf, seed=3, sales=sales, at_once=7)
        seen = [
            line
            for line in lines
            if ("locations" not in limits or line["LOCATION"] == code)
            and ("channel" not in limits or line["CHANNEL"] == "ONLINE")
        ]
        await check(database, narrow, seen, cuts=60)
        await test_together.check(database, narrow, seen, turns=20)
    assert len(answered) > 100
    assert None not in answered


async def test_a_distributor_is_answered_by_postgresql(
    database, owner_url, org_id, columns, answered
):
    shelf, lines = await copied(database, owner_url, org_id, columns, sales=100)
    scopes = (Scope.SALES_READ, Scope.ANALYTICS_READ)
    acme = principal_with(org_id, *scopes, partner=shelf["distributors"][0][0])

    await check(database, acme, [one for one in lines if one["sold_for"] == "acme"], cuts=40)

    assert answered == []


@pytest.mark.parametrize("is_found_first", [True, False])
async def test_the_first_and_last_are_the_same_from_a_copy(
    database, principal, owner_url, org_id, columns, answered, is_found_first, monkeypatch
):
    monkeypatch.setattr(asking, "is_much_left_out", lambda _: is_found_first)
    shelf, lines = await copied(database, owner_url, org_id, columns, sales=250)

    await compare_tops(database, principal, lines, cuts=150)
    whole = sum(one.rows for one in answered)
    lines += await brute.sell(owner_url, org_id, shelf, seed=2, sales=30, at_once=5)
    await compare_tops(database, principal, lines, cuts=150)

    assert whole < sum(one.rows for one in answered) / 2  # what cannot be in it is left out


async def test_of_few_groups_all_are_added_up_once_for_whoever_asks_for_some(
    database, principal, owner_url, org_id, columns, answered
):
    await copied(database, owner_url, org_id, columns, sales=120)
    by_product, chosen = Question((SalesDimension.PRODUCT,)), SalesCriteria()
    net_sales = SummaryOrder.NET_SALES

    async with database.work(principal, read_only=True) as work:
        whole, top, values = await asyncio.gather(
            analytics.summarise(work, by_product, chosen),
            analytics.summarise(work, replace(by_product, top=3), chosen),
            analytics.values(work, by_product, chosen, net_sales),
        )
        other = await analytics.summarise(work, by_product, SalesCriteria(skus=frozenset({"x"})))

    assert [one.rows for one in answered if one.groups is not None] == [len(whole.groups), 0]
    assert len(whole.groups) > 3
    assert [one[:2] for one in top.groups] == [one[:2] for one in whole.groups[:3]]
    assert [one.rank for one in top.groups] == [1, 2, 3]
    assert top.totals == whole.totals
    assert values.groups == {one.keys: one.measures.net_sales for one in whole.groups}
    assert other.groups == ()


async def compare_tops(database, principal, lines, *, cuts):
    """Compare what random questions keep with what they keep of the lines."""
    dice = random.Random(7)
    async with database.work(principal, read_only=True) as work:
        for _ in range(cuts):
            group_by = tuple(dice.sample(list(SalesDimension), dice.randint(1, 3)))
            question = Question(
                group_by,
                dice.choice(list(SummaryOrder)),
                dice.random() < 0.5,
                dice.randint(1, 4),
                group_by[: dice.randint(0, len(group_by) - 1)],
                both_ends=dice.random() < 0.5,
            )
            criteria, _ = random_filter(dice, lines)
            found = await analytics.summarise(work, question, criteria)

            plain = await analytics.answer(work, question, criteria, Standing())
            expected = analytics.summary_of(work, question, plain)
            assert (found.groups, found.totals) == (expected.groups, expected.totals), question


async def test_orders_are_counted_in_a_copy_by_what_else_is_in_them(
    database, principal, owner_url, org_id, columns, answered
):
    shelf, lines = await copied(database, owner_url, org_id, columns, sales=250)
    assert await test_together.check(database, principal, lines, turns=60) > 15
    lines += await brute.sell(owner_url, org_id, shelf, seed=2, sales=100, at_once=7)
    await keeping.catch_up(database, org_id)
    lines += await brute.sell(owner_url, org_id, shelf, seed=3, sales=40, at_once=4)

    assert await test_together.check(database, principal, lines, turns=60) > 15
    assert len(answered) > 100
    assert None not in answered


async def test_what_moves_is_copied_anew(database, principal, owner_url, org_id, columns, answered):
    shelf, lines = await copied(database, owner_url, org_id, columns, sales=200)

    for change in MOVES:
        await run_sql(owner_url, change)
        await brute.sell(owner_url, org_id, shelf, seed=len(change), sales=20, at_once=5)
        await compare(database, principal, lines, cuts=30)
        await keeping.catch_up(database, org_id)
        await compare(database, principal, lines, cuts=30)
        assert answered[-1] is None  # other facts than those copied
        await copying.follow_all(database, columns, least=0)
        await compare(database, principal, lines, cuts=30)
        assert answered[-1] is not None


async def test_sums_of_squares_and_orders_of_each_are_the_same_from_a_copy(
    database, principal, owner_url, org_id, columns, answered
):
    shelf, lines = await copied(database, owner_url, org_id, columns, sales=250)
    for sales in (0, 60):  # those of the second turn are behind the copy or not rolled at all
        if sales:
            await brute.sell(owner_url, org_id, shelf, seed=2, sales=sales, at_once=7)
            await keeping.step(database, org_id)
            await brute.sell(owner_url, org_id, shelf, seed=3, sales=sales // 2, at_once=7)
        dice = random.Random(sales)
        for _ in range(40):
            by, one = dice.sample([d for d in SalesDimension if d not in TIMES], 2)
            criteria, _ = random_filter(dice, lines)
            grain = dice.choice(sorted(TIMES))
            found = []
            for copy in (columns, None):
                database.columns = copy
                async with database.work(principal, read_only=True) as work:
                    found += [
                        await analytics.unit_squares(work, by, grain, criteria),
                        await analytics.orders_of_each(work, by, one, criteria),
                    ]
            assert found[:2] == found[2:], (by, one, grain, criteria)
    assert len(answered) == 160
    assert None not in answered


@pytest.mark.parametrize("sales_behind", [0, 40])
async def test_what_was_not_sold_is_the_same_from_a_copy(
    database, principal, owner_url, org_id, columns, answered, sales_behind
):
    shelf, lines = await copied(database, owner_url, org_id, columns, sales=60)
    if sales_behind:
        await brute.sell(owner_url, org_id, shelf, seed=2, sales=sales_behind, at_once=7)
    dice = random.Random(5)
    for _ in range(40):
        place = dice.choice([d for d in SalesDimension if d is not SalesDimension.PRODUCT])
        keys = (place, SalesDimension.PRODUCT)
        order, top = dice.choice(list(SummaryOrder)), dice.randint(1, 4)
        question = Question(keys, order, True, top, (place,), both_ends=True)
        criteria, _ = random_filter(dice, lines)
        found = []
        for database.columns in (columns, None):
            async with database.work(principal, read_only=True) as work:
                summary, unsold = await analytics.with_unsold(work, question, criteria)
                found.append((summary.groups, summary.totals, unsold))
        assert found[0] == found[1], (question, criteria)
    assert any(one.lacking is not None for one in answered) is (not sales_behind)
    assert None not in answered


async def test_more_groups_than_wanted_are_only_counted(
    database, principal, owner_url, org_id, columns, answered
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    await brute.sell(owner_url, org_id, shelf, sales=100)
    await roll_up(database, owner_url, org_id, Span.YEAR)
    await copying.follow_all(database, columns, least=0)
    question = Question((SalesDimension.DAY, SalesDimension.PRODUCT))

    async with database.work(principal, read_only=True) as work:
        with pytest.raises(TooManyGroups):
            await analytics.summarise(work, question, SalesCriteria(), most=20)

    assert answered[0].rows > 20
    assert answered[0].columns == {}


async def test_a_copy_outlives_its_process(
    database, principal, owner_url, org_id, columns, answered, tmp_path
):
    _, lines = await copied(database, owner_url, org_id, columns, sales=150)
    await columns.__aexit__(None, None, None)

    async with Columns(tmp_path / "columns", memory=200) as opened:
        database.columns = opened
        assert opened.is_used
        await opened.write(lambda session: session.execute("select 1"), seconds=5)  # opens it
        await compare(database, principal, lines, cuts=20)

    assert None not in answered


async def test_a_database_put_back_is_copied_anew(
    database, principal, owner_url, org_id, columns, answered
):
    shelf, lines = await copied(database, owner_url, org_id, columns, sales=150)

    # As after a restore: another sale has the number of the last fact copied.
    other = "update rollup_facts set sale = gen_random_uuid(), units = units + 10000"
    await run_sql(owner_url, f"{other} where no = (select max(no) from rollup_facts)")
    lines += await brute.sell(owner_url, org_id, shelf, seed=2, sales=20, at_once=5)
    await keeping.catch_up(database, org_id)
    await copying.follow_all(database, columns, least=0)

    found = await columns.read(
        lambda session: session.execute(f"select sum(units) from {table(org_id)}").fetchone(),
        seconds=5,
    )
    held = await run_sql(owner_url, "select sum(units)::bigint as units from rollup_facts")
    assert found[0] == held[0]["units"]


async def test_days_that_are_let_go_leave_the_copy(
    database, principal, owner_url, org_id, columns, answered, settings
):
    _, lines = await copied(database, owner_url, org_id, columns, sales=300, finest=Span.MONTH)

    few = settings.model_copy(update={"sales_retention": test_let_go.RETENTION})
    await test_let_go.let_go(database, few, owner_url)
    await copying.follow_all(database, columns, least=0)

    first = await columns.read(
        lambda session: session.execute(f"select min(day) from {table(org_id)}").fetchone(),
        seconds=5,
    )
    assert first[0] >= test_let_go.KEPT_FROM
    right, refused = await test_let_go.answered(database, principal, lines, cuts=60)
    assert right > 10
    assert refused > 0
    assert answered


async def test_an_organisation_that_is_gone_leaves_no_copy(database, owner_url, org_id, columns):
    shelf = await brute.fill_shelf(owner_url, org_id)
    await brute.sell(owner_url, org_id, shelf, sales=30)
    await roll_up(database, owner_url, org_id, Span.YEAR)
    await copying.follow_all(database, columns, least=0)
    await run_sql(owner_url, "delete from rollup_cursors")

    await copying.follow_all(database, columns, least=0)

    tables = await columns.read(
        lambda session: session.execute("select table_name from duckdb_tables()").fetchall(),
        seconds=5,
    )
    assert tables == [("copies",), ("loose",)]
    assert await columns.read(lambda session: session.sql("from loose").fetchall(), seconds=5) == []


def table(org_id):
    return copies.table_of(org_id)


async def test_a_copy_that_cannot_answer_leaves_it_to_postgresql(
    database, principal, owner_url, org_id, columns, caplog
):
    _, lines = await copied(database, owner_url, org_id, columns, sales=100)
    await columns.write(lambda session: session.execute(f"drop table {table(org_id)}"), seconds=5)

    await compare(database, principal, lines, cuts=10)

    assert "a copy in columns did not answer" in caplog.text
