from decimal import Decimal

import pytest

from tests.backend.replenishment.supplying import (
    SET_TERMS,
    SUGGESTIONS,
    TERMS,
    ask,
    open_supplied_shop,
    refused,
    sell_daily,
    stock_up,
)
from tests.backend.shop import CUP, POT, TEA, open_shop
from tests.world import run_sql

READS = ("forecast:read", "stock:read")


async def settle(graphql, *terms, **fields):
    """Settle terms and return the payload."""
    return await ask(graphql, SET_TERMS, input={"terms": list(terms), **fields})


async def cup(graphql, **variables):
    """Return the suggestion for cups."""
    found = await ask(graphql, SUGGESTIONS, filter={"skus": [CUP]}, **variables)
    (one,) = found["nodes"]
    return one


async def test_what_sells_once_a_day_is_ordered_for_lead_time_and_review(graphql):
    await open_supplied_shop(graphql)

    found = await cup(graphql, leadTimeDays=14)

    assert found | {"reasons": None, "stockoutOn": None} == {
        "product": {"sku": CUP},
        "location": {"code": "north"},
        "distributor": None,
        "urgency": "DUE",
        "onHand": "20",
        "available": "20",
        "incoming": "0",
        "position": "20",
        "basis": "PAST",
        "leadTimeDays": 14,
        "leadTimeOrigin": "REQUEST",
        "reviewDays": 7,
        "serviceLevel": "0.95",
        "packSize": "1",
        "minimum": "1",
        "expectedDemand": "21",
        "safetyStock": "0",
        "reorderPoint": "21",
        "ownReorderPoint": None,
        "orderUpTo": "28",
        "quantity": "8",
        "daysLeft": "20",
        "stockoutOn": None,
        "orderCost": "40",
        "orderValue": "79.92",
        "reasons": None,
    }


async def test_every_figure_has_its_reason_in_words_and_numbers(graphql):
    await open_supplied_shop(graphql)
    await settle(graphql, {"leadTimeDays": 14}, {"sku": CUP, "packSize": "6"})

    found = await cup(graphql)

    said = {one["figure"]: one["text"] for one in found["reasons"]}
    assert {one["figure"]: one["value"] for one in found["reasons"]} == {
        "LEAD_TIME": "14",
        "REVIEW_PERIOD": "7",
        "SERVICE_LEVEL": "0.95",
        "POSITION": "20",
        "EXPECTED_DEMAND": "21",
        "SAFETY_STOCK": "0",
        "REORDER_POINT": "21",
        "QUANTITY": "12",
        "DAYS_LEFT": "20",
    }
    assert said["LEAD_TIME"] == "14 days: settled for all"
    assert said["REVIEW_PERIOD"] == "7 days: nothing else is settled"
    assert "1.00 a day" in said["EXPECTED_DEMAND"]
    assert said["QUANTITY"].endswith("are missing 8; in packs of 6: settled for CUP-1")


async def test_packs_come_from_the_catalogue_where_nobody_settled_any(graphql):
    await open_shop(graphql)
    await sell_daily(graphql, sku=TEA)

    found = await ask(graphql, SUGGESTIONS, filter={"skus": [TEA]})

    (one,) = found["nodes"]
    assert (one["packSize"], one["quantity"]) == ("12", "24")
    assert (one["urgency"], one["daysLeft"]) == ("OUT_OF_STOCK", "0")
    assert one["ownReorderPoint"] == "3"


async def test_what_does_not_sell_is_not_ordered_though_it_is_listed(graphql):
    await open_supplied_shop(graphql)

    found = await ask(graphql, SUGGESTIONS, filter={"skus": [TEA]})

    (one,) = found["nodes"]
    assert (one["basis"], one["urgency"], one["quantity"]) == ("NONE", "ENOUGH", "0")
    assert one["daysLeft"] is None
    assert (found["totals"]["toOrder"], found["totals"]["units"]) == (0, "0")


async def test_the_most_urgent_comes_first_and_totals_are_of_all_that_is_chosen(graphql):
    await open_supplied_shop(graphql)
    await sell_daily(graphql, sku=POT, quantity=2)

    found = await ask(graphql, SUGGESTIONS, leadTimeDays=14)

    assert [one["product"]["sku"] for one in found["nodes"]] == [POT, CUP, TEA]
    totals = found["totals"]
    assert (totals["positions"], totals["toOrder"], totals["forecast"]) == (3, 2, 0)
    assert (totals["units"], totals["cost"], totals["uncosted"]) == ("64", "40", 1)
    assert {one["urgency"]: one["count"] for one in totals["byUrgency"]} == {
        "OUT_OF_STOCK": 1,
        "LATE": 0,
        "DUE": 1,
        "SOON": 0,
        "ENOUGH": 1,
    }


async def test_pages_follow_one_another_without_a_gap(graphql):
    await open_supplied_shop(graphql)
    await sell_daily(graphql, sku=POT, quantity=2)
    whole = await ask(graphql, SUGGESTIONS)

    pages, ends, after = [], [], None
    for _ in whole["nodes"]:
        page = await ask(graphql, SUGGESTIONS, first=1, after=after)
        pages += page["nodes"]
        ends.append((page["pageInfo"]["hasPreviousPage"], page["pageInfo"]["hasNextPage"]))
        after = page["pageInfo"]["endCursor"]

    assert pages == whole["nodes"]
    assert ends == [(False, True), (True, True), (True, False)]


@pytest.mark.parametrize(
    ("chosen", "skus"),
    [
        ({"toOrder": True}, [CUP]),
        ({"toOrder": False}, [TEA]),
        ({"urgencies": ["ENOUGH"]}, [TEA]),
        ({"categories": ["Ware"]}, [CUP]),
        ({"locations": ["web"]}, []),
        ({"distributors": ["nobody"]}, []),
        ({"skus": ["a\x00b"]}, []),
    ],
    ids=str,
)
async def test_filters_choose(graphql, chosen, skus):
    await open_supplied_shop(graphql)

    found = await ask(graphql, SUGGESTIONS, filter=chosen, leadTimeDays=14)

    assert [one["product"]["sku"] for one in found["nodes"]] == skus
    assert found["totals"]["positions"] == len(skus)


async def test_a_higher_service_level_orders_earlier_and_more(graphql):
    await open_shop(graphql)
    await sell_daily(graphql, days=30)
    await sell_daily(graphql, days=8, quantity=9, location="web")
    await stock_up(graphql, "cups", CUP, 200)

    points = [
        Decimal((await ask(graphql, SUGGESTIONS, serviceLevel=level))["nodes"][0]["reorderPoint"])
        for level in ("0.5", "0.9", "0.975")
    ]

    assert points == sorted(set(points))


@pytest.mark.parametrize(
    ("variables", "code", "field"),
    [
        ({"serviceLevel": "0.99"}, "INVALID_SERVICE_LEVEL", "serviceLevel"),
        ({"leadTimeDays": 0}, "INVALID_SUPPLY_TERMS", "leadTimeDays"),
        ({"first": 2001}, "LIMIT_EXCEEDED", "first"),
        ({"after": "l1.x"}, "INVALID_CURSOR", "after"),
        ({"filter": {"skus": ["x"] * 1001}}, "LIMIT_EXCEEDED", "skus"),
    ],
    ids=str,
)
async def test_what_cannot_be_asked_for_is_refused(graphql, variables, code, field):
    found = await refused(graphql, SUGGESTIONS, **variables)

    assert (found["code"], found["field"][-1]) == (code, field)


async def test_costs_are_for_who_may_know_them(graphql):
    await open_supplied_shop(graphql)

    found = await ask(graphql, SUGGESTIONS, *READS, leadTimeDays=14)

    assert found["nodes"][0]["orderCost"] is None
    assert found["nodes"][0]["orderValue"] == "79.92"
    assert found["totals"]["cost"] is None


@pytest.mark.parametrize("scopes", [("forecast:read",), ("stock:read",)])
async def test_suggestions_need_both_scopes(graphql, scopes):
    found = await refused(graphql, SUGGESTIONS, *scopes)

    assert found["code"] == "MISSING_SCOPE"


async def test_terms_come_back_as_they_were_settled(graphql):
    await open_shop(graphql)
    terms = {"sku": CUP, "location": "north", "leadTimeDays": 3, "serviceLevel": "0.9"}

    payload = await settle(graphql, terms, {"minimum": "2", "coverDays": 90})

    assert payload["acceptedCount"] == 2
    nodes = (await ask(graphql, TERMS))["nodes"]
    empty = dict.fromkeys(("distributor", "reviewDays", "packSize"))
    first = empty | terms | {"minimum": None, "coverDays": None, "version": 1}
    assert first in nodes
    assert [one["coverDays"] for one in nodes if one["sku"] is None] == [90]


async def test_the_same_terms_are_no_change_and_empty_ones_are_taken_away(graphql):
    await open_shop(graphql)
    await settle(graphql, {"leadTimeDays": 3})

    same = await settle(graphql, {"leadTimeDays": 3})
    gone = await settle(graphql, {})

    assert same["results"] == [{"status": "DUPLICATE", "version": 1, "userErrors": []}]
    assert gone["results"] == [{"status": "ACCEPTED", "version": 0, "userErrors": []}]
    assert (await ask(graphql, TERMS))["nodes"] == []


async def test_terms_that_changed_since_are_not_overwritten(graphql):
    await open_shop(graphql)
    await settle(graphql, {"leadTimeDays": 3, "version": 0})
    await settle(graphql, {"leadTimeDays": 4, "version": 1})

    payload = await settle(graphql, {"leadTimeDays": 5, "version": 1})

    assert payload["results"][0]["userErrors"][0]["code"] == "STALE_SUPPLY_TERMS"
    assert (await ask(graphql, TERMS))["nodes"][0]["leadTimeDays"] == 4


@pytest.mark.parametrize(
    ("terms", "code", "field"),
    [
        ({"sku": "nothing", "leadTimeDays": 1}, "UNKNOWN_SUPPLY", "sku"),
        ({"location": "nowhere", "leadTimeDays": 1}, "UNKNOWN_SUPPLY", "location"),
        ({"distributor": "nobody", "leadTimeDays": 1}, "UNKNOWN_SUPPLY", "distributor"),
        ({"sku": CUP, "distributor": "x", "leadTimeDays": 1}, "INVALID_SUPPLY_TERMS", "sku"),
        ({"leadTimeDays": 400}, "INVALID_SUPPLY_TERMS", "leadTimeDays"),
        ({"serviceLevel": "1"}, "INVALID_SERVICE_LEVEL", "serviceLevel"),
        ({"packSize": "0"}, "INVALID_SUPPLY_TERMS", "packSize"),
    ],
    ids=str,
)
async def test_bad_terms_are_refused_and_the_others_hold(graphql, terms, code, field):
    await open_shop(graphql)

    payload = await settle(graphql, terms, {"sku": POT, "leadTimeDays": 2})

    (error,) = payload["results"][0]["userErrors"]
    assert (error["code"], error["field"][-1]) == (code, field)
    assert (payload["acceptedCount"], payload["rejectedCount"]) == (1, 1)


async def test_a_batch_may_be_refused_as_a_whole(graphql):
    await open_shop(graphql)
    good, bad = {"sku": POT, "leadTimeDays": 2}, {"leadTimeDays": 400}

    payload = await settle(graphql, good, bad, errorPolicy="REJECT_EVERYTHING")

    assert payload["rejectedCount"] == 2
    assert (await ask(graphql, TERMS))["nodes"] == []


async def test_who_is_limited_to_a_location_settles_and_sees_its_own(
    graphql, client, token, owner_url
):
    await open_supplied_shop(graphql)
    await stock_up(graphql, "web", CUP, 5, location="web")
    ids = await run_sql(owner_url, "select id from locations where code = 'web'")
    scopes = ("forecast:read", "forecast:write", "stock:read")
    bearer = await token(*scopes, locations=[row["id"] for row in ids])

    async def asked(document, **variables):
        answer = await client.post(
            "/graphql",
            json={"query": document, "variables": variables},
            headers={"Authorization": f"Bearer {bearer}"},
        )
        return answer.json()["data"]

    own = {"location": "web", "leadTimeDays": 2}
    payload = (await asked(SET_TERMS, input={"terms": [{"leadTimeDays": 1}, own]}))[
        "setSupplyTerms"
    ]

    assert payload["results"][0]["userErrors"][0]["code"] == "SUPPLY_TERMS_OUT_OF_REACH"
    assert payload["results"][1]["status"] == "ACCEPTED"
    nodes = (await asked(SUGGESTIONS))["reorderSuggestions"]["nodes"]
    assert [one["location"]["code"] for one in nodes] == ["web"]
    assert nodes[0]["leadTimeDays"] == 2
