"""What is answered of months whose sales were let go."""

import asyncio
import contextlib
import random
from datetime import UTC, date, datetime, timedelta

import pytest

from backend.analytics import service as analytics
from backend.analytics.rollups import keeping
from backend.analytics.rollups.grains import Span
from backend.analytics.rules import Question, SalesDimension
from backend.core.scopes import Scope
from backend.programs import sales_retention
from backend.sales.errors import SalesNotKept
from backend.sales.filters import SalesCriteria
from tests.backend.analytics import brute
from tests.backend.analytics.rollups.test_equal import MOVES, roll_up
from tests.backend.analytics.test_summary import ids, random_filter
from tests.world import principal_with, run_sql

KEPT_FROM = date(2018, 5, 1)
SINCE_THEN = (KEPT_FROM - brute.FIRST_DAY.date()).days + 2
RETENTION = timedelta(days=100)
NOW = datetime(2018, 5, 20, tzinfo=UTC) + RETENTION
A_WHILE_AGO = "update sales_kept set said_at = said_at - interval '1 hour'"
HELD = """
select (select count(*)::int from sale_lines where business_day < $1) as lines,
       (select count(*)::int from sales where business_day < $1) as sales,
       (select count(*)::int from rollup_facts where day < $1) as facts
"""
EVERY_SPAN = pytest.mark.parametrize("rolled", list(Span), indirect=True)
ITS_SALES = """
select distributor_id, count(*)::int as orders from sales
 where kind = 'SALE' and distributor_id is not null and business_day >= $1 group by 1 limit 1
"""
NOTHING = {"lines": 0, "sales": 0, "facts": 0}
_D = SalesDimension


@pytest.fixture
def keeping_few(settings):
    """Settings that keep sales from May 2018 on, at NOW."""
    return settings.model_copy(update={"sales_retention": RETENTION})


async def let_go(database, settings, owner_url):
    """Let go twice, some minutes apart: first it is said, then it is done."""
    await sales_retention.let_go(database, settings, NOW)
    await run_sql(owner_url, A_WHILE_AGO)
    return await sales_retention.let_go(database, settings, NOW)


async def held(owner_url):
    return dict((await run_sql(owner_url, HELD, KEPT_FROM))[0])


@pytest.fixture
async def rolled(request, database, owner_url, org_id):
    """The lines of a retailer whose sales are summed up at every grain, and its shelf."""
    shelf = await brute.fill_shelf(owner_url, org_id)
    lines = await brute.sell(owner_url, org_id, shelf, sales=300)
    await roll_up(database, owner_url, org_id, getattr(request, "param", Span.MONTH))
    return lines, shelf


async def answered(database, principal, lines, *, cuts, seed=3):
    """Ask random questions; return how many were answered, each right, and how many refused."""
    dice = random.Random(seed)
    right = refused = 0
    async with database.work(principal, read_only=True) as work:
        for _ in range(cuts):
            group_by = tuple(dice.sample(list(SalesDimension), dice.randint(0, 2)))
            criteria, admits = random_filter(dice, lines)
            found = await _answer(work, Question(group_by), criteria)
            if found is None:
                assert criteria.first_day is None or criteria.first_day < KEPT_FROM
                refused += 1
                continue
            groups, total = brute.summarise(lines, group_by, admits)
            got = {ids(group): tuple(group.measures) for group in found.groups}
            assert got == groups, (group_by, criteria)
            assert tuple(found.totals) == total, (group_by, criteria)
            reaches = criteria.first_day is None or criteria.first_day < KEPT_FROM
            assert found.trace.is_whole is not reaches
            right += 1
    return right, refused


async def _answer(work, question, criteria):
    """Return the answer, None where it is refused for sales that are gone."""
    with contextlib.suppress(SalesNotKept):
        return await analytics.summarise(work, question, criteria)


@EVERY_SPAN
async def test_what_is_answered_of_sales_let_go_is_what_it_was(
    database, principal, owner_url, rolled, keeping_few
):
    lines, _ = rolled
    gone = await let_go(database, keeping_few, owner_url)

    right, refused = await answered(database, principal, lines, cuts=250)

    assert await held(owner_url) == NOTHING
    assert gone.sales > 50
    assert gone.facts == sum(line["day"] < KEPT_FROM for line in lines)
    assert right > 120
    assert refused > 20


async def test_whoever_dies_on_the_way_lets_nothing_go_twice_and_loses_no_sum(
    database, principal, owner_url, rolled, keeping_few
):
    lines, _ = rolled
    await sales_retention.let_go(database, keeping_few, NOW)
    await run_sql(owner_url, A_WHILE_AGO)

    for patience in (0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.07):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(sales_retention.let_go(database, keeping_few, NOW), patience)
        await answered(database, principal, lines, cuts=12, seed=int(patience * 1000))
    await sales_retention.let_go(database, keeping_few, NOW)

    assert await held(owner_url) == NOTHING
    await answered(database, principal, lines, cuts=60)


@EVERY_SPAN
async def test_sales_that_come_in_later_and_grains_chosen_anew_leave_the_sums_of_months_let_go(
    database, principal, owner_url, org_id, rolled, keeping_few
):
    lines, shelf = rolled
    await let_go(database, keeping_few, owner_url)
    lines += await brute.sell(
        owner_url, org_id, shelf, seed=5, sales=120, at_once=9, days=(SINCE_THEN, 500)
    )

    await run_sql(owner_url, "update rollup_cursors set chosen_for = 1")
    await keeping.catch_up(database, org_id)

    right, _ = await answered(database, principal, lines, cuts=120)
    assert right > 50


@EVERY_SPAN
async def test_what_moves_later_counts_in_months_let_go_where_it_was_and_that_is_said(
    database, principal, owner_url, org_id, rolled, keeping_few
):
    lines, _ = rolled
    await let_go(database, keeping_few, owner_url)

    for change in MOVES:
        await run_sql(owner_url, change)
    await keeping.catch_up(database, org_id)

    async with database.work(principal, read_only=True) as work:
        whole = await analytics.summarise(work, Question(()), SalesCriteria())
        by_customer = await analytics.summarise(work, Question((_D.CUSTOMER,)), SalesCriteria())
        by_category = await analytics.summarise(work, Question((_D.CATEGORY,)), SalesCriteria())
        kept = SalesCriteria(first_day=KEPT_FROM)
        since = await analytics.summarise(work, Question((_D.CATEGORY,)), kept)
    total = brute.summarise(lines, ())[1]
    customers, _ = brute.summarise(lines, ("CUSTOMER",))
    assert tuple(whole.totals) == total
    assert {ids(one): tuple(one.measures) for one in by_customer.groups} == customers
    assert sum(one.measures.net_sales for one in by_category.groups) == whole.totals.net_sales
    assert by_category.trace.is_out_of_place
    assert not whole.trace.is_out_of_place
    assert not since.trace.is_out_of_place


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("delete from rollup_cursors", "not summed up yet"),
        ("update rollup_cursors set is_off = true", "too large"),
        ("update rollup_cursors set built_before = '2018-01-01'", "being summed up"),
        (MOVES[0], "something moved"),
    ],
    ids=["not begun", "given up", "being made", "moved"],
)
async def test_nothing_goes_before_its_sums_are_made_and_the_log_says_why(
    database, owner_url, rolled, keeping_few, caplog, change, why
):
    before = await held(owner_url)
    await run_sql(owner_url, change)

    gone = await let_go(database, keeping_few, owner_url)

    assert gone == sales_retention.LetGo()
    assert await held(owner_url) == before
    assert why in caplog.text


async def test_what_was_recorded_before_it_was_said_goes_when_it_is_in_the_sums(
    database, principal, owner_url, org_id, rolled, keeping_few, caplog
):
    lines, shelf = rolled
    lines = [*lines, *await brute.sell(owner_url, org_id, shelf, seed=4, sales=60, at_once=5)]
    waiting = await let_go(database, keeping_few, owner_url)
    await answered(database, principal, lines, cuts=40)

    await keeping.catch_up(database, org_id)
    gone = await sales_retention.let_go(database, keeping_few, NOW)

    assert waiting == sales_retention.LetGo()
    assert "not in the sums yet" in caplog.text
    assert gone.sales > 0
    assert await held(owner_url) == NOTHING
    await answered(database, principal, lines, cuts=60)


async def test_one_limited_to_a_place_has_the_sums_of_that_place(
    database, owner_url, org_id, rolled, keeping_few
):
    lines, shelf = rolled
    await let_go(database, keeping_few, owner_url)
    place, code, *_ = shelf["locations"][0]
    narrow = principal_with(org_id, Scope.SALES_READ, locations=[place])

    async with database.work(narrow, read_only=True) as work:
        found = await analytics.summarise(work, Question((_D.MONTH,)), SalesCriteria())

    total = brute.summarise(lines, (), lambda line: line["LOCATION"] == code)[1]
    assert tuple(found.totals) == total
    assert not found.trace.is_whole


async def test_a_distributor_has_no_sums_and_is_told_from_when_its_figures_are(
    database, owner_url, org_id, rolled, keeping_few
):
    await let_go(database, keeping_few, owner_url)
    (sold,) = await run_sql(owner_url, ITS_SALES, KEPT_FROM)
    narrow = principal_with(org_id, Scope.SALES_READ, partner=sold["distributor_id"])
    early = SalesCriteria(first_day=date(2018, 4, 30))

    async with database.work(narrow, read_only=True) as work:
        found = await analytics.summarise(work, Question((_D.MONTH,)), SalesCriteria())
        with pytest.raises(SalesNotKept) as refused:
            await analytics.summarise(work, Question((_D.MONTH,)), early)

    assert found.totals.orders == sold["orders"]
    assert (found.trace.kept_from, found.trace.first_day) == (KEPT_FROM, KEPT_FROM)
    assert found.trace.is_whole
    assert refused.value.details["keptFrom"] == KEPT_FROM.isoformat()


async def test_without_a_retention_everything_stays(database, settings, owner_url, rolled):
    before = await held(owner_url)

    gone = await sales_retention.let_go(database, settings, NOW)

    assert gone == sales_retention.LetGo()
    assert await held(owner_url) == before
