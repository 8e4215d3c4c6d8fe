"""Landings told by the forecast, by hand: a pot of 100 a day so far, two from now on."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.core.ids import new_id
from tests.backend.analytics.goals.planning import PROGRESS, ask, goal, sell_daily, set_goals
from tests.backend.analytics.goals.test_progress import numbers
from tests.backend.shop import POT, RECORD_SALES, open_shop, sale
from tests.world import run_sql

DAYS = 28
PUT = """
insert into forecasts (org_id, location_id, product_id, first_day, mean, quantiles, total_mean,
                       total_quantiles, demand_class, model_id, total_model_id, trained_through,
                       made_at)
select p.org_id, l.id, p.id, $1, $2, array[]::real[], $3, array[]::real[], 'SMOOTH', $4, $4, now(),
       now()
  from products p join locations l on l.org_id = p.org_id and l.code = 'web'
 where p.sku = 'POT-1'
"""


async def foresee(owner_url, first_day, units=2):
    """Store a forecast of so many pots a day."""
    totals = [float(units * day) for day in range(1, DAYS + 1)]
    await run_sql(owner_url, PUT, first_day, [float(units)] * DAYS, totals, new_id())


@pytest.fixture
async def today(graphql):
    """A shop that sold a pot a day for more than a year, up to yesterday."""
    now = datetime.now(UTC).date()
    await open_shop(graphql)
    await sell_daily(graphql, now - timedelta(days=430), now - timedelta(days=1))
    return now


async def month(graphql, today, **fields):
    await set_goals(graphql, goal(f"{today:%Y-%m}", 5000, **fields))
    report = await ask(graphql, PROGRESS, filter={"periods": [f"{today:%Y-%m}"]})
    return numbers(report["rows"][0])


@pytest.mark.parametrize("first", [-3, 0, 1], ids=["three days old", "of today", "of tomorrow"])
async def test_a_goal_lands_where_the_forecast_says(graphql, owner_url, today, first):
    await foresee(owner_url, today + timedelta(days=first))

    found = await month(graphql, today)

    # Two pots a day for the rest of today and each day after it, at the hundred they brought.
    rest = float(found["landing"] - found["attained"])
    assert found["landingBasis"] == "FORECAST"
    assert rest == pytest.approx(200 * float(found["daysLeft"]), rel=0.03, abs=1)
    assert found["landingLow"] <= found["landing"] <= found["landingHigh"]


async def test_the_next_plan_is_the_forecast_carried_on(graphql, owner_url, today):
    await foresee(owner_url, today)

    plan = numbers((await month(graphql, today))["proposedPlan"])

    following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    days = ((following + timedelta(days=32)).replace(day=1) - following).days
    assert (plan["period"], plan["basis"]) == (f"{following:%Y-%m}", "FORECAST")
    assert float(plan["amount"]) == pytest.approx(200 * days, rel=0.03)


async def test_parts_that_forecasts_add_up_to_have_their_own(graphql, owner_url, today):
    await foresee(owner_url, today)
    period = f"{today:%Y}"
    parts = (("Ware", "CATEGORY"), (POT, "PRODUCT"), ("web", "LOCATION"), ("West", "REGION"))
    await set_goals(graphql, *(goal(period, 9000, member, kind) for member, kind in parts))

    report = await ask(graphql, PROGRESS, filter={"periods": [period]})

    found = {row["goal"]["member"]: row["landingBasis"] for row in report["rows"]}
    # Where something is shipped no forecast says.
    assert found.pop("West") != "FORECAST"
    assert found == dict.fromkeys(("Ware", POT, "web"), "FORECAST")


async def test_what_distributors_sell_on_grows_with_what_is_sold_directly(
    graphql, owner_url, today
):
    await foresee(owner_url, today)
    traced = sale(
        "traced",
        location="web",
        channel="MARKETPLACE",
        saleType="TRACE",
        soldAt=f"{today - timedelta(days=2)}T12:00:00Z",
        lines=[{"sku": POT, "quantity": 28, "unitPrice": "100"}],
    )
    answer = await graphql(RECORD_SALES, {"input": {"sales": [traced]}})
    assert answer["data"]["recordSales"]["rejectedCount"] == 0, answer

    found = await month(graphql, today)

    # As much again came with each pot in the last four weeks: 200 a pot.
    rest = float(found["landing"] - found["attained"])
    assert rest == pytest.approx(400 * float(found["daysLeft"]), rel=0.03, abs=1)


async def test_of_another_day_the_forecast_of_today_says_nothing(graphql, owner_url, today):
    await foresee(owner_url, today)
    yesterday = today - timedelta(days=1)
    await set_goals(graphql, goal(f"{yesterday:%Y}", 50_000))

    report = await ask(
        graphql, PROGRESS, filter={"periods": [f"{yesterday:%Y}"]}, on=str(yesterday)
    )

    assert report["rows"][0]["landingBasis"] != "FORECAST"


async def test_a_forecast_that_ended_says_nothing(graphql, owner_url, today):
    await foresee(owner_url, today - timedelta(days=DAYS))

    assert (await month(graphql, today))["landingBasis"] != "FORECAST"
