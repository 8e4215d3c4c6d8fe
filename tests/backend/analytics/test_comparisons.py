from datetime import UTC, date, datetime, timedelta

import pytest

from backend.analytics import comparisons, service as analytics
from backend.analytics.calendars import BusinessCalendar, YearEnd
from backend.analytics.comparisons import Comparison
from backend.analytics.errors import InvalidSummary
from backend.analytics.rollups import keeping
from backend.analytics.rules import Question, SalesDimension
from backend.sales.filters import SalesCriteria
from tests.backend.analytics import brute
from tests.backend.analytics.presets.ledger import Shop
from tests.world import run_sql

FISCAL = ("FISCAL_WEEK", "FISCAL_MONTH", "FISCAL_QUARTER", "FISCAL_YEAR")
Q1 = SalesCriteria(first_day=date(2018, 1, 1), last_day=date(2018, 3, 31))
COMPARE = """
query ($how: Comparison! = PREVIOUS_PERIOD, $since: DateTime, $other: LikeForLike) {
  salesSummary(groupBy: [FISCAL_MONTH], filter: {from: "2018-01-01", to: "2018-03-31"},
               likeForLike: $other) {
    rows { keys { id label } netSales }
    totals { netSales }
    comparison(with: $how) { from to totals { netSales orders } }
    restatedDays(since: $since)
  }
}
"""


@pytest.mark.parametrize("is_rolled", [False, True])
@pytest.mark.parametrize("kind", ["CALENDAR", "FISCAL", "RETAIL_445", "RETAIL_454", "RETAIL_544"])
async def test_business_years_are_those_of_the_organisation(
    database, principal, owner_url, org_id, kind, is_rolled
):
    lines = await brute.fill(owner_url, org_id, sales=120)
    change = "update organisations set fiscal_calendar = $1, fiscal_year_start = 2"
    await run_sql(owner_url, change + ", fiscal_year_end = 'LAST'", kind)
    calendar = BusinessCalendar(kind, 2, YearEnd.LAST)
    lines = [line | brute.fiscal(line["day"], calendar) for line in lines]
    if is_rolled:
        await keeping.catch_up(database, org_id)

    async with database.work(principal, read_only=True) as work:
        for name in FISCAL:
            question = Question((SalesDimension(name),))
            found = await analytics.summarise(work, question, SalesCriteria())

            groups, _ = brute.summarise(lines, (name,))
            got = {(g.keys[0].id,): tuple(g.measures) for g in found.groups}
            assert got == groups


@pytest.mark.parametrize(
    ("how", "first", "last"),
    [
        (Comparison.PREVIOUS_PERIOD, date(2017, 10, 1), date(2017, 12, 31)),
        (Comparison.SAME_PERIOD_LAST_YEAR, date(2017, 1, 1), date(2017, 3, 31)),
    ],
)
async def test_a_quarter_is_compared_with_another(
    database, principal, owner_url, org_id, how, first, last
):
    lines = await brute.fill(owner_url, org_id, sales=150)

    async with database.work(principal, read_only=True) as work:
        found = await comparisons.compare(work, Q1, how)

    _, total = brute.summarise(lines, (), lambda line: first <= line["day"] <= last)
    assert (found.first_day, found.last_day) == (first, last)
    assert tuple(found.measures) == total


async def test_a_comparison_needs_both_days(database, principal):
    async with database.work(principal, read_only=True) as work:
        with pytest.raises(InvalidSummary) as refused:
            await comparisons.compare(work, SalesCriteria(), Comparison.PREVIOUS_PERIOD)

    assert refused.value.field == ["filter", "from"]


@pytest.mark.parametrize("is_rolled", [False, True])
async def test_stores_that_did_not_sell_all_through_both_periods_are_left_out(
    database, principal, owner_url, org_id, is_rolled
):
    await brute.fill(owner_url, org_id, sales=500)
    late = "delete from sales where business_day < '2017-12-05' and location_id ="
    await run_sql(owner_url, f"{late} (select id from locations where code = 'tokyo')")
    if is_rolled:
        await keeping.catch_up(database, org_id)

    async with database.work(principal, read_only=True) as work:
        alike = await comparisons.like_for_like(work, Q1, date(2017, 11, 10), date(2017, 12, 31))
        both = await comparisons.like_for_like(work, Q1, date(2017, 12, 5), date(2017, 12, 31))

    assert alike.locations == {"ny"}
    assert both.locations == {"ny", "tokyo"}


@pytest.mark.parametrize("is_rolled", [False, True])
async def test_late_sales_restate_the_days_they_belong_to(
    database, principal, owner_url, org_id, is_rolled
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    await brute.sell(owner_url, org_id, shelf, sales=40)
    await run_sql(owner_url, "update sales set recorded_at = sold_at")
    if is_rolled:
        await keeping.catch_up(database, org_id)
    since = datetime.now(UTC) - timedelta(minutes=1)
    late = await brute.sell(owner_url, org_id, shelf, seed=2, sales=5, at_once=5)

    async with database.work(principal, read_only=True) as work:
        waiting = await comparisons.restated_days(work, SalesCriteria(), since)
    await keeping.catch_up(database, org_id)
    async with database.work(principal, read_only=True) as work:
        rolled = await comparisons.restated_days(work, SalesCriteria(), since)
        later = await comparisons.restated_days(work, SalesCriteria(), datetime.now(UTC))

    days = sorted({line["day"] for line in late}, reverse=True)
    assert waiting == rolled == days
    assert later == []


@pytest.mark.parametrize("is_rolled", [False, True])
@pytest.mark.parametrize(
    "names",
    [("DAY",), ("WEEK",), ("MONTH", "CATEGORY"), ("FISCAL_QUARTER",), ("LOCATION", "WEEKDAY")],
    ids="-".join,
)
async def test_rows_that_late_sales_changed_are_marked(
    database, principal, owner_url, org_id, names, is_rolled
):
    shelf = await brute.fill_shelf(owner_url, org_id)
    await brute.sell(owner_url, org_id, shelf, sales=60)
    await run_sql(owner_url, "update sales set recorded_at = sold_at")
    await run_sql(owner_url, "update organisations set fiscal_calendar = 'FISCAL'")
    await run_sql(owner_url, "update organisations set fiscal_year_start = 2")
    calendar = BusinessCalendar("FISCAL", 2)
    since = datetime.now(UTC) - timedelta(minutes=1)
    late = await brute.sell(owner_url, org_id, shelf, seed=2, sales=3, at_once=3)
    late = [line | brute.fiscal(line["day"], calendar) for line in late]
    if is_rolled:
        await keeping.catch_up(database, org_id)
    question = Question(tuple(SalesDimension(name) for name in names))

    async with database.work(principal, read_only=True) as work:
        found = await analytics.summarise(work, question, SalesCriteria())
        asked = work, question, SalesCriteria(), found.groups
        marked = await comparisons.restated_rows(*asked, since)
        later = await comparisons.restated_rows(*asked, datetime.now(UTC))

    told = [at for at, name in enumerate(names) if name != "CATEGORY"]
    groups, _ = brute.summarise(late, tuple(names[at] for at in told))
    ids = [tuple(group.keys[at].id for at in told) for group in found.groups]
    assert marked == {at for at, one in enumerate(ids) if one in groups}
    assert marked
    assert len(marked) < len(ids)
    assert later == frozenset()


async def test_clients_see_the_marks_of_rows_that_have_days(graphql, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=20)
    ask = """query ($by: [SalesDimension!]!, $since: DateTime) {
      salesSummary(groupBy: $by, restatedSince: $since) { rows { isRestated } } }"""
    ago = "2020-01-01T00:00:00Z"

    by_month = await graphql(ask, {"by": ["MONTH"], "since": ago})
    by_hour = await graphql(ask, {"by": ["HOUR"], "since": ago})
    unasked = await graphql(ask, {"by": ["MONTH"]})

    marks = [
        {row["isRestated"] for row in answer["data"]["salesSummary"]["rows"]}
        for answer in (by_month, by_hour, unasked)
    ]
    assert marks == [{True}, {None}, {None}]


async def test_clients_compare_and_ask_what_was_restated(graphql, owner_url, org_id):
    await brute.fill(owner_url, org_id, sales=200)
    variables = {"how": "PREVIOUS_PERIOD", "since": "2020-01-01T00:00:00Z"}
    reversed_ = {"from": "2017-12-31", "to": "2017-12-01"}

    answer = await graphql(COMPARE, variables)
    refused = await graphql(COMPARE, variables | {"other": reversed_})

    found = answer["data"]["salesSummary"]
    assert [row["keys"][0]["id"] for row in found["rows"]] == [
        "FY2018-P01", "FY2018-P02", "FY2018-P03",
    ]  # fmt: skip
    assert (found["comparison"]["from"], found["comparison"]["to"]) == ("2017-10-01", "2017-12-31")
    assert found["restatedDays"]
    assert refused["errors"][0]["extensions"]["code"] == "INVALID_SUMMARY"


async def test_clients_are_told_the_business_years_that_days_lie_in(graphql, owner_url):
    await run_sql(
        owner_url,
        "update organisations set fiscal_calendar = 'RETAIL_454', fiscal_year_start = 2",
    )

    answer = await graphql(
        '{ businessYears(from: "2024-01-15", to: "2024-02-04") { id from to months } }'
    )

    old, new = answer["data"]["businessYears"]
    assert (old["id"], old["from"], old["to"]) == ("FY2023", "2023-01-29", "2024-02-03")
    assert (new["id"], new["from"], len(new["months"])) == ("FY2024", "2024-02-04", 12)
    assert new["months"][1] == "2024-03-03"


KNOWN = """
query ($filter: SalesFilter) {
  salesSummary(groupBy: [], filter: $filter) {
    comparison(with: SAME_PERIOD_LAST_YEAR) {
      from to totals { netSales } known { isWhole days known reason }
    }
  }
  recordedDays { from to }
}
"""


@pytest.mark.parametrize("is_rolled", [False, True])
async def test_a_year_of_which_two_months_are_known_says_so(
    graphql, database, owner_url, org_id, is_rolled
):
    shop = Shop(owner_url, org_id)
    await shop.open("here")
    await shop.list_product("tea")
    for days in ((date(2016, 1, 1), date(2016, 12, 31)), (date(2017, 11, 1), date(2018, 12, 31))):
        await shop.sell_often("here", *days, ("tea", 1, 10, None))
    if is_rolled:
        await keeping.catch_up(database, org_id)
    years = {name: {"from": f"{name}-01-01", "to": f"{name}-12-31"} for name in (2017, 2018)}

    whole = await graphql(KNOWN, {"filter": years[2017]})
    part = await graphql(KNOWN, {"filter": years[2018]})

    found = part["data"]["salesSummary"]["comparison"]
    assert (found["from"], found["to"], found["totals"]) == (
        "2017-01-01", "2017-12-31", {"netSales": "130"},
    )  # fmt: skip
    reason = "61 of 365 days have sales"
    assert found["known"] == {"isWhole": False, "days": 365, "known": 61, "reason": reason}
    assert whole["data"]["salesSummary"]["comparison"]["known"] == {
        "isWhole": True, "days": 366, "known": 366, "reason": None,
    }  # fmt: skip
    assert part["data"]["recordedDays"] == [
        {"from": "2016-01-01", "to": "2016-12-31"},
        {"from": "2017-11-01", "to": "2018-12-31"},
    ]
