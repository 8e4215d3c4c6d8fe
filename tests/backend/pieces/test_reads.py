"""What reads of tags do, through the whole of `ingestReads`."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.core.identifiers import Epc, Scheme, encode_epc
from backend.core.scopes import Scope
from tests.backend.devices.test_ingest import ingest, on_hand
from tests.backend.devices.test_takeup import JAM, JAM_GTIN, jam, parked, upsert
from tests.backend.shop import TEA_CASE_GTIN, TEA_GTIN, UPSERT_DEVICES, open_shop, read

POINTS = [
    {"code": "dock", "role": "RECEIVING"},
    {"code": "till", "role": "CHECKOUT"},
    {"code": "shelf", "role": "SHELF"},
    {"code": "door", "role": "EXIT"},
]
PIECE = """
query ($epc: String!) { piece(epc: $epc) {
  epc epcHex gtin serial state isSuspect units product { sku } location { code } readPoint
  stockLocation { code } firstSeenAt lastSeenAt soldAt version
  recentSightings { observedAt readPoint device presence count location { code } } } }"""
ALERTS = """
{ alerts { nodes { kind state subject location { code } product { sku } } } }"""
SALES = "{ sales { nodes { idempotencyKey soldAt source netSales location { code } } } }"
URI = "urn:epc:id:sgtin:4006381.033393.17"
NOON = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)


def tag(serial, gtin=TEA_GTIN):
    """Return what a tag of a piece holds, in hexadecimal."""
    return encode_epc(Epc(Scheme.SGTIN_96, gtin, str(serial), 7))


def seen(key, point, minutes=0, code=None, **fields):
    """Return a read of the tag 17 so many minutes after noon."""
    moment = (NOON + timedelta(minutes=minutes)).isoformat()
    return read(key, code or tag(17), point, symbology="EPC", **({"observedAt": moment} | fields))


@pytest.fixture
async def shop(graphql):
    """Two stores with readers; at `south` a checkout read is the sale."""
    await open_shop(graphql)
    devices = [
        {"code": f"{place}-1", "location": place, "readPoints": POINTS}
        for place in ("north", "south")
    ]
    await graphql(UPSERT_DEVICES, {"input": {"devices": devices}})


async def piece(graphql, epc=URI):
    answer = await graphql(PIECE, {"epc": epc})
    assert "errors" not in answer, answer
    return answer["data"]["piece"]


async def alerts(graphql):
    nodes = (await graphql(ALERTS))["data"]["alerts"]["nodes"]
    return {(node["kind"], node["state"]) for node in nodes if node["subject"] == URI}


async def sales(graphql):
    return (await graphql(SALES))["data"]["sales"]["nodes"]


async def test_a_piece_is_received_once_however_often_it_is_read(graphql, shop):
    await ingest(graphql, seen("a", "dock"), seen("b", "dock", 1))

    await ingest(graphql, seen("c", "dock", 2), seen("d", "dock", code=tag(18)))

    assert await on_hand(graphql) == "2"
    found = await piece(graphql)
    assert (found["state"], found["stockLocation"], found["readPoint"]) == (
        "IN_STOCK",
        {"code": "north"},
        "dock",
    )
    assert datetime.fromisoformat(found["lastSeenAt"]) == NOON + timedelta(minutes=2)
    assert (found["serial"], found["product"]["sku"], found["epcHex"]) == ("17", "TEA-1", tag(17))


async def test_a_piece_in_a_case_counts_for_the_units_of_the_case(graphql, shop):
    await ingest(graphql, seen("a", "dock", code=tag(1, TEA_CASE_GTIN)))
    await ingest(graphql, seen("b", "dock", 1, code=tag(1, TEA_CASE_GTIN)))

    assert await on_hand(graphql) == "12"


async def test_a_checkout_sells_a_piece_once_at_the_time_of_the_first_read(graphql, shop):
    await ingest(graphql, seen("a", "dock"), device="south-1")

    await ingest(graphql, seen("b", "till", 5), seen("c", "till", 6), device="south-1")
    await ingest(graphql, seen("d", "till", 7), device="south-1")

    (sale,) = await sales(graphql)
    assert (sale["idempotencyKey"], sale["netSales"]) == ("b", "4.5")
    assert datetime.fromisoformat(sale["soldAt"]) == NOON + timedelta(minutes=5)
    assert await on_hand(graphql, location="south") == "0"
    assert (await piece(graphql))["state"] == "SOLD"
    assert await alerts(graphql) == set()


async def test_where_the_till_records_sales_a_checkout_read_only_marks_the_piece(graphql, shop):
    await ingest(graphql, seen("a", "dock"), seen("b", "till", 5))

    assert await sales(graphql) == []
    assert await on_hand(graphql) == "1"
    assert (await piece(graphql))["state"] == "SOLD"


async def test_a_piece_sold_twice_is_reported_and_not_sold_again(graphql, shop):
    await ingest(graphql, seen("a", "dock"), seen("b", "till", 5), device="south-1")

    await ingest(graphql, seen("c", "till", 60), device="south-1")

    assert len(await sales(graphql)) == 1
    assert await alerts(graphql) == {("PIECE_SOLD_TWICE", "OPEN")}
    await ingest(graphql, seen("d", "dock", 70), device="south-1")
    assert await alerts(graphql) == {("PIECE_SOLD_TWICE", "RESOLVED")}


async def test_a_returned_piece_counts_again_and_can_be_sold_again(graphql, shop):
    await ingest(graphql, seen("a", "dock"), seen("b", "till", 5), device="south-1")

    await ingest(graphql, seen("c", "dock", 60), device="south-1")
    assert await on_hand(graphql, location="south") == "1"
    await ingest(graphql, seen("d", "till", 90), device="south-1")

    assert {sale["idempotencyKey"] for sale in await sales(graphql)} == {"b", "d"}
    assert await on_hand(graphql, location="south") == "0"


async def test_received_elsewhere_a_piece_moves_there(graphql, shop):
    await ingest(graphql, seen("a", "dock"))

    await ingest(graphql, seen("b", "dock", 30), device="south-1")

    assert await on_hand(graphql, location="north") == "0"
    assert await on_hand(graphql, location="south") == "1"
    moved = await graphql(
        "{ stockMovements(filter: { reasons: [TRANSFER] }) { nodes { quantity reference } } }"
    )
    nodes = moved["data"]["stockMovements"]["nodes"]
    assert sorted(node["quantity"] for node in nodes) == ["-1", "1"]
    assert len({node["reference"] for node in nodes}) == 1


async def test_a_receipt_that_comes_late_lands_at_its_own_time(graphql, shop):
    await ingest(graphql, seen("b", "dock", 30), device="south-1")

    await ingest(graphql, seen("a", "dock"))

    assert await on_hand(graphql, location="north") == "0"
    assert await on_hand(graphql, location="south") == "1"
    before = (NOON + timedelta(minutes=29)).isoformat()
    answer = await graphql(
        f'{{ stockAt(sku: "TEA-1", location: "north", asOf: "{before}") {{ onHand }} }}'
    )
    assert answer["data"]["stockAt"] == {"onHand": "1"}
    assert (await piece(graphql))["location"] == {"code": "south"}


async def test_a_shelf_says_where_a_piece_is_and_moves_no_stock(graphql, shop):
    await ingest(graphql, seen("a", "dock"), seen("b", "shelf", 5))
    await ingest(graphql, seen("c", "shelf", 2))

    found = await piece(graphql)

    assert (found["readPoint"], found["state"], found["version"]) == ("shelf", "IN_STOCK", 1)
    assert await on_hand(graphql) == "1"


async def test_a_piece_never_received_is_registered_and_a_checkout_sells_it(graphql, shop):
    await ingest(graphql, seen("a", "shelf"), device="south-1")
    assert (await piece(graphql))["state"] == "SEEN"

    await ingest(graphql, seen("b", "till", 5), device="south-1")

    assert len(await sales(graphql)) == 1
    assert await on_hand(graphql, location="south") == "-1"


async def test_a_piece_that_leaves_unsold_is_suspect_until_its_sale_arrives(graphql, shop):
    await ingest(graphql, seen("a", "dock"), seen("b", "door", 10), device="south-1")
    assert await alerts(graphql) == {("SUSPECT_EXIT", "OPEN")}
    assert (await piece(graphql))["isSuspect"] is True

    await ingest(graphql, seen("c", "till", 9), device="south-1")

    assert await alerts(graphql) == {("SUSPECT_EXIT", "RESOLVED")}
    found = await piece(graphql)
    assert (found["state"], found["isSuspect"]) == ("SOLD", False)


async def test_a_suspect_seen_in_the_shop_again_is_none(graphql, shop):
    await ingest(graphql, seen("a", "dock"), seen("b", "door", 10))

    await ingest(graphql, seen("c", "shelf", 12))

    assert await alerts(graphql) == {("SUSPECT_EXIT", "RESOLVED")}
    assert (await piece(graphql))["state"] == "IN_STOCK"


async def test_a_sold_piece_may_leave(graphql, shop):
    await ingest(graphql, seen("a", "dock"), seen("b", "till", 5), seen("c", "door", 6))

    assert await alerts(graphql) == set()


async def test_what_leaves_a_warehouse_is_shipped(graphql, shop):
    depot = {"code": "depot", "name": "Depot", "kind": "WAREHOUSE", "timezone": "UTC"}
    await graphql(
        "mutation ($i: UpsertLocationsInput!) { upsertLocations(input: $i) { rejectedCount } }",
        {"i": {"locations": [depot]}},
    )
    device = {"code": "depot-1", "location": "depot", "readPoints": POINTS}
    await graphql(UPSERT_DEVICES, {"input": {"devices": [device]}})

    await ingest(graphql, seen("a", "dock"), seen("b", "door", 9), device="depot-1")

    assert (await piece(graphql))["state"] == "LEFT"
    assert await alerts(graphql) == set()
    await ingest(graphql, seen("c", "dock", 90))
    assert await on_hand(graphql, location="depot") == "0"


async def test_a_piece_seen_in_two_places_is_reported_until_it_is_received_there(graphql, shop):
    await ingest(graphql, seen("a", "dock"))

    await ingest(graphql, seen("b", "shelf", 5), device="south-1")
    assert await alerts(graphql) == {("PIECE_IN_TWO_PLACES", "OPEN")}
    found = await piece(graphql)
    assert (found["location"], found["stockLocation"]) == ({"code": "south"}, {"code": "north"})

    await ingest(graphql, seen("c", "dock", 9), device="south-1")
    assert await alerts(graphql) == {("PIECE_IN_TWO_PLACES", "RESOLVED")}


async def test_a_code_with_a_serial_number_names_the_same_piece_as_its_tag(graphql, shop):
    code = "]d2010400638133393110LOT7\x1d2117"
    await ingest(graphql, read("a", code, "dock", symbology="]d2", observedAt=NOON.isoformat()))

    await ingest(graphql, seen("b", "dock", 5), seen("c", "shelf", 6))

    assert await on_hand(graphql) == "1"
    assert (await piece(graphql))["epcHex"] is None


@pytest.mark.parametrize(
    "name",
    [
        URI,
        tag(17),
        tag(17).lower(),
        "https://id.gs1.org/01/04006381333931/21/17",
        "]d201040063813339312117",
    ],
)
async def test_a_piece_is_found_by_any_of_its_names(graphql, shop, name):
    await ingest(graphql, seen("a", "dock"))

    assert (await piece(graphql, name))["serial"] == "17"


async def test_what_names_no_piece_is_refused_and_an_unknown_one_is_null(graphql, shop):
    for wrong in ("", "4006381333931", "urn:epc:id:sgtin:1.2.3", "30" + "0" * 22, "x" * 5000):
        answer = await graphql(PIECE, {"epc": wrong})
        assert answer["errors"][0]["extensions"]["code"] == "INVALID_PIECE"

    assert await piece(graphql) is None


async def test_a_piece_tells_its_last_sightings(graphql, shop):
    since = (NOON - timedelta(minutes=3)).isoformat()
    await ingest(
        graphql,
        seen("a", "dock"),
        seen("b", "shelf", 5, presence="APPEARED", firstSeenAt=since, count=4),
    )

    latest, first = (await piece(graphql))["recentSightings"]

    assert (latest["readPoint"], latest["presence"], latest["count"]) == ("shelf", "APPEARED", 4)
    assert (first["readPoint"], first["presence"], first["device"]) == ("dock", None, "north-1")


async def test_a_first_sight_after_the_read_is_left_out(graphql, shop, owner_url):
    later = (NOON + timedelta(minutes=9)).isoformat()

    payload = await ingest(graphql, seen("a", "dock", firstSeenAt=later))

    assert payload["acceptedCount"] == 1
    sightings = "{ pieces { nodes { recentSightings { firstSeenAt } } } }"
    (node,) = (await graphql(sightings))["data"]["pieces"]["nodes"]
    assert node["recentSightings"] == [{"firstSeenAt": None}]


async def test_a_tag_of_an_unknown_product_takes_effect_once_when_the_product_comes(graphql, shop):
    code = tag(5, JAM_GTIN)
    await ingest(graphql, seen("a", "dock", code=code), seen("b", "dock", 1, code=code))
    await ingest(graphql, seen("c", "shelf", 2, code=code))
    (waiting,) = await parked(graphql)
    assert (waiting["gtin"], waiting["reads"]) == (JAM_GTIN, 3)

    await upsert(graphql, jam((JAM_GTIN, 6)))

    assert await on_hand(graphql, JAM) == "6"
    found = await piece(graphql, code)
    assert (found["state"], found["readPoint"]) == ("IN_STOCK", "shelf")


async def test_tags_of_other_things_are_parked_with_the_reason(graphql, shop):
    pallet = encode_epc(Epc(Scheme.SSCC_96, "106141412345678908", None, 7))

    await ingest(graphql, seen("a", "dock", code=pallet), seen("b", "dock", code="E200"))

    reasons = {row["reason"] for row in await parked(graphql)}
    assert "the code names no trade item" in reasons
    assert len(reasons) == 2


async def test_an_agent_limited_to_its_place_receives_what_counts_elsewhere(
    graphql, shop, token, client
):
    await ingest(graphql, seen("a", "dock"))
    ids = (await graphql("{ locations { nodes { id code } } }"))["data"]["locations"]["nodes"]
    south = next(node["id"] for node in ids if node["code"] == "south")

    headers = {"Authorization": f"Bearer {await token(Scope.READS_WRITE, locations=[south])}"}
    batch = {"device": "south-1", "reads": [seen("b", "dock", 9), seen("c", "till", 12)]}
    document = "mutation ($i: IngestReadsInput!) { ingestReads(input: $i) { results { status } } }"
    body = {"query": document, "variables": {"i": batch}}
    answer = (await client.post("/graphql", json=body, headers=headers)).json()

    assert [row["status"] for row in answer["data"]["ingestReads"]["results"]] == ["ACCEPTED"] * 2
    assert await on_hand(graphql, location="north") == "0"
    assert await on_hand(graphql, location="south") == "0"


async def test_pieces_are_filtered_by_what_they_are_where_and_how(graphql, shop):
    await ingest(graphql, *(seen(f"d{n}", "dock", code=tag(n)) for n in range(4)))
    await ingest(graphql, seen("x", "door", 5, code=tag(3)))

    async def serials(**criteria):
        document = """query ($filter: PieceFilter) {
          pieces(filter: $filter, sort: { by: SERIAL, direction: ASC }) { nodes { serial } } }"""
        answer = await graphql(document, {"filter": criteria})
        return [node["serial"] for node in answer["data"]["pieces"]["nodes"]]

    assert await serials() == ["0", "1", "2", "3"]
    assert await serials(states=["LEFT"]) == await serials(isSuspect=True) == ["3"]
    assert await serials(locations=["south"]) == await serials(skus=["CUP-1"]) == []
    assert await serials(gtins=[TEA_GTIN], skus=["TEA-1"], locations=["north"]) == [
        "0",
        "1",
        "2",
        "3",
    ]


async def test_traffic_counts_reads_and_different_pieces_by_minute_and_place(graphql, shop):
    minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=2)
    moments = [(minute + timedelta(seconds=second)).isoformat() for second in (1, 2, 61)]

    def at(key, index, serial):
        return seen(key, "shelf", code=tag(serial), observedAt=moments[index])

    await ingest(graphql, at("a", 0, 1), at("b", 1, 1), at("c", 1, 2))
    await ingest(graphql, at("d", 1, 2), at("e", 2, 2), seen("old", "shelf"))

    answer = await graphql(
        "{ tagTraffic(last: 10) { asOf minutes { minute reads pieces location { code } } } }"
    )
    rows = answer["data"]["tagTraffic"]["minutes"]
    assert [(row["reads"], row["pieces"], row["location"]["code"]) for row in rows] == [
        (4, 2, "north"),
        (1, 1, "north"),
    ]
