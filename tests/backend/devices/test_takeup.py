"""Parked reads take effect once, at their own time, when a product gets their GTIN."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from backend.core.identifiers import Epc, Scheme, check_digit, encode_epc
from backend.devices import ingest, statements
from backend.devices.rules import IngestDraft, ReadDraft
from tests.backend.devices.test_ingest import ingest as send, on_hand
from tests.backend.shop import UPSERT_PRODUCTS, open_shop, read
from tests.world import run_sql

JAM = "JAM-1"
JAM_GTIN = "05012345678900"
PARKED = "{ parkedCodes { nodes { code reason gtin reads } } }"
MOVEMENTS = """
query { stockMovements(filter: { skus: ["JAM-1"] }) {
  nodes { quantity reason occurredAt location { code } } } }"""
SALES = "{ sales { nodes { idempotencyKey soldAt netSales location { code } } } }"
WAITING = """
select count(*) as n from pg_locks
 where locktype = 'advisory' and not granted
   and database = (select oid from pg_database where datname = current_database())
"""


def jam(*gtins, **fields):
    """Return a ProductInput; `gtins` are pairs of GTIN and units."""
    listed = [{"gtin": gtin, "units": units} for gtin, units in gtins]
    product = {"sku": JAM, "name": "Jam", "category": "Food", "price": "3", "gtins": listed}
    return product | fields


async def upsert(graphql, *products):
    answer = await graphql(UPSERT_PRODUCTS, {"input": {"products": list(products)}})
    assert answer["data"]["upsertProducts"]["rejectedCount"] == 0, answer


async def parked(graphql):
    return (await graphql(PARKED))["data"]["parkedCodes"]["nodes"]


async def test_what_was_received_before_its_product_is_on_hand_with_it(graphql, owner_url):
    await open_shop(graphql)
    earlier = (datetime.now(UTC) - timedelta(hours=2)).replace(microsecond=0)
    one = read("a", code=JAM_GTIN, observedAt=earlier.isoformat())
    await send(graphql, one, read("b", code=JAM_GTIN))
    (waiting,) = await parked(graphql)

    await upsert(graphql, jam((JAM_GTIN, 6)))

    assert (waiting["gtin"], waiting["reads"]) == (JAM_GTIN, 2)
    assert await on_hand(graphql, JAM) == "12"
    assert await parked(graphql) == []
    movements = (await graphql(MOVEMENTS))["data"]["stockMovements"]["nodes"]
    assert {row["reason"] for row in movements} == {"RECEIVED"}
    assert earlier in {datetime.fromisoformat(row["occurredAt"]) for row in movements}
    kept = await run_sql(owner_url, "select units, parked_reason from raw_reads")
    assert [(int(units), reason) for units, reason in kept] == [(6, None)] * 2


async def test_what_took_effect_late_takes_none_again(graphql):
    await open_shop(graphql)
    one = read("a", code=JAM_GTIN)
    await send(graphql, one)
    await upsert(graphql, jam((JAM_GTIN, 1)))

    payload = await send(graphql, one)
    await upsert(graphql, jam())
    await upsert(graphql, jam((JAM_GTIN, 1)))

    assert payload["duplicateCount"] == 1
    assert await on_hand(graphql, JAM) == "1"


async def test_a_checkout_read_becomes_a_sale_of_its_own_time_where_reads_are_sales(graphql):
    await open_shop(graphql)
    earlier = (datetime.now(UTC) - timedelta(hours=2)).replace(microsecond=0)
    one = read("a", code=JAM_GTIN, point="till", observedAt=earlier.isoformat())
    await send(graphql, one, device="south-1")
    await send(graphql, read("b", code=JAM_GTIN, point="till"), device="north-1")

    await upsert(graphql, jam((JAM_GTIN, 1)))

    (sale,) = (await graphql(SALES))["data"]["sales"]["nodes"]
    assert datetime.fromisoformat(sale["soldAt"]) == earlier
    assert (sale["idempotencyKey"], sale["netSales"]) == ("a", "3")
    assert sale["location"] == {"code": "south"}
    assert await on_hand(graphql, JAM, "south") == "-1"
    assert await parked(graphql) == []


async def test_a_read_does_what_its_read_point_meant_when_it_was_made(graphql):
    await open_shop(graphql)
    await send(graphql, read("a", code=JAM_GTIN))
    await graphql(
        "mutation ($input: UpsertDevicesInput!) { upsertDevices(input: $input) { acceptedCount } }",
        {"input": {"devices": [{"code": "north-1", "location": "south", "readPoints": []}]}},
    )

    await upsert(graphql, jam((JAM_GTIN, 1)))

    assert await on_hand(graphql, JAM, "north") == "1"


async def test_other_codes_and_other_changes_leave_parked_codes_where_they_are(graphql):
    await open_shop(graphql)
    await send(graphql, read("a", code=JAM_GTIN), read("b", code="4006381333932"))

    await upsert(graphql, jam(("04012345678901", 1)))

    left = await parked(graphql)
    assert {(row["gtin"], row["reason"]) for row in left} == {
        (JAM_GTIN, "no product has this GTIN"),
        (None, "its check digit is wrong"),
    }
    assert await on_hand(graphql, JAM) is None


async def test_two_products_of_one_call_take_up_what_is_theirs(graphql):
    await open_shop(graphql)
    other = "04012345678901"
    await send(graphql, read("a", code=JAM_GTIN), read("b", code=other), read("c", code=other))

    await upsert(graphql, jam((JAM_GTIN, 1)), jam((other, 10), sku="HONEY-1"))

    assert await on_hand(graphql, JAM) == "1"
    assert await on_hand(graphql, "HONEY-1") == "20"


async def test_a_tag_counts_for_its_product_at_once_or_when_there_is_one(graphql, owner_url):
    await open_shop(graphql)
    tags = [
        encode_epc(Epc(Scheme.SGTIN_96, gtin, "77", 7)) for gtin in ("04006381333931", JAM_GTIN)
    ]
    await send(graphql, *(read(tag, code=tag, symbology="EPC") for tag in tags))
    (waiting,) = await parked(graphql)

    await upsert(graphql, jam((JAM_GTIN, 1)))

    assert (waiting["code"], waiting["gtin"]) == (tags[1], JAM_GTIN)
    assert await on_hand(graphql) == "1"
    assert await on_hand(graphql, JAM) == "1"
    kept = await run_sql(owner_url, "select code, gtin, serial from raw_reads order by gtin")
    assert [tuple(row) for row in kept] == [
        (tags[0], "04006381333931", "77"),
        (tags[1], JAM_GTIN, "77"),
    ]


async def test_a_tag_nobody_can_decode_is_listed_with_its_reason(graphql):
    await open_shop(graphql)

    await send(
        graphql,
        read("a", code="E28011606000020F5A3B0D1C", symbology="EPC"),
        read("b", code="3154257BF4499602D2000000", symbology="EPC"),
    )

    assert {row["reason"] for row in await parked(graphql)} == {
        "its header is that of no EPC scheme known here",
        "the code names no trade item",
    }


async def test_a_label_keeps_lot_and_expiry_and_counts_what_it_says(graphql, owner_url):
    await open_shop(graphql)
    label = "]C102040063813339313724\x1d1726013110LOT-7"

    await send(graphql, read("a", code=label))

    assert await on_hand(graphql) == "24"
    ((lot, expires_on),) = await run_sql(owner_url, "select lot, expires_on from raw_reads")
    assert (lot, expires_on.isoformat()) == ("LOT-7", "2026-01-31")


async def test_an_amount_beyond_all_measure_is_parked_and_fails_no_other_read(graphql):
    await open_shop(graphql)

    payload = await send(graphql, read("a", code="]C102040063813339313799999999"), read("b"))

    assert payload["acceptedCount"] == 2
    assert await on_hand(graphql) == "1"


class TestInStore:
    ITEM = "281234000000" + check_digit("281234000000")
    HEAVY = "281234701250" + check_digit("281234701250")
    PRICED = "221234000399" + check_digit("221234000399")

    @pytest.fixture
    def settings(self, settings):
        return settings.model_copy(update={"in_store_codes": "28IIIIVWWWWW,22IIIIVPPPPP"})

    async def test_a_weight_counts_for_its_kilograms(self, graphql):
        await open_shop(graphql)
        await upsert(graphql, jam((self.ITEM, 1)))

        await send(graphql, read("a", code=self.HEAVY))

        assert await on_hand(graphql, JAM) == "1.25"

    async def test_a_weight_that_was_parked_counts_for_its_kilograms_too(self, graphql):
        await open_shop(graphql)
        await send(graphql, read("a", code=self.HEAVY), read("b", code=self.ITEM))

        await upsert(graphql, jam((self.ITEM, 2)))

        assert await on_hand(graphql, JAM) == "4.5"
        assert await parked(graphql) == []

    @pytest.mark.parametrize("is_late", [False, True])
    async def test_a_price_in_the_code_is_what_is_paid(self, graphql, is_late):
        await open_shop(graphql)
        item = "221234000000" + check_digit("221234000000")
        steps = [
            upsert(graphql, jam((item, 1))),
            send(graphql, read("a", code=self.PRICED, point="till"), device="south-1"),
        ]

        for step in reversed(steps) if is_late else steps:
            await step

        (sale,) = (await graphql(SALES))["data"]["sales"]["nodes"]
        assert sale["netSales"] == "3.99"
        assert await on_hand(graphql, JAM, "south") == "-1"


async def waits(owner_url):
    """Return once a transaction waits for another one's lock."""
    async with asyncio.timeout(10):
        while (await run_sql(owner_url, WAITING))[0][0] == 0:
            await asyncio.sleep(0)


def batch(*keys, code=JAM_GTIN):
    moment = datetime.now(UTC)
    reads = [ReadDraft(key=key, read_point="dock", code=code, observed_at=moment) for key in keys]
    return IngestDraft(device="north-1", reads=reads)


async def test_a_product_waits_for_reads_that_are_being_parked(
    graphql, database, principal, owner_url
):
    await open_shop(graphql)

    async with database.work(principal) as parking:
        await ingest.ingest_reads(parking, batch("a", "b"))
        adding = asyncio.create_task(upsert(graphql, jam((JAM_GTIN, 1))))
        await waits(owner_url)
    await adding

    assert await on_hand(graphql, JAM) == "2"
    assert await parked(graphql) == []


async def test_a_read_that_comes_while_parked_ones_are_taken_up_finds_the_product(
    graphql, database, principal, owner_url
):
    await open_shop(graphql)
    await upsert(graphql, jam())

    async with database.work(principal) as adding:
        await adding.rows(statements.CLOSE_PARKING, str(principal.org_id))
        await adding.rows(
            "insert into product_gtins (org_id, gtin, product_id)"
            " select org_id, $1, id from products where sku = $2",
            JAM_GTIN,
            JAM,
        )
        sending = asyncio.create_task(send(graphql, read("a", code=JAM_GTIN)))
        await waits(owner_url)
    payload = await sending

    assert payload["results"][0]["userErrors"] == []
    assert await on_hand(graphql, JAM) == "1"


async def test_whatever_comes_first_every_read_counts_once(graphql):
    await open_shop(graphql)
    sent = [send(graphql, read(f"{n}", code=JAM_GTIN), read(f"{n}-tea")) for n in range(20)]
    given = [upsert(graphql, jam(*[(JAM_GTIN, 1)] * (n % 2), reorderPoint=n)) for n in range(6)]

    await asyncio.gather(*sent[:8], *given[:2], *sent[8:14], *given[2:], *sent[14:])
    await upsert(graphql, jam((JAM_GTIN, 1)))

    assert await on_hand(graphql, JAM) == "20"
    assert await on_hand(graphql) == "20"
    assert await parked(graphql) == []
