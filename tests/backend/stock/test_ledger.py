"""Stock is the sum of its movements, at two times, whoever writes."""

import asyncio
import random

from tests.backend.devices.test_ingest import ingest
from tests.backend.sales.test_recording import record
from tests.backend.shop import CUP, LEVELS, POT, TEA, now, open_shop, read, sale

ADJUST = """
mutation ($input: AdjustStockInput!) { adjustStock(input: $input) {
  acceptedCount duplicateCount rejectedCount
  results { status level { onHand version } userErrors { code field } } } }"""
COUNT = """
mutation ($input: CountStockInput!) { countStock(input: $input) {
  acceptedCount duplicateCount rejectedCount
  results { status level { onHand } userErrors { code field } } } }"""
RECONCILE = "{ stockReconciliation { checked mismatches { product { sku } ledger level } } }"
MOVEMENTS = """
query ($filter: StockMovementFilter, $sort: StockMovementSort) {
  stockMovements(filter: $filter, sort: $sort) { nodes { quantity reason reference } } }"""
AT = """query ($asOf: DateTime, $knownAt: DateTime) {
  stockAt(sku: "TEA-1", location: "north", asOf: $asOf, knownAt: $knownAt) { onHand } }"""


def adjustment(key, delta, sku=TEA, **fields):
    return {
        "idempotencyKey": key, "sku": sku, "location": "north", "delta": delta,
        "reason": "RECEIVED", **fields,
    }  # fmt: skip


def counted(key, quantity, **fields):
    return {
        "idempotencyKey": key, "sku": TEA, "location": "north", "quantity": quantity,
        "expected": None, **fields,
    }  # fmt: skip


async def adjust(graphql, *rows, **options):
    answer = await graphql(ADJUST, {"input": {"adjustments": list(rows), **options}})
    assert "errors" not in answer, answer
    return answer["data"]["adjustStock"]


async def count(graphql, *rows, **options):
    answer = await graphql(COUNT, {"input": {"counts": list(rows), **options}})
    assert "errors" not in answer, answer
    return answer["data"]["countStock"]


async def at(graphql, as_of=None, known_at=None):
    answer = await graphql(AT, {"asOf": as_of, "knownAt": known_at})
    level = answer["data"]["stockAt"]
    return level and level["onHand"]


async def levels(graphql, **chosen):
    answer = await graphql(LEVELS, {"filter": chosen})
    return {
        (node["product"]["sku"], node["location"]["code"]): node["onHand"]
        for node in answer["data"]["stockLevels"]["nodes"]
    }


async def test_an_adjustment_takes_effect_once(graphql):
    await open_shop(graphql)
    await adjust(graphql, adjustment("a", 10))

    payload = await adjust(graphql, adjustment("a", 10), adjustment("b", -3))

    assert [row["status"] for row in payload["results"]] == ["DUPLICATE", "ACCEPTED"]
    assert payload["results"][1]["level"] == {"onHand": "7", "version": 2}


async def test_adjustments_that_make_no_sense_are_refused(graphql):
    await open_shop(graphql)

    payload = await adjust(
        graphql,
        adjustment("a", 0),
        adjustment("b", 1, reason="SALE"),
        adjustment("c", 1, sku="NOPE"),
        adjustment("d", "0.00001"),
        adjustment(" ", 1),
    )

    codes = [row["userErrors"][0]["code"] for row in payload["results"]]
    assert codes == [
        "INVALID_QUANTITY",
        "INVALID_REASON",
        "UNKNOWN_PRODUCT",
        "INVALID_QUANTITY",
        "INVALID_KEY",
    ]


async def test_a_count_brings_the_level_to_what_was_found(graphql):
    await open_shop(graphql)
    await adjust(graphql, adjustment("a", 10))

    payload = await count(graphql, counted("c", 7, expected=10))

    assert payload["results"][0]["level"] == {"onHand": "7"}
    assert await levels(graphql) == {(TEA, "north"): "7"}


async def test_a_count_against_a_quantity_that_changed_is_refused_and_uses_no_key(graphql):
    await open_shop(graphql)
    await adjust(graphql, adjustment("a", 10))

    stale = await count(graphql, counted("c", 7, expected=9))
    again = await count(graphql, counted("c", 7, expected=10))

    assert stale["results"][0]["userErrors"][0]["code"] == "STALE_QUANTITY"
    assert again["acceptedCount"] == 1


async def test_a_count_sent_again_is_a_duplicate_though_the_level_has_changed(graphql):
    await open_shop(graphql)
    await adjust(graphql, adjustment("a", 10))
    once = counted("c", 7, expected=10)
    await count(graphql, once)

    payload = await count(graphql, once)

    assert payload["duplicateCount"] == 1


async def test_a_count_must_say_what_it_was_made_against(graphql):
    await open_shop(graphql)
    row = counted("c", 7)
    del row["expected"]

    payload = await count(graphql, row)

    assert payload["results"][0]["userErrors"][0]["code"] == "MISSING_EXPECTED"


async def test_what_happened_after_a_past_count_still_counts(graphql):
    await open_shop(graphql)
    await adjust(graphql, adjustment("a", 10, occurredAt="2024-01-01T00:00:00Z"))
    await adjust(graphql, adjustment("b", 5, occurredAt="2024-01-03T00:00:00Z"))

    await count(graphql, counted("c", 8, countedAt="2024-01-02T00:00:00Z"))

    assert await levels(graphql) == {(TEA, "north"): "13"}


async def test_a_late_movement_lands_at_its_own_time(graphql):
    await open_shop(graphql)
    await adjust(graphql, adjustment("a", 10, occurredAt="2024-01-01T00:00:00Z"))
    before = now()
    await adjust(graphql, adjustment("b", -4, occurredAt="2024-01-02T00:00:00Z"))

    assert await at(graphql, as_of="2024-01-01T12:00:00Z") == "10"
    assert await at(graphql, as_of="2024-01-02T12:00:00Z") == "6"
    assert await at(graphql, as_of="2024-01-02T12:00:00Z", known_at=before) == "10"
    assert await at(graphql, as_of="2023-12-31T00:00:00Z") is None
    assert await at(graphql) == "6"


async def test_levels_are_found_by_their_state(graphql):
    await open_shop(graphql)
    await adjust(graphql, adjustment("a", 3), adjustment("b", 50, CUP), adjustment("c", 1, POT))
    await record(graphql, sale("s", (POT, 2)))

    assert await levels(graphql, belowReorderPoint=True) == {(TEA, "north"): "3"}
    assert await levels(graphql, outOfStock=True) == {(POT, "north"): "-1"}
    assert await levels(graphql, oversold=True) == {(POT, "north"): "-1"}
    assert await levels(graphql, categories=["Ware"], oversold=False) == {(CUP, "north"): "50"}


async def test_eight_writers_on_three_products_lose_no_unit_and_never_deadlock(graphql):
    await open_shop(graphql)
    skus = [TEA, CUP, POT]

    async def write(writer):
        order = random.Random(writer)
        for number in range(6):
            order.shuffle(skus)
            lines = [(sku, 1) for sku in skus]
            await record(graphql, sale(f"{writer}-{number}", *lines))
            await adjust(
                graphql, *(adjustment(f"{writer}-{number}-{sku}", 2, sku) for sku in skus[::-1])
            )
            await ingest(graphql, *(read(f"{writer}-{number}-{n}") for n in range(3)))

    await asyncio.gather(*(write(writer) for writer in range(8)))

    found = await levels(graphql)
    assert found == {(TEA, "north"): "192", (CUP, "north"): "48", (POT, "north"): "48"}
    reconciled = (await graphql(RECONCILE))["data"]["stockReconciliation"]
    assert reconciled == {"checked": 3, "mismatches": []}


async def test_the_ledger_is_listed_sorted_and_filtered(graphql):
    await open_shop(graphql)
    await adjust(graphql, adjustment("a", 10, occurredAt="2024-01-02T00:00:00Z"))
    await adjust(graphql, adjustment("b", 5, CUP, occurredAt="2024-01-01T00:00:00Z"))
    await adjust(graphql, adjustment("c", -1, reason="DAMAGED", reference="note 7"))

    async def listed(**variables):
        answer = await graphql(MOVEMENTS, variables)
        return [node["quantity"] for node in answer["data"]["stockMovements"]["nodes"]]

    assert await listed() == ["-1", "5", "10"]
    assert await listed(sort={"by": "OCCURRED_AT", "direction": "ASC"}) == ["5", "10", "-1"]
    assert await listed(filter={"skus": [TEA], "reasons": ["RECEIVED"]}) == ["10"]
    assert await listed(filter={"occurredTo": "2024-01-02T00:00:00Z"}) == ["5"]
    assert await listed(filter={"occurredFrom": "2024-01-03T00:00:00Z"}) == ["-1"]
    assert await listed(filter={"locations": ["web"]}) == []
