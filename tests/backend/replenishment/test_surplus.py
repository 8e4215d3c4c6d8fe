from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backend.core.ids import new_id
from tests.backend.replenishment.supplying import ask, refused, sell_daily, stock_up
from tests.backend.shop import CUP, POT, open_shop
from tests.world import run_sql

TRANSFERS = """
query ($filter: SupplyFilter, $first: Int! = 100, $coverDays: Int) {
  stockTransfers(filter: $filter, first: $first, coverDays: $coverDays) {
    found sold value bound
    rows { product { sku } from { code } to { code } quantity surplus short sold sales profit }
  }
}"""
MARKDOWNS = """
query ($filter: SupplyFilter, $first: Int! = 100, $coverDays: Int) {
  markdownSuggestions(filter: $filter, first: $first, coverDays: $coverDays) {
    found elasticity { value error isSure series days }
    rows { product { sku } location { code } cause until units left leftAtCost price discount
           newPrice sold sales gain }
  }
}"""
ADD_PIECE = """
insert into pieces (org_id, id, gtin, serial, epc, product_id, units, expires_on, state,
                    location_id, read_point, first_seen_at, last_seen_at, stock_location_id,
                    changed_at)
select $1, $2, '00012345678905', $3, $3, p.id, 1, $4, 'IN_STOCK', l.id, 'dock', now(), now(), l.id,
       now()
  from products p, locations l where p.sku = $5 and l.code = 'north'
"""
READS = ("forecast:read", "stock:read")


async def open_uneven_shop(graphql):
    """Open a shop that sells a cup a day at either place; one has two hundred, the other none."""
    await open_shop(graphql)
    await sell_daily(graphql)
    await sell_daily(graphql, location="web")
    await stock_up(graphql, "north", CUP, 256)


async def test_surplus_is_moved_where_goods_are_short(graphql):
    await open_uneven_shop(graphql)

    found = await ask(graphql, TRANSFERS)

    (one,) = found["rows"]
    assert (one["product"]["sku"], one["from"]["code"], one["to"]["code"]) == (CUP, "north", "web")
    assert one["surplus"] == "144"
    # At today's pace seven are sold until an order would arrive: more would only lie there.
    assert one["quantity"] == "7"
    assert one["sold"] == "7"
    assert (one["sales"], one["profit"]) == ("69.93", "34.93")
    assert Decimal(found["value"]) <= Decimal(found["bound"])


async def test_places_that_are_left_out_neither_give_nor_take(graphql):
    await open_uneven_shop(graphql)

    found = await ask(graphql, TRANSFERS, filter={"locations": ["web"]})

    assert found == {"found": 0, "sold": "0", "value": "0", "bound": "0", "rows": []}


async def test_who_has_to_cover_more_days_gives_less(graphql):
    await open_uneven_shop(graphql)

    found = await ask(graphql, TRANSFERS, coverDays=198)

    assert found["rows"][0]["surplus"] == "2"
    assert found["rows"][0]["quantity"] == "2"


async def expire(owner_url, org_id, count, *, days):
    """Register pieces of cups in stock that expire in so many days."""
    day = datetime.now(UTC).date() + timedelta(days=days)
    for _ in range(count):
        await run_sql(owner_url, ADD_PIECE, org_id, new_id(), str(new_id()), day, CUP)


async def test_what_expires_before_it_is_sold_comes_first(graphql, owner_url, org_id):
    await open_uneven_shop(graphql)
    await expire(owner_url, org_id, 20, days=6)

    found = await ask(graphql, MARKDOWNS)

    (one,) = found["rows"]
    assert (one["cause"], one["units"]) == ("EXPIRING", "20")
    assert 13 <= Decimal(one["left"]) <= 15
    assert Decimal(one["leftAtCost"]) == Decimal(one["left"]) * 5


async def test_surplus_is_what_lies_there_after_the_days_to_cover(graphql):
    await open_uneven_shop(graphql)

    found = await ask(graphql, MARKDOWNS, coverDays=56)

    (one,) = found["rows"]
    assert (one["cause"], one["units"], one["left"]) == ("SURPLUS", "200", "144")


async def test_no_discount_is_suggested_where_prices_never_differed(graphql):
    await open_uneven_shop(graphql)

    found = await ask(graphql, MARKDOWNS)

    assert found["elasticity"] is None
    (one,) = found["rows"]
    assert [one[name] for name in ("discount", "newPrice", "sold", "sales", "gain")] == [None] * 5


PROMOTE = """
mutation ($input: UpsertPromotionsInput!) { upsertPromotions(input: $input) { rejectedCount } }"""


async def test_discounts_are_suggested_where_past_ones_sold_more(graphql, owner_url, org_id):
    await open_shop(graphql)
    today = datetime.now(UTC).date()
    weeks = [today - timedelta(days=7 * n) for n in (6, 4, 2)]
    promotions = [
        {
            "code": f"w{n}",
            "name": "week",
            "startsOn": str(day),
            "endsOn": str(day + timedelta(days=6)),
            "discountRate": "0.3",
        }
        for n, day in enumerate(weeks)
    ]
    assert (await ask(graphql, PROMOTE, input={"promotions": promotions}))["rejectedCount"] == 0
    promoted = {day + timedelta(days=n) for day in weeks for n in range(7)}
    for n, (sku, location) in enumerate([(CUP, "north"), (POT, "north"), (CUP, "web")]):
        await sell_daily(graphql, sku=sku, location=location, quantity=5, on=(promoted, 20))
        await stock_up(graphql, f"s{n}", sku, 3000, location=location)
    await expire(owner_url, org_id, 300, days=10)

    found = await ask(graphql, MARKDOWNS, coverDays=30)

    assert found["elasticity"]["isSure"]
    assert -5 < found["elasticity"]["value"] < -3
    one = found["rows"][0]
    assert one["cause"] == "EXPIRING"
    assert Decimal(one["discount"]) >= Decimal("0.2")
    assert Decimal(one["gain"]) > 0
    assert Decimal(one["sold"]) > 0


@pytest.mark.parametrize("document", [TRANSFERS, MARKDOWNS], ids=["transfers", "markdowns"])
async def test_they_need_the_scopes_of_stock_and_forecasts_and_costs_one_more(graphql, document):
    await open_uneven_shop(graphql)

    narrow = await refused(graphql, document, "stock:read")
    no_costs = await ask(graphql, document, *READS)
    too_many = await refused(graphql, document, first=501)

    assert narrow["code"] == "MISSING_SCOPE"
    assert no_costs["rows"][0].get("profit") is None
    assert no_costs["rows"][0].get("leftAtCost") is None
    assert too_many["code"] == "LIMIT_EXCEEDED"
