from datetime import UTC, datetime, timedelta
from decimal import Decimal

import orjson
import pytest

from tests.backend.shop import CUP, TEA, open_shop
from tests.world import run_sql

DONE = {"message": "Data added successfully!"}
SOLD = """
select p.sku, s.sold_at, s.channel, sum(l.quantity) as units, sum(l.net) as net,
       sum(l.net - l.cost) as profit, count(*) as lines
  from sales s join sale_lines l on l.sale_id = s.id join products p on p.id = l.product_id
 group by 1, 2, 3, s.id order by s.sold_at, p.sku
"""
STATUS = "select status from products where sku = $1"


def moment(hours=1):
    """Return a moment some hours ago, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=hours)


def entry(name=CUP, buy=3, profit="4.5", hours=1, **fields):
    """Return an entry."""
    time = int(moment(hours).timestamp())
    return {"name": name, "buy": buy, "profit": float(profit), "time": time, **fields}


async def test_entries_are_sales_with_exactly_the_profit_they_name(graphql, add, owner_url):
    await open_shop(graphql)

    answer = await add(entry(buy=3, profit="10"), entry(TEA, 7, "-1.2345", hours=2))

    assert (answer.status_code, answer.json()) == (200, DONE)
    tea, cup = await run_sql(owner_url, SOLD)
    assert (tea["sku"], tea["units"], tea["profit"]) == (TEA, 7, Decimal("-1.2345"))
    assert (cup["sku"], cup["units"], cup["profit"]) == (CUP, 3, 10)
    assert (cup["net"], cup["channel"]) == (Decimal("29.97"), "ONLINE")


async def test_a_retailer_with_nothing_can_begin_with_entries(add, owner_url):
    answer = await add(entry("Apples", 4, "3"), entry("Apples", 2, "5"), entry("Pears", 1, "0"))

    assert answer.json() == DONE
    (status,) = await run_sql(owner_url, STATUS, "Apples")
    assert status["status"] == "PROVISIONAL"
    assert [row["code"] for row in await run_sql(owner_url, "select code from locations")] == [
        "main"
    ]
    sold = await run_sql(owner_url, SOLD)
    assert sorted((row["sku"], row["profit"]) for row in sold) == [
        ("Apples", 3),
        ("Apples", 5),
        ("Pears", 0),
    ]


async def test_without_a_key_every_call_counts(graphql, add, owner_url):
    await open_shop(graphql)

    answers = [await add(entry()) for _ in range(2)]

    assert [one.json() for one in answers] == [DONE, DONE]
    assert len(await run_sql(owner_url, SOLD)) == 2


async def test_with_a_key_a_call_counts_once_and_other_entries_are_refused(graphql, add, owner_url):
    await open_shop(graphql)
    sent, key = entry(), {"Idempotency-Key": "monday"}
    await add(sent, headers=key)
    await run_sql(owner_url, "update product_prices set price = price * 2")

    again = await add(sent, headers=key)
    other = await add(sent | {"buy": 9}, headers=key)

    assert again.json() == DONE
    assert other.status_code == 409
    assert other.json()["errors"][0]["extensions"]["code"] == "IDEMPOTENCY_KEY_MISMATCH"
    assert len(await run_sql(owner_url, SOLD)) == 1


async def test_a_key_whose_entries_were_refused_can_be_used_again(graphql, add, owner_url):
    await open_shop(graphql)
    key = {"Idempotency-Key": "monday"}
    refused = await add(entry(), entry(hours=-3), headers=key)

    answer = await add(entry(), headers=key)

    assert refused.status_code == 400
    assert answer.json() == DONE
    assert len(await run_sql(owner_url, SOLD)) == 1


@pytest.mark.parametrize(
    ("bad", "code", "field"),
    [
        ({"buy": 0}, "INVALID_ENTRY", ["1", "buy"]),
        ({"colour": 1}, "INVALID_ENTRY", ["1", "colour"]),
        ({"name": "a\x00b"}, "INVALID_ENTRY", ["1", "name"]),
        ({"location": "nowhere"}, "INVALID_ENTRY", ["1", "location"]),
        ({"location": "south"}, "SALES_SOURCE_IS_READS", ["1", "location"]),
        ({"time": 4102444800}, "IN_FUTURE", ["1", "time"]),
        ({"buy": 0.0001, "profit": 1e11}, "INVALID_AMOUNT", ["1", "profit"]),
    ],
    ids=str,
)
async def test_a_bad_entry_is_named_and_nothing_is_half_applied(
    graphql, add, owner_url, bad, code, field
):
    await open_shop(graphql)

    answer = await add(entry("New"), entry() | bad)

    (error,) = answer.json()["errors"]
    assert 400 <= answer.status_code < 500
    assert error["extensions"]["code"] == code
    assert error["extensions"]["field"] == field
    assert await run_sql(owner_url, SOLD) == []
    assert await run_sql(owner_url, STATUS, "New") == []


async def test_more_than_may_come_at_once_is_refused(add, settings):
    too_many = await add(body=orjson.dumps([entry()] * 5001))
    too_large = await add(body=b" " * (settings.max_body_bytes + 1))

    assert (too_many.status_code, too_large.status_code) == (413, 413)
    assert too_many.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_ENTRIES"


async def test_entries_need_a_token_that_may_sell(client, add):
    nobody = await client.post("/api/add-data", json=[entry()])
    narrow = await add(entry(), scopes=("sales:read",))

    assert nobody.status_code == 401
    assert narrow.status_code == 403
    assert narrow.json()["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"


async def test_a_location_may_be_named(graphql, add, owner_url):
    await open_shop(graphql)

    await add(entry(location="north"))

    (sold,) = await run_sql(owner_url, SOLD)
    assert sold["channel"] == "IN_STORE"
