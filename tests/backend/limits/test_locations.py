"""Who is limited to locations reads and writes there only, and hears why not elsewhere."""

from backend.core.scopes import Scope
from tests.backend.shop import INGEST, RECORD_SALES, TEA, UPSERT_DEVICES, read, sale

ALL = """{
  sales { nodes { location { code } } } stockLevels { nodes { location { code } } }
  locations { nodes { code } } devices { nodes { location { code } } }
  alerts { nodes { location { code } } } parkedCodes { nodes { device } } }"""
SUMMARY = "{ salesSummary(groupBy: [LOCATION]) { rows { keys { label } } totals { orders } } }"
ADJUST = """
mutation ($input: AdjustStockInput!) {
  adjustStock(input: $input) { results { status userErrors { code } } } }"""
REORDER = (
    "mutation ($input: UpsertProductsInput!) { upsertProducts(input: $input) { rejectedCount } }"
)
LEVELS = "{ stockLevels { nodes { location { code } reorderPoint } } }"
KEY = """
mutation ($input: RecordReturnsInput!) {
  recordReturns(input: $input) { results { userErrors { code } } } }"""


def codes(answer, field):
    assert not answer.errors, answer.errors
    rows = answer.data[field]["results"]
    return [row["userErrors"][0]["code"] if row["userErrors"] else "ACCEPTED" for row in rows]


async def test_every_list_shows_what_is_there_only(shop, ask):
    answer = await ask(ALL, locations=frozenset({shop.locations["web"]}))

    assert not answer.errors
    for name in ("sales", "stockLevels", "alerts"):
        places = {node["location"]["code"] for node in answer.data[name]["nodes"]}
        assert places == {"web"}, name
    assert [node["code"] for node in answer.data["locations"]["nodes"]] == ["web"]
    assert answer.data["devices"]["nodes"] == []


async def test_no_location_at_all_is_not_all_of_them(shop, ask):
    answer = await ask(ALL, locations=frozenset())

    assert not answer.errors
    assert [found["nodes"] for found in answer.data.values()] == [[]] * 6


async def test_a_summary_counts_what_is_there_only(shop, ask):
    answer = await ask(SUMMARY, locations=frozenset({shop.locations["web"]}))

    assert answer.data["salesSummary"]["totals"]["orders"] == 2


async def test_what_is_written_elsewhere_is_refused_row_by_row(shop, ask):
    web = {"locations": frozenset({shop.locations["web"]})}
    sales = [sale(place, (TEA, 1), channel="ONLINE", location=place) for place in ("web", "north")]
    moves = [
        {"idempotencyKey": place, "sku": TEA, "location": place, "delta": 1, "reason": "RECEIVED"}
        for place in ("web", "north")
    ]

    sold = await ask(RECORD_SALES, {"input": {"sales": sales}}, **web)
    moved = await ask(ADJUST, {"input": {"adjustments": moves}}, **web)

    assert codes(sold, "recordSales") == ["ACCEPTED", "UNKNOWN_LOCATION"]
    assert codes(moved, "adjustStock") == ["ACCEPTED", "UNKNOWN_LOCATION"]


async def test_a_device_elsewhere_neither_reads_nor_is_moved(shop, ask):
    web = {"locations": frozenset({shop.locations["web"]})}
    stolen = {"code": "north-1", "location": "web", "readPoints": []}

    reads = await ask(INGEST, {"input": {"device": "north-1", "reads": [read("k")]}}, **web)
    moved = await ask(UPSERT_DEVICES, {"input": {"devices": [stolen]}}, **web)

    assert [error.extensions["code"] for error in reads.errors] == ["UNKNOWN_DEVICE"]
    assert [error.extensions["code"] for error in moved.errors] == ["OUT_OF_REACH"]


async def test_a_code_nobody_knows_is_parked_at_each_location_by_itself(shop, ask):
    unknown = read("k", code="NOBODY-KNOWS")
    north, south = (frozenset({shop.locations[code]}) for code in ("north", "south"))

    for device, places in (("north-1", north), ("south-1", south)):
        batch = {"device": device, "reads": [unknown | {"key": device}]}
        answer = await ask(INGEST, {"input": batch}, locations=places)
        assert codes(answer, "ingestReads") == ["UNDECODED"]

    answer = await ask(ALL, locations=south)
    assert answer.data["parkedCodes"]["nodes"] == [{"device": "south-1"}]


async def test_levels_everywhere_follow_a_product_whoever_changes_it(shop, ask):
    changed = {"sku": TEA, "name": "Tea", "category": "Drinks", "price": "4.50", "reorderPoint": 44}

    answer = await ask(
        REORDER, {"input": {"products": [changed]}}, locations=frozenset({shop.locations["web"]})
    )

    assert not answer.errors
    levels = (await ask(LEVELS)).data["stockLevels"]["nodes"]
    points = {
        node["location"]["code"]: node["reorderPoint"] for node in levels if node["reorderPoint"]
    }
    assert {place: float(point) for place, point in points.items()} == {"north": 44, "web": 44}


async def test_nobody_limited_is_an_administrator(shop, ask):
    answer = await ask(
        "{ stockLevels { nodes { id } } }",
        scopes={Scope.ADMIN},
        locations=frozenset({shop.locations["web"]}),
    )
    refused = await ask(
        "subscription { feed(topics: [ACCESS]) { __typename } }",
        scopes={Scope.ADMIN},
        locations=frozenset({shop.locations["web"]}),
    )

    assert not answer.errors
    assert refused.errors
