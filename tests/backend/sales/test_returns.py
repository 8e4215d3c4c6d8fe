"""Returns are movements and lines of their own."""

from decimal import Decimal

from tests.backend.devices.test_ingest import ingest
from tests.backend.sales.test_recording import codes, on_hand, record
from tests.backend.shop import CUP, TEA, now, open_shop, read, sale

RECORD_RETURNS = """
mutation ($input: RecordReturnsInput!) {
  recordReturns(input: $input) {
    acceptedCount duplicateCount rejectedCount
    results { status userErrors { code field } sale { kind netSales profit returnOf units } }
  }
}"""


def back(key, *lines, **fields):
    return {
        "idempotencyKey": key,
        "location": "north",
        "returnedAt": now(),
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
        **fields,
    }


async def give_back(graphql, *returns, **options):
    answer = await graphql(RECORD_RETURNS, {"input": {"returns": list(returns), **options}})
    assert "errors" not in answer, answer
    return answer["data"]["recordReturns"]


async def test_a_return_puts_the_goods_back_at_the_price_they_were_sold_at(graphql):
    await open_shop(graphql)
    line = {"sku": TEA, "quantity": 4, "unitPrice": "4", "discount": "2"}
    sold = await record(graphql, sale("s1", lines=[line]))

    payload = await give_back(graphql, back("r1", (TEA, 1), sale="s1"))

    (row,) = payload["results"]
    assert row["sale"]["kind"] == "RETURN"
    assert Decimal(row["sale"]["netSales"]) == Decimal("3.5")
    assert row["sale"]["returnOf"] == sold["results"][0]["sale"]["id"]
    assert await on_hand(graphql) == "-3"


async def test_a_return_takes_effect_once(graphql):
    await open_shop(graphql)
    await record(graphql, sale("s1", (TEA, 2)))
    once = back("r1", (TEA, 1), sale="s1")
    await give_back(graphql, once)

    payload = await give_back(graphql, once)

    assert payload["duplicateCount"] == 1
    assert await on_hand(graphql) == "-1"


async def test_no_more_comes_back_than_was_sold(graphql):
    await open_shop(graphql)
    await record(graphql, sale("s1", (TEA, 2)))
    await give_back(graphql, back("r1", (TEA, 1), sale="s1"))

    payload = await give_back(
        graphql,
        back("r2", (TEA, 2), sale="s1"),
        back("r3", (CUP, 1), sale="s1"),
        back("r4", (TEA, 1), sale="s1"),
        back("r5", (TEA, 1), sale="s1"),
    )

    assert codes(payload) == [
        "RETURN_EXCEEDS_SALE",
        "RETURN_EXCEEDS_SALE",
        None,
        "RETURN_EXCEEDS_SALE",
    ]
    assert await on_hand(graphql) == "0"


async def test_a_refused_return_uses_no_key(graphql):
    await open_shop(graphql)
    await record(graphql, sale("s1", (TEA, 1)))
    await give_back(graphql, back("r1", (TEA, 2), sale="s1"))

    payload = await give_back(graphql, back("r1", (TEA, 1), sale="s1"))

    assert payload["acceptedCount"] == 1


async def test_a_return_without_a_receipt_is_taken_at_the_catalogues_price(graphql):
    await open_shop(graphql)

    payload = await give_back(graphql, back("r1", (TEA, 1)))

    assert Decimal(payload["results"][0]["sale"]["netSales"]) == Decimal("4.5")
    assert await on_hand(graphql) == "1"


async def test_goods_that_are_not_restocked_stay_off_the_shelf(graphql):
    await open_shop(graphql)
    await record(graphql, sale("s1", (TEA, 1)))

    await give_back(graphql, back("r1", (TEA, 1), sale="s1", restock=False))

    assert await on_hand(graphql) == "-1"


async def test_what_a_checkout_read_sold_comes_back_under_the_reads_key(graphql):
    await open_shop(graphql)
    await ingest(graphql, read("till-7", point="till"), device="south-1")

    payload = await give_back(graphql, back("r1", (TEA, 1), sale="till-7", location="south"))

    assert payload["acceptedCount"] == 1
    assert await on_hand(graphql, location="south") == "0"


async def test_a_return_of_an_unknown_sale_is_refused(graphql):
    await open_shop(graphql)

    payload = await give_back(graphql, back("r1", (TEA, 1), sale="never"))

    assert codes(payload) == ["UNKNOWN_SALE"]
