from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backend.core.scopes import Scope
from backend.forecasting.jobs.process import Computer
from backend.forecasting.jobs.runner import Runner
from tests.backend.forecasting.shops import open_shop, sell
from tests.world import run_sql

FORECAST = """
query ($products: [String!], $locations: [String!], $horizon: Int! = 28, $first: Int! = 50) {
  forecast(products: $products, locations: $locations, horizon: $horizon, first: $first) {
    asOf trainedThrough absence coverage90 model { id version family status verdict metrics }
    series { product { sku } location { code } demandClass modelId
             days { day mean median low high quantiles { level value } } total { mean low high } }
    total { series days { day mean low high } total { mean low high } }
  }
}"""
BY = """
query ($by: [ForecastLevel!]!, $first: Int! = 50) {
  forecast(by: $by, first: $first) {
    series { days { mean } total { mean } }
    groups { keys { level id label } series days { mean low high } total { mean low high } }
    total { series days { mean low high } total { mean low high } }
  }
}"""
TRAIN = "mutation { trainForecast { run { id kind status progress } } }"
RUN = """query ($id: ID!) { forecastRun(id: $id) { status promoted verdict errorCode progress } }"""
TODAY = datetime.now(UTC).date()


@pytest.fixture
async def shop(owner_url, org_id):
    """Two stores that sold tea for sixty days, one of them three times as much."""
    ids = await open_shop(owner_url, org_id, skus=("TEA", "CUP"), codes=("north", "south"))
    rows = [
        (ids[code], ids["TEA"], TODAY - timedelta(days=n), units)
        for n in range(1, 61) for code, units in (("north", 9), ("south", 3))
    ]  # fmt: skip
    await sell(owner_url, org_id, rows)
    return ids


@pytest.fixture
async def work_off(database, owner_url, org_id):
    """Does the runs that wait."""

    async def run_all():
        async with Computer(4_000) as computer:
            for row in await run_sql(
                owner_url, "select id from forecast_runs where status = 'WAITING'"
            ):
                await Runner(database, computer).run(org_id, row["id"])

    return run_all


def data(answer):
    assert "errors" not in answer, answer
    return next(iter(answer["data"].values()))


async def test_training_is_asked_for_followed_and_read(graphql, shop, work_off):
    run = data(await graphql(TRAIN))["run"]
    assert (run["kind"], run["status"]) == ("TRAIN", "WAITING")

    await work_off()

    ended = data(await graphql(RUN, {"id": run["id"]}))
    assert (ended["status"], ended["errorCode"], ended["progress"]) == ("SUCCEEDED", None, 1)
    forecast = data(await graphql(FORECAST, {"horizon": 7}))
    assert [one["location"]["code"] for one in forecast["series"]] == ["north", "south"]
    assert [len(one["days"]) for one in forecast["series"]] == [7, 7]
    assert {one["modelId"] for one in forecast["series"]} == {forecast["model"]["id"]}
    assert forecast["absence"] is None
    day, parts = forecast["total"]["days"][0], [one["days"][0] for one in forecast["series"]]
    assert day["mean"] == pytest.approx(sum(one["mean"] for one in parts), abs=0.001)
    assert parts[0]["low"] <= parts[0]["median"] <= parts[0]["high"]
    models = data(await graphql("{ forecastModels { nodes { kind status trainedThrough } } }"))
    assert {one["kind"] for one in models["nodes"]} == {"PERIODS", "TOTALS"}


@pytest.mark.parametrize(
    ("variables", "code", "field"),
    [
        ({"products": ["NONE"]}, "UNKNOWN_PRODUCT", ["products"]),
        ({"locations": ["nowhere"]}, "UNKNOWN_LOCATION", ["locations"]),
        ({"horizon": 0}, "INVALID_HORIZON", ["horizon"]),
        ({"horizon": 10_000}, "INVALID_HORIZON", ["horizon"]),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(graphql, shop, variables, code, field):
    answer = await graphql(FORECAST, variables)

    extensions = answer["errors"][0]["extensions"]
    assert (extensions["code"], extensions["field"]) == (code, field)


async def test_where_there_is_no_forecast_the_answer_says_why(graphql, owner_url, org_id, work_off):
    ids = await open_shop(owner_url, org_id, skus=("TEA", "CUP"))
    nothing = data(await graphql(FORECAST))
    await sell(owner_url, org_id, [(ids["north"], ids["TEA"], TODAY - timedelta(days=1), 2)])
    untrained = data(await graphql(FORECAST))
    await graphql(TRAIN)
    await work_off()
    other = data(await graphql(FORECAST, {"products": ["CUP"]}))

    found = [(one["absence"], one["series"], one["total"]["total"])
             for one in (nothing, untrained, other)]  # fmt: skip
    assert found == [
        ("NOTHING_SOLD", [], None), ("NOT_TRAINED", [], None), ("NOT_LATELY", [], None)
    ]  # fmt: skip


async def test_who_is_limited_to_a_location_sees_its_forecasts_and_their_sum(
    graphql, client, token, shop, work_off
):
    await graphql(TRAIN)
    await work_off()
    narrow = await token("forecast:read", "forecast:write", locations=[shop["south"]])
    headers = {"Authorization": f"Bearer {narrow}"}

    seen = (await client.post("/graphql", json={"query": FORECAST}, headers=headers)).json()
    asked = (await client.post("/graphql", json={"query": TRAIN}, headers=headers)).json()

    forecast = data(seen)
    assert [one["location"]["code"] for one in forecast["series"]] == ["south"]
    assert forecast["total"]["series"] == 1
    assert forecast["total"]["days"][0]["mean"] < 5
    assert asked["errors"][0]["extensions"]["code"] == "OUT_OF_REACH"


async def test_models_that_are_not_there_are_refused_by_code(graphql, shop):
    promote = """mutation ($id: ID!) {
      promoteForecastModel(input: {id: $id}) { run { id } } }"""
    back = "mutation { rollBackForecastModel { run { id } } }"

    answers = [await graphql(promote, {"id": "what"}), await graphql(back)]

    codes = [one["errors"][0]["extensions"]["code"] for one in answers]
    assert codes == ["FORECAST_MODEL_NOT_FOUND", "NO_EARLIER_MODEL"]


async def test_forecasts_need_their_scopes(client, token, shop):
    narrow = await token(Scope.SALES_READ.value)
    headers = {"Authorization": f"Bearer {narrow}"}

    answers = [(await client.post("/graphql", json={"query": query}, headers=headers)).json()
               for query in (FORECAST, TRAIN)]  # fmt: skip

    assert [one["errors"][0]["extensions"]["code"] for one in answers] == ["MISSING_SCOPE"] * 2


async def named(url, org_id, shop):
    """Put the stores into two states, and sell cups in one of them."""
    rows = [
        (shop["north"], shop["CUP"], TODAY - timedelta(days=n), 1 + n % 2) for n in range(1, 61)
    ]
    await sell(url, org_id, rows)
    for code, state in (("north", "Maine"), ("south", "Ohio")):
        await run_sql(url, "update locations set state = $2 where id = $1", shop[code], state)


def adds_up(parts, whole):
    """Tell whether means of parts are the whole's, to the last decimal shown."""
    return sum(Decimal(str(one["mean"])) for one in parts) == Decimal(str(whole["mean"]))


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        (["STATE"], [["Maine"], ["Ohio"]]),
        (["CATEGORY"], [[None]]),
        (["REGION", "PRODUCT"], [[None, "TEA"], [None, "CUP"]]),
        (["PRODUCT", "LOCATION"], [["TEA", "north"], ["TEA", "south"], ["CUP", "north"]]),
    ],
    ids=str,
)
async def test_sums_by_any_level_add_up_to_the_total_exactly(
    graphql, shop, work_off, owner_url, org_id, by, keys
):
    await named(owner_url, org_id, shop)
    await graphql(TRAIN)
    await work_off()

    found = data(await graphql(BY, {"by": by}))

    assert [[key["id"] for key in one["keys"]] for one in found["groups"]] == keys
    assert [key["level"] for key in found["groups"][0]["keys"]] == by
    total, groups = found["total"], found["groups"]
    for parts in (groups, found["series"]):
        assert adds_up([one["total"] for one in parts], total["total"])
        for n, day in enumerate(total["days"]):
            assert adds_up([one["days"][n] for one in parts], day)
    assert all(
        one["total"]["low"] <= one["total"]["mean"] <= one["total"]["high"] for one in groups
    )
    assert sum(one["series"] for one in groups) == total["series"] == 3


async def test_what_is_not_shown_by_itself_is_one_more_sum(graphql, shop, work_off):
    await graphql(TRAIN)
    await work_off()

    found = data(await graphql(BY, {"by": ["LOCATION", "LOCATION"], "first": 1}))

    shown, others = found["groups"]
    assert shown["keys"] == [{"level": "LOCATION", "id": "north", "label": "north"}]
    assert (others["keys"], others["series"]) == ([], 1)
    assert adds_up([shown["total"], others["total"]], found["total"]["total"])


async def test_without_forecasts_there_are_no_sums(graphql, shop):
    found = data(await graphql(BY, {"by": ["STATE"]}))

    assert (found["groups"], found["total"]["total"]) == ([], None)
