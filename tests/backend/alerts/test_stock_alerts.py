"""Stock alerts open and resolve in the transaction that moves the stock."""

from tests.backend.sales.test_recording import record
from tests.backend.shop import ALERTS, POT, TEA, UPSERT_PRODUCTS, open_shop, sale
from tests.backend.stock.test_ledger import adjust, adjustment, count, counted

ACKNOWLEDGE = """
mutation ($input: AcknowledgeAlertInput!) { acknowledgeAlert(input: $input) {
  alert { state note acknowledgedBy version } } }"""


async def live(graphql):
    nodes = (await graphql(ALERTS))["data"]["alerts"]["nodes"]
    return [(node["kind"], node["product"]["sku"]) for node in nodes if node["state"] != "RESOLVED"]


async def test_a_level_at_its_reorder_point_is_low(graphql):
    await open_shop(graphql)
    await adjust(graphql, adjustment("a", 4))
    assert await live(graphql) == []

    await record(graphql, sale("s", (TEA, 1)))

    assert await live(graphql) == [("LOW_STOCK", TEA)]


async def test_the_worst_that_applies_takes_the_place_of_the_milder(graphql):
    await open_shop(graphql)
    await adjust(graphql, adjustment("a", 4))
    kinds = []
    for number, units in enumerate((2, 2, 1)):
        await record(graphql, sale(f"s{number}", (TEA, units)))
        kinds += await live(graphql)

    assert kinds == [("LOW_STOCK", TEA), ("OUT_OF_STOCK", TEA), ("OVERSOLD", TEA)]


async def test_goods_that_come_in_resolve_the_alert(graphql):
    await open_shop(graphql)
    await record(graphql, sale("s", (POT, 1)))
    assert await live(graphql) == [("OVERSOLD", POT)]

    await adjust(graphql, adjustment("a", 5, POT))

    assert await live(graphql) == []
    (alert,) = (await graphql(ALERTS))["data"]["alerts"]["nodes"]
    assert (alert["state"], alert["value"], alert["version"]) == ("RESOLVED", "-1", 2)


async def test_a_new_reorder_point_judges_the_levels_anew(graphql):
    await open_shop(graphql)
    await adjust(graphql, adjustment("a", 20))
    product = {"sku": TEA, "name": "Tea", "category": "Drinks", "price": "4.50", "reorderPoint": 25}

    await graphql(UPSERT_PRODUCTS, {"input": {"products": [product]}})
    assert await live(graphql) == [("LOW_STOCK", TEA)]
    await graphql(UPSERT_PRODUCTS, {"input": {"products": [{**product, "reorderPoint": None}]}})

    assert await live(graphql) == []


async def test_an_oversold_level_is_settled_by_a_count(graphql):
    await open_shop(graphql)
    await record(graphql, sale("s", (TEA, 2)))

    await count(graphql, counted("c", 8))

    assert await live(graphql) == []


async def test_an_alert_is_taken_on_once(graphql):
    await open_shop(graphql)
    await record(graphql, sale("s", (TEA, 2)))
    (alert,) = (await graphql(ALERTS))["data"]["alerts"]["nodes"]

    first = await graphql(ACKNOWLEDGE, {"input": {"id": alert["id"], "note": "on my way"}})
    again = await graphql(ACKNOWLEDGE, {"input": {"id": alert["id"], "note": "me too"}})

    assert first["data"]["acknowledgeAlert"]["alert"]["state"] == "ACKNOWLEDGED"
    assert again == first
    assert await live(graphql) == [("OVERSOLD", TEA)]


async def test_an_alert_nobody_knows_cannot_be_taken_on(graphql):
    for wrong in ("nonsense", "01a1fa5f-0000-7000-8000-000000000000"):
        answer = await graphql(ACKNOWLEDGE, {"input": {"id": wrong}})

        assert answer["errors"][0]["extensions"]["code"] == "ALERT_NOT_FOUND"
