"""A partner sees and records its own sales, and of the rest what it supplies or sells."""

import pytest

from tests.backend.shop import CUP, POT, RECORD_SALES, TEA, sale

SALES = "{ sales { nodes { idempotencyKey lines { product { sku } } } } }"
PRODUCTS = "{ products { nodes { sku price distributor { code } } } }"
LEVELS = "{ stockLevels { nodes { product { sku } location { code } } } }"
SUMMARY = "{ salesSummary(groupBy: [PRODUCT]) { rows { keys { label } units } totals { units } } }"
OTHERS = """{ devices { nodes { code } } parkedCodes { nodes { code } } alerts { nodes { id } }
  customers { nodes { id } } }"""
RETURN = """
mutation ($input: RecordReturnsInput!) {
  recordReturns(input: $input) { results { status userErrors { code } } } }"""


def keys(answer):
    assert not answer.errors, answer.errors
    return {node["idempotencyKey"] for node in answer.data["sales"]["nodes"]}


def skus(answer, field):
    assert not answer.errors, answer.errors
    return {node.get("sku") or node["product"]["sku"] for node in answer.data[field]["nodes"]}


def outcome(answer, field="recordSales"):
    assert not answer.errors, answer.errors
    (row,) = answer.data[field]["results"]
    return row["userErrors"][0]["code"] if row["userErrors"] else row["status"]


async def test_a_distributor_sees_the_sales_it_made_with_all_their_lines(shop, ask):
    answer = await ask(SALES, partner=shop.distributors["acme"])

    assert keys(answer) == {"acme-1", "acme-2"}
    lines = [
        line["product"]["sku"] for node in answer.data["sales"]["nodes"] for line in node["lines"]
    ]
    assert sorted(lines) == [POT, TEA, TEA]


async def test_a_marketplace_sees_the_sales_of_its_channel(shop, ask):
    assert keys(await ask(SALES, channel="MARKETPLACE")) == {"ours-2"}


async def test_limits_add_up(shop, ask):
    acme, web = shop.distributors["acme"], shop.locations["web"]

    assert keys(await ask(SALES, partner=acme, channel="ONLINE")) == {"acme-2"}
    assert keys(await ask(SALES, partner=acme, locations=frozenset({web}))) == {"acme-2"}
    assert keys(await ask(SALES, locations=frozenset())) == set()


async def test_the_summary_of_a_partner_counts_its_sales_only(shop, ask):
    answer = await ask(SUMMARY, partner=shop.distributors["acme"])

    assert not answer.errors
    assert float(answer.data["salesSummary"]["totals"]["units"]) == 3


async def test_a_distributor_sees_the_products_it_supplies_or_sold_and_the_stock_it_supplies(
    shop, ask
):
    best = {"partner": shop.distributors["best"]}
    acme = {"partner": shop.distributors["acme"]}

    assert skus(await ask(PRODUCTS, **best), "products") == {CUP}
    assert skus(await ask(PRODUCTS, **acme), "products") == {TEA, POT}
    assert skus(await ask(LEVELS, **best), "stockLevels") == {CUP}


async def test_a_marketplace_sees_the_catalogue_and_the_stock_where_it_may_look(shop, ask):
    web = frozenset({shop.locations["web"]})

    assert skus(await ask(PRODUCTS, channel="MARKETPLACE"), "products") == {TEA, CUP, POT}
    answer = await ask(LEVELS, channel="MARKETPLACE", locations=web)
    assert {node["location"]["code"] for node in answer.data["stockLevels"]["nodes"]} == {"web"}


@pytest.mark.parametrize("channel", ["ONLINE", None])
async def test_partners_see_no_devices_alerts_or_customers(shop, ask, channel):
    partner = None if channel else shop.distributors["acme"]

    answer = await ask(OTHERS, channel=channel, partner=partner)

    assert not answer.errors
    assert [found["nodes"] for found in answer.data.values()] == [[], [], [], []]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"distributor": "acme"}, "ACCEPTED"),
        ({"distributor": "best"}, "UNKNOWN_DISTRIBUTOR"),
        ({}, "SALE_OUT_OF_REACH"),
        ({"distributor": "acme", "customer": "Jane"}, "SALE_OUT_OF_REACH"),
        ({"distributor": "acme", "lines": [{"sku": CUP, "quantity": 1}]}, "UNKNOWN_PRODUCT"),
    ],
)
async def test_a_distributor_records_its_own_sales_of_goods_it_sees(shop, ask, fields, expected):
    sent = sale("new", (TEA, 1), saleType="TRACE") | fields

    answer = await ask(
        RECORD_SALES, {"input": {"sales": [sent]}}, partner=shop.distributors["acme"]
    )

    assert outcome(answer) == expected


async def test_a_marketplace_records_sales_of_its_channel_which_move_our_stock(shop, ask):
    sales = [sale(key, (TEA, 5), channel=key, location="web") for key in ("MARKETPLACE", "ONLINE")]
    limits = {"channel": "MARKETPLACE", "locations": frozenset({shop.locations["web"]})}

    found = [
        outcome(await ask(RECORD_SALES, {"input": {"sales": [one]}}, **limits)) for one in sales
    ]

    assert found == ["ACCEPTED", "SALE_OUT_OF_REACH"]
    assert "ours-2" in keys(await ask(SALES, channel="MARKETPLACE"))
    alerts = await ask("{ alerts { nodes { kind location { code } } } }")
    assert {"kind": "OVERSOLD", "location": {"code": "web"}} in alerts.data["alerts"]["nodes"]


async def test_a_partner_takes_back_its_own_sales_only(shop, ask):
    acme = {"partner": shop.distributors["acme"]}
    now = sale("x")["soldAt"]

    def returned(of):
        line = [{"sku": TEA, "quantity": 1}]
        one = {
            "idempotencyKey": f"r-{of}",
            "sale": of,
            "location": "north",
            "returnedAt": now,
            "lines": line,
        }
        return {"input": {"returns": [one]}}

    assert outcome(await ask(RETURN, returned("acme-1"), **acme), "recordReturns") == "ACCEPTED"
    assert outcome(await ask(RETURN, returned("ours-1"), **acme), "recordReturns") == "UNKNOWN_SALE"
    assert (
        outcome(await ask(RETURN, returned(None), **acme), "recordReturns") == "SALE_OUT_OF_REACH"
    )


async def test_a_distributor_changes_no_product_of_another(shop, ask):
    document = """
    mutation ($input: UpsertProductsInput!) { upsertProducts(input: $input) { rejectedCount } }"""
    stolen = {"sku": CUP, "name": "Stolen", "category": "Ware", "price": "1"}

    answer = await ask(
        document, {"input": {"products": [stolen]}}, partner=shop.distributors["acme"]
    )

    assert [error.extensions["code"] for error in answer.errors] == ["OUT_OF_REACH"]
