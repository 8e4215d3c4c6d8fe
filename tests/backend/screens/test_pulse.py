import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from backend.core.scopes import Scope
from backend.events.service import Feed
from backend.identity.authentication import Identity
from backend.infra.api.sharing import Refused
from backend.screens.pulse import Pulse
from tests.backend.screens.recount import recount
from tests.backend.shop import CUP, POT, RECORD_SALES, TEA, open_shop, sale
from tests.world import principal_with, run_sql

PULSE = """
subscription ($maxHz: Float! = 20, $locations: [String!]) {
  pulse(maxHz: $maxHz, locations: $locations) {
    cursor asOf currency timezone
    revenue { value before } orders { value before } units { value before }
    averageBasket { value before } openAlerts { value before } criticalAlerts
    minutes(last: 5) { minute channel revenue orders }
    locations { location { code } revenue orders openAlerts worstAlert }
  }
}
"""
RETURN = """
mutation ($input: RecordReturnsInput!) {
  recordReturns(input: $input) { acceptedCount results { userErrors { code message } } }
}
"""
QUICK = timedelta(milliseconds=20)
WEEK = timedelta(days=7)


async def record(graphql, *sales):
    answer = await graphql(RECORD_SALES, {"input": {"sales": list(sales)}})
    assert answer["data"]["recordSales"]["acceptedCount"] == len(sales), answer


async def test_a_pulse_begins_at_once_and_follows_every_sale(graphql, subscribe):
    await open_shop(graphql)
    await record(graphql, sale("a", (TEA, 2)))
    async with subscribe(PULSE) as subscriber:
        first = await subscriber.next()
        await record(graphql, sale("b", (TEA, 2), channel="ONLINE"))
        got = await subscriber.until(lambda pulse: pulse["orders"]["value"] == "2")

    assert first["revenue"] == {"value": "9", "before": None}
    assert first["currency"] == "USD"
    assert got[-1]["averageBasket"]["value"] == "9"
    assert {row["channel"] for row in got[-1]["minutes"]} == {"IN_STORE", "ONLINE"}
    [north] = [row for row in got[-1]["locations"] if row["location"]["code"] == "north"]
    assert north == {
        "location": {"code": "north"},
        "revenue": "18",
        "orders": 2,
        "openAlerts": 1,
        "worstAlert": "CRITICAL",
    }


async def test_a_pulse_comes_no_faster_than_asked(graphql, subscribe):
    await open_shop(graphql)
    loop = asyncio.get_running_loop()
    async with subscribe(PULSE, {"maxHz": 5}) as subscriber:
        await subscriber.next()
        began = loop.time()
        for number in range(10):
            await record(graphql, sale(f"s{number}", (TEA, 1)))
        got = await subscriber.until(lambda pulse: pulse["orders"]["value"] == "10")

    assert len(got) <= (loop.time() - began) * 5 + 1


async def test_a_quiet_pulse_says_that_it_is_still_true(graphql, subscribe):
    await open_shop(graphql)
    async with subscribe(PULSE) as subscriber:
        first = await subscriber.next()
        await subscriber.until(lambda pulse: pulse["asOf"] > first["asOf"])


async def test_a_new_location_appears(graphql, subscribe):
    await open_shop(graphql)
    async with subscribe(PULSE) as subscriber:
        before = await subscriber.next()
        location = {"code": "east", "name": "East", "kind": "STORE", "timezone": "Asia/Tokyo"}
        mutation = "mutation ($l: LocationInput!) { upsertLocations(input: {locations: [$l]}) { rejectedCount } }"  # noqa: E501
        await graphql(mutation, {"l": location})
        await subscriber.until(lambda pulse: len(pulse["locations"]) == 4)

    assert len(before["locations"]) == 3


@pytest.mark.parametrize("rate", [0, 0.05, 21, -1])
async def test_a_rate_out_of_bounds_is_refused(graphql, subscribe, rate):
    async with subscribe(PULSE, {"maxHz": rate}) as subscriber:
        payload = await subscriber.payload()

    assert payload["errors"][0]["extensions"]["code"] == "INVALID_FREQUENCY"


async def test_a_pulse_needs_sales_and_alerts(graphql, subscribe, principal):
    who = principal_with(principal.org_id, Scope.SALES_READ)
    async with subscribe(PULSE, who=who) as subscriber:
        with pytest.raises(Refused) as refused:
            await subscriber.payload()

    assert (refused.value.errors[0].extensions or {})["code"] == "MISSING_SCOPE"


async def test_whoever_is_limited_to_locations_has_a_pulse_of_them_alone(
    graphql, subscribe, principal, owner_url
):
    await open_shop(graphql)
    await record(graphql, sale("n", (TEA, 1)), sale("w", (CUP, 1), location="web"))
    rows = await run_sql(owner_url, "select id from locations where code = 'web'")
    limited = principal_with(principal.org_id, Scope.ADMIN, locations=[rows[0]["id"]])

    async with subscribe(PULSE, who=limited) as subscriber:
        pulse = await subscriber.next()

    assert pulse["revenue"]["value"] == "9.99"
    assert [row["location"]["code"] for row in pulse["locations"]] == ["web"]


def moments(now, chance):
    """Return times that fall on both sides of everything a pulse distinguishes."""
    return [
        now - timedelta(seconds=chance.uniform(0, 50)),
        now - timedelta(minutes=chance.uniform(1, 70)),
        now - timedelta(hours=chance.uniform(1, 30)),
        now - WEEK - timedelta(minutes=chance.uniform(1, 300)),
        now - WEEK + timedelta(minutes=chance.uniform(5, 300)),
        now - WEEK - timedelta(days=1),
    ]


@pytest.mark.parametrize("seed", range(4))
async def test_figures_kept_up_by_events_equal_a_recount(graphql, app, principal, owner_url, seed):
    chance = random.Random(seed)
    await open_shop(graphql)
    feed, database = app.state.services[Feed], app.state.services[Identity].database
    pulse = Pulse(feed, database, principal, None)
    readings = pulse.readings(QUICK)
    await anext(readings)
    sold = []

    for number in range(15):
        key = f"{seed}-{number}"
        at = chance.choice(moments(datetime.now(UTC), chance)).isoformat()
        place = chance.choice(["north", "web"])
        if sold and chance.random() < 0.3:
            back = {"idempotencyKey": key, "sale": sold.pop(), "location": place, "returnedAt": at,
                    "lines": [{"sku": TEA, "quantity": 1}]}  # fmt: skip
            answer = await graphql(RETURN, {"input": {"returns": [back]}})
            assert answer["data"]["recordReturns"]["acceptedCount"] == 1, answer
        else:
            lines = [(sku, chance.randint(1, 3)) for sku in (TEA, CUP, POT)]
            channel = chance.choice(["IN_STORE", "ONLINE"])
            await record(graphql, sale(key, *lines, location=place, soldAt=at, channel=channel))
            sold.append(key)
    last = await run_sql(owner_url, "select max(seq) as seq from event_log")
    async with asyncio.timeout(10):
        reading = await anext(readings)
        while reading.position.seq < last[0]["seq"]:
            reading = await anext(readings)
    await readings.aclose()

    assert figures(reading.figures) == await recount(owner_url, reading.now)


async def test_pulses_begun_while_sales_come_in_count_every_sale_once(
    graphql, app, principal, owner_url
):
    await open_shop(graphql)
    feed, database = app.state.services[Feed], app.state.services[Identity].database

    async def sell(who):
        for number in range(10):
            await record(graphql, sale(f"{who}-{number}", (TEA, 1)))

    selling = [asyncio.create_task(sell(who)) for who in range(4)]
    following = []
    while len(following) < 8 and not all(task.done() for task in selling):
        readings = Pulse(feed, database, principal, None).readings(QUICK)
        await anext(readings)
        following.append(readings)
    await asyncio.gather(*selling)

    assert following
    for readings in following:
        async with asyncio.timeout(10):
            reading = await anext(readings)
            while reading.figures.orders.value < 40:
                reading = await anext(readings)
        await readings.aclose()
        assert figures(reading.figures) == await recount(owner_url, reading.now)


def figures(found):
    return {
        "revenue": (found.revenue.value, found.revenue.before),
        "orders": (found.orders.value, found.orders.before),
        "units": (found.units.value, found.units.before),
        "open_alerts": found.open_alerts.value,
        "critical_alerts": found.critical_alerts,
        "minutes": [(one.minute, one.channel, one.revenue, one.orders) for one in found.minutes],
        "places": {
            one.location.code: (one.sums.revenue, one.sums.orders, one.open_alerts)
            for one in found.places
        },
    }
