from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from backend.core.ids import new_id
from backend.replenishment import simulating
from backend.replenishment.levels import SupplyCriteria
from backend.replenishment.simulating import subject_of, turn
from backend.replenishment.terms import Terms
from tests.backend.forecasting.shops import open_shop, sell
from tests.backend.replenishment.supplying import SET_TERMS, ask, refused
from tests.world import run_sql

SIMULATION = """
query ($products: [String!], $locations: [String!], $categories: [String!],
       $distributors: [String!], $serviceLevel: Decimal, $leadTimeDays: Int, $days: Int! = 28) {
  reorderSimulation(products: $products, locations: $locations, categories: $categories,
                    distributors: $distributors, serviceLevel: $serviceLevel,
                    leadTimeDays: $leadTimeDays, days: $days) {
    currency firstDay lastDay days series leftOut uncosted
    outcomes { policy fillRate wanted sold lost lostSales stockHeld stockAtCost orders }
    tradeOff { serviceLevel outcome { policy fillRate stockHeld stockAtCost } }
  }
}"""
TODAY = datetime.now(UTC).date()
PRICE = """
insert into product_prices (org_id, product_id, price, cost, valid_from)
values ($1, $2, 3, 2, now() - interval '400 days')
"""

SORTED = """
with category as (insert into categories (org_id, id, name) values ($1, $2, 'Drinks')),
     supplier as (
       insert into distributors (org_id, id, code, name) values ($1, $3, 'harbor', 'Harbor'))
update products set category_id = $2, distributor_id = $3 where id = $4
"""


async def open_tea_shop(owner_url, org_id):
    """Open a store that sold tea for twenty weeks, more at weekends; cups since last week."""
    ids = await open_shop(owner_url, org_id, skus=("TEA", "CUP"), codes=("north",))
    rng = np.random.default_rng(0)
    rows = [
        (ids["north"], ids["TEA"], day, int(rng.poisson(20 if day.weekday() >= 5 else 10)) or 1)
        for day in (TODAY - timedelta(days=n) for n in range(140, 0, -1))
    ]
    rows += [(ids["north"], ids["CUP"], TODAY - timedelta(days=n), 1) for n in range(1, 8)]
    await sell(owner_url, org_id, rows)
    await run_sql(owner_url, PRICE, org_id, ids["TEA"])
    return ids


@pytest.fixture
async def shop(owner_url, org_id):
    return await open_tea_shop(owner_url, org_id)


async def simulated(graphql, **variables):
    found = await ask(graphql, SIMULATION, **variables)
    return found, {one["policy"]: one for one in found["outcomes"]}


async def test_reorder_points_are_tried_on_the_past(graphql, shop, owner_url):
    found, by = await simulated(graphql, products=["TEA"], serviceLevel="0.95", leadTimeDays=7)

    sold = await run_sql(
        owner_url,
        "select sum(quantity) as units from sale_lines where product_id = $1"
        " and business_day >= $2 and business_day < $3",
        shop["TEA"], TODAY - timedelta(days=28), TODAY,
    )  # fmt: skip
    assert (found["series"], found["leftOut"], found["uncosted"]) == (1, 0, 0)
    assert found["firstDay"] == str(TODAY - timedelta(days=28))
    assert found["lastDay"] == str(TODAY - timedelta(days=1))
    assert set(by) == {"FORECAST", "TEXTBOOK", "PRESENT"}
    for one in by.values():
        wanted, served, lost = (float(one[name]) for name in ("wanted", "sold", "lost"))
        assert wanted == float(sold[0]["units"])
        assert served + lost == pytest.approx(wanted)
        assert one["fillRate"] == pytest.approx(served / wanted)
        assert float(one["lostSales"]) == pytest.approx(3 * lost, abs=0.02)
        assert float(one["stockAtCost"]) == pytest.approx(2 * float(one["stockHeld"]), abs=0.02)
        assert one["fillRate"] > 0.9
    assert by["FORECAST"] | {"policy": None} == by["PRESENT"] | {"policy": None}


async def test_what_is_asked_for_stands_beside_what_is_settled(graphql, shop):
    await ask(graphql, SET_TERMS, input={"terms": [{"leadTimeDays": 3, "serviceLevel": "0.5"}]})

    _, by = await simulated(graphql, products=["TEA"], serviceLevel="0.975", leadTimeDays=21)

    held = {policy: float(one["stockHeld"]) for policy, one in by.items()}
    assert held["FORECAST"] > 1.3 * held["PRESENT"]
    assert held["TEXTBOOK"] > 1.3 * held["PRESENT"]
    assert by["FORECAST"]["fillRate"] >= by["PRESENT"]["fillRate"]


@pytest.mark.parametrize(
    ("variables", "code", "field"),
    [
        ({"days": 13}, "INVALID_SIMULATION", "days"),
        ({"days": 183}, "INVALID_SIMULATION", "days"),
        ({"days": 126}, "TOO_LITTLE_HISTORY", "days"),
        ({"days": 150}, "TOO_LITTLE_HISTORY", "days"),
        ({"products": ["CUP"]}, "TOO_LITTLE_HISTORY", "days"),
        ({"products": ["NOPE"]}, "UNKNOWN_PRODUCT", "products"),
        ({"locations": ["nope"]}, "UNKNOWN_LOCATION", "locations"),
        ({"serviceLevel": "0.99"}, "INVALID_SERVICE_LEVEL", "serviceLevel"),
        ({"leadTimeDays": -1}, "INVALID_SUPPLY_TERMS", "leadTimeDays"),
    ],
    ids=str,
)
async def test_what_cannot_be_simulated_is_refused_by_name(graphql, shop, variables, code, field):
    found = await refused(graphql, SIMULATION, **variables)

    assert (found["code"], found["field"]) == (code, [field])


async def test_more_service_is_said_to_cost_more_stock(graphql, shop):
    found, by = await simulated(graphql, products=["TEA"], serviceLevel="0.9", leadTimeDays=7)

    for policy in ("FORECAST", "TEXTBOOK"):
        traded = [one for one in found["tradeOff"] if one["outcome"]["policy"] == policy]
        levels = [float(one["serviceLevel"]) for one in traded]
        held = [float(one["outcome"]["stockHeld"]) for one in traded]
        assert levels == sorted(set(levels)) == [0.5, 0.7, 0.8, 0.9, 0.95, 0.975]
        assert held == sorted(held)
        assert held[0] < held[-1]
        asked = traded[levels.index(0.9)]["outcome"]
        assert asked == {name: by[policy][name] for name in asked}


async def test_categories_and_suppliers_narrow_what_is_simulated(graphql, shop, owner_url, org_id):
    await run_sql(owner_url, SORTED, org_id, new_id(), new_id(), shop["TEA"])

    found, _ = await simulated(graphql, categories=["Drinks"], distributors=["harbor"])
    both, _ = await simulated(graphql)
    neither = await ask(graphql, SIMULATION, products=["CUP"], categories=["Drinks"])

    assert (found["series"], both["series"], neither) == (1, 2, None)
    assert await ask(graphql, SIMULATION, categories=["Nothing"]) is None
    assert await ask(graphql, SIMULATION, distributors=["nobody", "\0"]) is None


async def test_where_nothing_was_sold_nothing_is_simulated(graphql, owner_url, org_id):
    await open_shop(owner_url, org_id)

    assert await ask(graphql, SIMULATION) is None


async def test_what_stock_costs_is_for_who_may_know_it(graphql, shop):
    found = await ask(graphql, SIMULATION, "forecast:read", "stock:read", products=["TEA"])

    assert {one["stockAtCost"] for one in found["outcomes"]} == {None}


async def test_one_simulation_is_computed_at_a_time(graphql, shop):
    with turn():
        found = await refused(graphql, SIMULATION)

    assert found["code"] == "SIMULATION_BUSY"


async def test_orders_that_last_longer_than_four_weeks_are_forecast_so_far(
    graphql, shop, database, principal
):
    terms = Terms(lead_time_days=40)
    async with database.work(principal, read_only=True) as work:
        subject = await subject_of(work, SupplyCriteria(skus=frozenset({"TEA"})), terms, 28)

    _, by = await simulated(graphql, products=["TEA"], leadTimeDays=40)
    _, short = await simulated(graphql, products=["TEA"], leadTimeDays=7)

    assert subject.horizon == 47
    assert subject.work == 28 * 47
    assert set(subject.ends[0].tolist()) == {47, 7, 14}
    # Shelves begin full of what 47 days sell and a review, 54 against 21; so long nothing arrives.
    held = [float(one["FORECAST"]["stockHeld"]) for one in (by, short)]
    assert held[0] > 2 * held[1]
    assert by["FORECAST"]["fillRate"] > 0.95


async def test_more_work_than_one_question_may_make_is_refused_before_it_begins(
    graphql, shop, monkeypatch
):
    monkeypatch.setattr(simulating, "MOST_WORK", 28 * 14 - 1)

    found = await refused(graphql, SIMULATION, products=["TEA"])

    assert (found["code"], found["field"]) == ("SIMULATION_TOO_LARGE", ["days"])
    assert (found["work"], found["limit"]) == (28 * 14, 28 * 14 - 1)
