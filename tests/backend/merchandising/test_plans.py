from datetime import UTC, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from scipy import stats

from backend.merchandising import service
from backend.merchandising.quantiles import demand_quantile
from tests.backend.merchandising.asking import (
    APPLY,
    PLAN,
    SIZES,
    ask,
    board,
    code_of,
    put,
    shelf,
    shop_with_shelf,
    sold,
)
from tests.backend.shop import CUP, POT, RECORD_SALES, TEA, open_shop
from tests.world import run_sql

ELASTICITIES = """
mutation ($input: SetShelfElasticitiesInput!) {
  setShelfElasticities(input: $input) { elasticities { category elasticity } } }"""
FORECAST = """
insert into forecasts (org_id, location_id, product_id, first_day, mean, quantiles, total_mean,
                       total_quantiles, demand_class, model_id, total_model_id, trained_through,
                       made_at)
select $1, l.id, p.id, current_date, $3, $4, $3, $5, 'SMOOTH', p.id, p.id, now(), now()
  from products p, locations l where p.sku = $2 and l.code = 'north'
"""
"""Of one product at `north`: the same on all days."""
NOBODY = "00000000-0000-0000-0000-000000000000"


def by_sku(plan):
    return {one["product"]["sku"]: one for one in plan["products"]}


async def sell(graphql, **quantities):
    """Sell so many of each product on every day of the last two weeks."""
    today = datetime.now(UTC).date()
    days = [str(today - timedelta(days=n)) for n in range(1, 15)]
    sales = [
        sold(f"{sku}-{day}", {"tea": TEA, "cup": CUP, "pot": POT}[sku], quantity, day)
        for sku, quantity in quantities.items()
        for day in days
    ]
    payload = await ask(graphql, RECORD_SALES, input={"sales": sales})
    assert payload["rejectedCount"] == 0


async def test_a_plan_gives_space_where_it_brings_the_most(graphql):
    id_ = await shop_with_shelf(graphql)
    await sell(graphql, tea=6, cup=2)

    plan = await ask(graphql, PLAN, shelf=id_)

    found = by_sku(plan)
    assert plan["method"] == "GREEDY"
    assert plan["demandFrom"] == "PAST_SALES"
    assert Decimal(found[TEA]["demand"]) == 42
    assert Decimal(found[TEA]["margin"]) == Decimal("2.5")
    assert Decimal(found[TEA]["profitNow"]) == 105
    # 2.50 × 42 against 4.99 × 14 a week: one facing of each, then by profit per cm.
    assert found[TEA]["facings"] > found[CUP]["facings"] > found[POT]["facings"] == 1
    assert sum(one["facings"] for one in found.values()) == 10
    assert Decimal(plan["profitNow"]) < Decimal(plan["profit"]) <= Decimal(plan["profitBound"])
    assert Decimal(plan["profitProportional"]) <= Decimal(plan["profit"])
    assert plan["boards"][0]["usedCm"] == "100"


async def test_demand_is_that_of_the_forecast_where_there_is_one(graphql, owner_url, org_id):
    id_ = await shop_with_shelf(graphql, refillDays=2)
    await sell(graphql, tea=6, cup=2)
    await run_sql(owner_url, FORECAST, org_id, TEA, [2.0] * 28, [5.0] * 252, [7.0] * 252)

    plan = await ask(graphql, PLAN, shelf=id_)

    found = by_sku(plan)
    assert plan["demandFrom"] == "FORECAST"
    assert (found[TEA]["demand"], found[TEA]["demandUntilRefill"]) == ("14", "7")
    assert found[CUP]["demand"] == "0"


async def test_what_is_not_known_is_said(graphql):
    id_ = await shop_with_shelf(graphql)
    await sell(graphql, tea=6, pot=1)

    found = by_sku(await ask(graphql, PLAN, shelf=id_))

    assert {one["sizeState"] for one in found.values()} == {"NO_WIDTH"}
    assert found[TEA]["costState"] == "KNOWN"
    # The pot has no cost: the mean rate of tea and cup, 1 − 7 / 14.49, is taken.
    assert found[POT]["costState"] == "ESTIMATED"
    assert Decimal(found[POT]["margin"]) == pytest.approx(Decimal("12.92"), abs=Decimal("0.01"))


async def test_the_least_facings_hold_what_is_wanted_until_the_refill(graphql):
    id_ = await shop_with_shelf(graphql, refillDays=2)
    size = {"widthCm": "8", "heightCm": "20", "depthCm": "20"}
    await ask(graphql, SIZES, input={"sizes": [{"sku": TEA, **size}]})
    await sell(graphql, tea=3)

    found = by_sku(await ask(graphql, PLAN, shelf=id_))

    # Six in two days, Poisson: ten or fewer 95 times of 100; two stand behind one another.
    assert Decimal(found[TEA]["demandUntilRefill"]) == 10
    assert found[TEA]["unitsPerFacing"] == 2
    assert (found[TEA]["minimum"], found[TEA]["minimumReason"]) == (5, "DEMAND")
    assert found[TEA]["facings"] >= 5
    assert found[TEA]["sizeState"] == "MEASURED"


async def test_minimums_that_do_not_fit_are_an_error_with_a_plan_beside_it(graphql):
    id_ = await shop_with_shelf(graphql, boards=[board(40)])
    await sell(graphql, tea=16)

    refused = await graphql(PLAN, {"shelf": id_})
    plan = await ask(graphql, PLAN, shelf=id_, leastBad=True)

    error = refused["errors"][0]["extensions"]
    assert error["code"] == "SHELF_TOO_NARROW"
    assert error["products"] == [TEA]
    assert plan["problems"][0]["code"] == "SHELF_TOO_NARROW"
    assert plan["profitBound"] is None
    found = by_sku(plan)
    assert found[TEA]["isShort"]
    assert found[TEA]["facings"] == 2


async def test_a_plan_is_applied_to_the_shelf_that_was_looked_at(graphql):
    id_ = await shop_with_shelf(graphql)
    await sell(graphql, tea=6)
    plan = await ask(graphql, PLAN, shelf=id_)

    stale = await code_of(graphql, APPLY, input={"shelf": id_, "version": 7})
    done = await ask(graphql, APPLY, input={"shelf": id_, "version": 1})

    assert stale == "STALE_SHELF"
    assert done["shelf"]["version"] == 2
    wanted = {sku: (one["facings"], one["board"]) for sku, one in by_sku(plan).items()}
    assert wanted == {
        one["product"]["sku"]: (one["facings"], one["board"]) for one in done["shelf"]["products"]
    }
    again = await ask(graphql, PLAN, shelf=id_)
    assert all(one["facingsNow"] == wanted[sku][0] for sku, one in by_sku(again).items())


async def test_elasticities_of_categories_take_effect(graphql):
    id_ = await shop_with_shelf(graphql)
    wanted = [{"category": "Drinks", "elasticity": "0.4"}, {"category": "Ware", "elasticity": None}]

    settled = await ask(graphql, ELASTICITIES, input={"elasticities": wanted})
    refused = await code_of(
        graphql, ELASTICITIES, input={"elasticities": [{"category": "x", "elasticity": "0.95"}]}
    )

    assert settled["elasticities"] == [{"category": "Drinks", "elasticity": "0.4"}]
    assert refused == "INVALID_SHELF"
    found = by_sku(await ask(graphql, PLAN, shelf=id_))
    assert {sku: one["elasticity"] for sku, one in found.items()} == {
        TEA: "0.4", CUP: "0.17", POT: "0.17",
    }  # fmt: skip


async def test_profit_is_for_those_who_may_know_cost(graphql):
    id_ = await shop_with_shelf(graphql)

    answer = await graphql(PLAN, {"shelf": id_}, "forecast:read")

    plan = answer["data"]["shelfPlan"]
    assert "errors" not in answer
    assert plan["profit"] is plan["profitNow"] is plan["profitBound"] is None
    assert plan["boards"][0]["profitOfNextCm"] is None
    assert {one["margin"] for one in plan["products"]} == {None}
    assert plan["products"][0]["facings"] >= 1


async def test_a_shelf_that_is_not_there_or_empty_has_no_plan(graphql):
    await open_shop(graphql)
    [made] = await put(graphql, shelf())

    assert await ask(graphql, PLAN, shelf=NOBODY) is None
    assert await code_of(graphql, PLAN, shelf=made["shelf"]["id"]) == "EMPTY_SHELF"


async def test_the_planogram_is_an_svg_document_that_names_every_product(graphql):
    id_ = await shop_with_shelf(graphql, name="<Wall> & more")

    plan = await ask(graphql, PLAN, shelf=id_)

    for picture in (plan["picture"], plan["now"]):
        titles = [one.text for one in ElementTree.fromstring(picture).iter() if "title" in one.tag]
        assert titles[0] == "<Wall> & more, North"
        assert len(titles) == 4
        assert any("Tea (TEA-1)" in (title or "") for title in titles)


PICTURE = """
query ($shelf: ID!, $width: Int! = 1500) { shelfPlan(shelf: $shelf, leastBad: true) {
  picture(width: $width)
  now: picture(moment: NOW, width: $width)
  products { product { name } facings facingsNow } } }"""


async def test_what_changes_is_marked_where_it_is_planned_not_where_it_stands(graphql):
    id_ = await shop_with_shelf(graphql)
    await sell(graphql, tea=6)

    plan = await ask(graphql, PICTURE, shelf=id_)

    [more, *_] = [one for one in plan["products"] if one["facings"] > one["facingsNow"]]
    assert f"{more['product']['name']} {more['facings']} × (▲ from 1)" in plan["picture"]
    assert plan["picture"].count("stroke-dasharray") == 1 + sum(
        one["facings"] != one["facingsNow"] for one in plan["products"]
    )
    assert "stroke-dasharray" not in plan["now"]


@pytest.mark.parametrize("width", [320, 700])
async def test_a_picture_is_as_narrow_as_asked(graphql, width):
    id_ = await shop_with_shelf(graphql)

    plan = await ask(graphql, PICTURE, shelf=id_, width=width)

    assert int(ElementTree.fromstring(plan["picture"]).attrib["width"]) <= width


@pytest.mark.parametrize("width", [319, 1501, -1])
async def test_a_picture_of_no_width_is_refused(graphql, width):
    id_ = await shop_with_shelf(graphql)

    assert await code_of(graphql, PICTURE, shelf=id_, width=width) == "INVALID_SHELF"


async def test_shares_are_of_the_predicted_units_without_shelves(graphql, database, principal):
    await open_shop(graphql)

    async with database.work(principal) as work:
        shares = await service.shelf_shares(work, {TEA: 2.0, CUP: 1.0})

    assert shares == {TEA: Decimal("66.67"), CUP: Decimal("33.33")}


async def test_shares_are_of_the_planned_width_with_shelves(graphql, database, principal):
    await shop_with_shelf(graphql)
    await sell(graphql, tea=6)

    async with database.work(principal) as work:
        shares = await service.shelf_shares(work, {TEA: 1.0, CUP: 1.0, "other": 100.0})

    assert sum(shares.values()) == 100
    assert shares[TEA] > shares[CUP] > 0
    assert shares["other"] == 0


@pytest.mark.parametrize("mean", [0.01, 0.7, 5.0, 80.0, 499.0])
@pytest.mark.parametrize("times", [1.0, 1.5, 40.0])
def test_quantiles_of_demand_are_those_of_the_textbook(mean, times):
    variance = mean * times
    size = mean / (times - 1) if times > 1 else None
    textbook = (
        stats.poisson(mean) if size is None else stats.nbinom(size, size / (size + mean))
    ).ppf(0.95)

    assert demand_quantile(mean, variance, 0.95) == textbook


def test_demand_that_is_none_has_no_quantile_and_large_demand_is_normal():
    assert demand_quantile(0, 5, 0.95) == 0
    assert demand_quantile(10_000, 10_000, 0.95) == pytest.approx(10_165, abs=1)
