"""Reads take effect once, by the role of their read point."""

from tests.backend.shop import (
    CUP_GTIN,
    INGEST,
    LEVELS,
    TEA,
    TEA_CASE_GTIN,
    TEA_GTIN,
    open_shop,
    read,
)


async def ingest(graphql, *reads, device="north-1"):
    answer = await graphql(INGEST, {"input": {"device": device, "reads": list(reads)}})
    assert "errors" not in answer, answer
    return answer["data"]["ingestReads"]


async def on_hand(graphql, sku=TEA, location="north"):
    answer = await graphql(LEVELS, {"filter": {"skus": [sku], "locations": [location]}})
    nodes = answer["data"]["stockLevels"]["nodes"]
    return nodes[0]["onHand"] if nodes else None


async def test_a_read_at_receiving_adds_one_and_a_case_code_its_units(graphql):
    await open_shop(graphql)

    payload = await ingest(graphql, read("a"), read("b", code=TEA_CASE_GTIN))

    assert payload["acceptedCount"] == 2
    assert await on_hand(graphql) == "13"


async def test_a_read_sent_again_has_no_further_effect(graphql):
    await open_shop(graphql)
    first = read("a")
    await ingest(graphql, first)

    payload = await ingest(graphql, first, read("b"))

    assert [row["status"] for row in payload["results"]] == ["DUPLICATE", "ACCEPTED"]
    assert await on_hand(graphql) == "2"


async def test_the_same_key_twice_in_a_batch_counts_once(graphql):
    await open_shop(graphql)
    one = read("a")

    payload = await ingest(graphql, one, one)

    assert [row["status"] for row in payload["results"]] == ["ACCEPTED", "DUPLICATE"]
    assert await on_hand(graphql) == "1"


async def test_a_key_with_other_content_is_refused(graphql):
    await open_shop(graphql)
    await ingest(graphql, read("a"))

    payload = await ingest(graphql, read("a", code=CUP_GTIN))

    (error,) = payload["results"][0]["userErrors"]
    assert error["code"] == "IDEMPOTENCY_KEY_MISMATCH"
    assert error["field"] == ["input", "reads", "0", "key"]


async def test_checkout_reads_sell_only_where_reads_are_the_sales(graphql):
    await open_shop(graphql)

    await ingest(graphql, read("a", point="till"), device="north-1")
    await ingest(graphql, read("b", point="till"), device="south-1")

    assert await on_hand(graphql, location="north") is None
    assert await on_hand(graphql, location="south") == "-1"
    sales = await graphql("{ sales { nodes { source channel netSales location { code } } } }")
    assert sales["data"]["sales"]["nodes"] == [
        {
            "source": "READS",
            "channel": "IN_STORE",
            "netSales": "4.5",
            "location": {"code": "south"},
        }
    ]


async def test_a_code_nobody_knows_is_kept_and_parked(graphql):
    await open_shop(graphql)

    payload = await ingest(
        graphql, read("a", code="hello"), read("b", code="4006381333932"), read("c", code="")
    )

    assert payload["acceptedCount"] == 3
    assert [row["userErrors"][0]["code"] for row in payload["results"]] == ["UNDECODED"] * 3
    parked = await graphql("{ parkedCodes { nodes { code reads device } } }")
    codes = {node["code"] for node in parked["data"]["parkedCodes"]["nodes"]}
    assert codes == {"hello", "4006381333932", ""}


async def test_bad_rows_are_refused_one_by_one(graphql):
    await open_shop(graphql)
    future = "2999-01-01T00:00:00Z"

    payload = await ingest(
        graphql,
        read("a", point="nowhere"),
        read("", point="dock"),
        read("c", observedAt=future),
        read("d", code="x" * 5000),
        read("e", count=0),
        read("f"),
    )

    codes = [row["userErrors"][0]["code"] for row in payload["results"][:5]]
    assert codes == [
        "UNKNOWN_READ_POINT",
        "INVALID_KEY",
        "IN_FUTURE",
        "INVALID_READ",
        "INVALID_READ",
    ]
    assert payload["acceptedCount"] == 1
    assert await on_hand(graphql) == "1"


async def test_a_refused_read_uses_no_key(graphql):
    await open_shop(graphql)
    await ingest(graphql, read("a", point="nowhere"))

    payload = await ingest(graphql, read("a"))

    assert payload["acceptedCount"] == 1


async def test_more_than_500_reads_are_refused_at_once(graphql):
    await open_shop(graphql)
    reads = [read(str(number)) for number in range(501)]

    answer = await graphql(INGEST, {"input": {"device": "north-1", "reads": reads}})

    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert await on_hand(graphql) is None


async def test_an_unknown_device_is_an_error(graphql):
    await open_shop(graphql)

    answer = await graphql(INGEST, {"input": {"device": "nobody", "reads": [read("a")]}})

    assert answer["errors"][0]["extensions"]["code"] == "UNKNOWN_DEVICE"


async def test_a_nul_in_a_code_is_kept_as_its_picture(graphql):
    await open_shop(graphql)

    payload = await ingest(graphql, read("a", code="ab\x00c"))

    assert payload["acceptedCount"] == 1
    parked = await graphql("{ parkedCodes { nodes { code } } }")
    assert parked["data"]["parkedCodes"]["nodes"] == [{"code": "ab\u2400c"}]


async def test_the_gtin_is_found_in_any_length_and_with_an_aim_identifier(graphql):
    await open_shop(graphql)

    await ingest(
        graphql,
        read("a", code=TEA_GTIN[1:]),
        read("b", code="]E0" + TEA_GTIN[1:]),
        read("c", code=TEA_GTIN[1:], symbology="]E0"),
    )

    assert await on_hand(graphql) == "3"
