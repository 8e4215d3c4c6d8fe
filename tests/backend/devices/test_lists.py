"""Devices and parked codes are listed, filtered and sorted."""

from tests.backend.devices.test_ingest import ingest
from tests.backend.shop import UPSERT_DEVICES, open_shop, read

DEVICES = """
query ($first: Int! = 50, $after: Cursor, $filter: DeviceFilter, $sort: DeviceSort) {
  devices(first: $first, after: $after, filter: $filter, sort: $sort) {
    nodes { code name location { code } readPoints { code role } }
    pageInfo { hasNextPage endCursor } } }"""
PARKED = """
query ($filter: ParkedCodeFilter, $sort: ParkedCodeSort) {
  parkedCodes(filter: $filter, sort: $sort) { nodes { code reads } } }"""


async def upsert(graphql, *devices):
    answer = await graphql(UPSERT_DEVICES, {"input": {"devices": list(devices)}})
    return [row["userErrors"] for row in answer["data"]["upsertDevices"]["results"]]


async def codes(graphql, **variables):
    answer = await graphql(DEVICES, variables)
    return [node["code"] for node in answer["data"]["devices"]["nodes"]]


async def test_devices_are_filtered_sorted_and_paged(graphql):
    await open_shop(graphql)
    down = {"by": "CODE", "direction": "DESC"}

    first = (await graphql(DEVICES, {"first": 1}))["data"]["devices"]

    assert [node["code"] for node in first["nodes"]] == ["north-1"]
    assert first["pageInfo"]["hasNextPage"] is True
    assert await codes(graphql, after=first["pageInfo"]["endCursor"]) == ["south-1"]
    assert await codes(graphql, sort=down) == ["south-1", "north-1"]
    assert await codes(graphql, filter={"locations": ["south"]}) == ["south-1"]
    assert await codes(graphql, filter={"codes": []}) == []


async def test_a_cursor_of_another_sorting_is_refused(graphql):
    await open_shop(graphql)
    cursor = (await graphql(DEVICES))["data"]["devices"]["pageInfo"]["endCursor"]

    answer = await graphql(DEVICES, {"after": cursor, "sort": {"by": "UPDATED_AT"}})

    assert answer["errors"][0]["extensions"]["code"] == "INVALID_CURSOR"


async def test_read_points_that_are_not_named_again_are_removed(graphql):
    await open_shop(graphql)
    points = [{"code": "till", "role": "EXIT"}]

    errors = await upsert(
        graphql, {"code": "north-1", "location": "north", "name": "Door", "readPoints": points}
    )

    assert errors == [[]]
    (device,) = (await graphql(DEVICES, {"filter": {"codes": ["north-1"]}}))["data"]["devices"][
        "nodes"
    ]
    assert (device["name"], device["readPoints"]) == ("Door", points)


async def test_a_name_left_out_stays_and_null_clears_it(graphql):
    await open_shop(graphql)
    device = {"code": "north-1", "location": "north", "readPoints": []}
    names = []
    for change in ({"name": "Door"}, {}, {"name": None}):
        await upsert(graphql, device | change)
        listed = await graphql(DEVICES, {"filter": {"codes": ["north-1"]}})
        names.append(listed["data"]["devices"]["nodes"][0]["name"])

    assert names == ["Door", "Door", None]


async def test_devices_that_cannot_be_are_refused_one_by_one(graphql):
    await open_shop(graphql)
    good = {"code": "new", "location": "web", "readPoints": []}
    twice = [{"code": "a", "role": "SHELF"}, {"code": "a", "role": "EXIT"}]

    errors = await upsert(
        graphql,
        good,
        good | {"code": " "},
        good | {"location": "mars"},
        good | {"readPoints": twice},
        good | {"readPoints": [{"code": "", "role": "SHELF"}]},
    )

    found = [row[0]["code"] if row else None for row in errors]
    assert found == [
        None,
        "INVALID_DEVICE",
        "UNKNOWN_LOCATION",
        "INVALID_DEVICE",
        "INVALID_DEVICE",
    ]


async def test_parked_codes_are_sorted_and_filtered(graphql):
    await open_shop(graphql)
    await ingest(graphql, read("a", code="x"), read("b", code="y"), read("c", code="x"))
    await ingest(graphql, read("d", code="z"), device="south-1")

    async def listed(**variables):
        nodes = (await graphql(PARKED, variables))["data"]["parkedCodes"]["nodes"]
        return [(node["code"], node["reads"]) for node in nodes]

    assert (await listed(sort={"by": "READS"}))[0] == ("x", 2)
    assert await listed(filter={"locations": ["south"]}) == [("z", 1)]
    ascending = {"by": "CODE", "direction": "ASC"}
    assert [code for code, _ in await listed(sort=ascending)] == ["x", "y", "z"]


async def test_parked_codes_say_why_and_where_and_whether_a_product_would_help(graphql):
    await open_shop(graphql)
    await ingest(graphql, read("a", code="05012345678900"), read("b", code="E200", symbology="EPC"))

    async def listed(**criteria):
        document = """query ($filter: ParkedCodeFilter) { parkedCodes(filter: $filter) {
          nodes { code reason gtin location { code } } } }"""
        return (await graphql(document, {"filter": criteria}))["data"]["parkedCodes"]["nodes"]

    (missing,), (unread,) = await listed(lacksProduct=True), await listed(lacksProduct=False)

    assert (missing["gtin"], missing["location"]) == ("05012345678900", {"code": "north"})
    assert (unread["code"], unread["gtin"]) == ("E200", None)
    assert {missing["reason"], unread["reason"]} >= {"no product has this GTIN"}
