from datetime import date, timedelta

import numpy as np
import pytest

from backend.forecasting.demand.ledger import read_panel
from backend.forecasting.network.sampling import Shape
from backend.forecasting.network.training import train
from tests.backend.forecasting.learned import add_champion
from tests.backend.forecasting.panels import QUICK
from tests.backend.forecasting.shops import open_shop, sell
from tests.world import run_sql

START, DAYS = date(2020, 3, 2), 140
NEXT_MONDAY = START + timedelta(days=DAYS)
DRIVERS = """
query ($day: Date!, $product: String! = "TEA", $location: String! = "north") {
  forecastDrivers(product: $product, location: $location, day: $day) {
    day knownThrough modelId level mean effects { driver units }
  }
}"""
WHAT_IF = """
query ($input: ForecastWhatIfInput!) {
  forecastWhatIf(input: $input) {
    days { day planned { mean median low high } changed { mean high } }
    plannedUnits changedUnits
  }
}"""


@pytest.fixture
async def forecasting(database, principal, owner_url, org_id):
    """A shop that sells twice as much tea at weekends, and a model of it that forecasts."""
    ids = await open_shop(owner_url, org_id, codes=("north", "south"))
    rng = np.random.default_rng(0)
    units = rng.poisson(np.where(np.arange(DAYS) % 7 >= 5, 16, 8))
    rows = [
        (ids["north"], ids["TEA"], START + timedelta(days=n), int(sold))
        for n, sold in enumerate(units)
        if sold
    ]
    await sell(owner_url, org_id, rows)
    async with database.work(principal) as work:
        ledger = await read_panel(work, ahead=28)
    await add_champion(owner_url, org_id, train(ledger.panel, Shape(28), 0, QUICK))


async def asked(graphql, query, **variables):
    answer = await graphql(query, variables, "forecast:read")
    return answer["errors"][0]["extensions"]["code"] if "errors" in answer else answer["data"]


def days(*numbers):
    return [str(NEXT_MONDAY + timedelta(days=n)) for n in numbers]


async def test_level_and_effects_add_up_to_the_forecast(forecasting, graphql):
    found = [await asked(graphql, DRIVERS, day=day) for day in days(0, 5)]
    monday, saturday = (one["forecastDrivers"] for one in found)

    for one in (monday, saturday):
        total = one["level"] + sum(effect["units"] for effect in one["effects"])
        assert total == pytest.approx(one["mean"], rel=1e-5)
        assert one["knownThrough"] == str(NEXT_MONDAY - timedelta(days=1))
    effects = [
        {effect["driver"]: effect["units"] for effect in one["effects"]}
        for one in (monday, saturday)
    ]
    assert effects[0]["WEEKDAY"] < 0 < effects[1]["WEEKDAY"]


async def test_a_closed_day_sells_nothing(forecasting, graphql):
    asked_about = {"product": "TEA", "location": "north", "days": days(1), "closed": True}

    found = (await asked(graphql, WHAT_IF, input=asked_about))["forecastWhatIf"]

    assert len(found["days"]) == 28
    assert found["days"][1]["day"] == days(1)[0]
    assert (found["days"][1]["changed"]["mean"], found["days"][1]["changed"]["high"]) == (0, 0)
    assert found["days"][1]["planned"]["low"] < found["days"][1]["planned"]["mean"]
    assert found["days"][0]["changed"]["mean"] == found["days"][0]["planned"]["mean"]
    assert found["changedUnits"] < found["plannedUnits"]


async def test_a_plan_without_days_is_of_all_that_are_forecast(forecasting, graphql):
    asked_about = {"product": "TEA", "location": "north", "closed": True}

    found = (await asked(graphql, WHAT_IF, input=asked_about))["forecastWhatIf"]

    assert (len(found["days"]), found["changedUnits"]) == (28, 0)


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        (DRIVERS, {"day": days(28)[0]}, "FORECAST_NOT_FOUND"),
        (DRIVERS, {"day": days(0)[0], "product": "NOPE"}, "UNKNOWN_PRODUCT"),
        (DRIVERS, {"day": days(0)[0], "location": "nope"}, "UNKNOWN_LOCATION"),
        (WHAT_IF, {"days": days(28), "closed": True}, "INVALID_PLAN"),
        (WHAT_IF, {"days": days(1), "promotion": 0.3}, "INVALID_PLAN"),
        (WHAT_IF, {"days": days(1), "price": 3.0}, "INVALID_PLAN"),
    ],
)
async def test_what_nobody_can_say_is_refused(query, variables, code, forecasting, graphql):
    if query is WHAT_IF:
        variables = {"input": {"product": "TEA", "location": "north", **variables}}

    assert await asked(graphql, query, **variables) == code


async def test_of_what_is_not_sold_there_nothing_is_said(forecasting, graphql):
    asked_about = {"product": "TEA", "location": "south", "days": days(1), "closed": True}

    found = await asked(graphql, DRIVERS, day=days(0)[0], location="south")
    other = await asked(graphql, WHAT_IF, input=asked_about)

    assert (found, other) == ({"forecastDrivers": None}, {"forecastWhatIf": None})


async def test_before_anything_is_trained_nothing_is_explained(owner_url, org_id, graphql):
    await open_shop(owner_url, org_id)

    assert await asked(graphql, DRIVERS, day=days(0)[0]) == {"forecastDrivers": None}


async def test_a_simple_mean_is_not_explained(forecasting, owner_url, graphql):
    await run_sql(owner_url, "update forecast_models set family = 'WEEKDAY_MEAN'")

    assert await asked(graphql, DRIVERS, day=days(0)[0]) == "FORECAST_NOT_EXPLAINED"


async def test_who_sees_one_store_is_refused(forecasting, client, token, owner_url):
    places = await run_sql(owner_url, "select id from locations where code = 'north'")
    limited = await token("forecast:read", locations=frozenset({places[0]["id"]}))

    answer = await client.post(
        "/graphql",
        json={"query": DRIVERS, "variables": {"day": days(0)[0]}},
        headers={"Authorization": f"Bearer {limited}"},
    )

    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
