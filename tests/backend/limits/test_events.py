"""Events reach who is limited as rows do: what happens there, and a partner's own."""

import asyncio

import pytest

from backend import schema
from backend.core.principal import Principal
from backend.events.service import Feed
from backend.identity.authentication import Identity
from backend.infra.api.context import Context
from backend.infra.api.sharing import Executions
from tests.backend.events.facts import LONG, QUICK
from tests.backend.limits.conftest import READABLE
from tests.backend.screens.subscriber import Subscriber
from tests.backend.shop import CUP, RECORD_SALES, TEA, sale
from tests.world import run_sql

FEED = """
subscription ($after: Cursor, $snapshot: Boolean!) {
  feed(after: $after, snapshot: $snapshot) {
    __typename
    ... on FeedSnapshot { complete sales { idempotencyKey } alerts { id }
      stockLevels { product { sku } location { code } } }
    ... on FeedEvent { topic payload { __typename
      ... on SaleRecorded { sale { idempotencyKey } }
      ... on StockMoved { level { product { sku } location { code } } }
      ... on ProductChanged { product { sku } }
      ... on AlertChanged { alert { location { code } } } } }
    ... on FeedHeartbeat { cursor } } }"""
PULSE = "subscription { pulse(maxHz: 20) { orders { value } locations { location { code } } } }"
STOCK = "subscription { stockChanged { product { sku } onHand } }"
LIMITS = {
    "everything": {},
    "nowhere": {"locations": set()},
    "web": {"locations": {"web"}},
    "acme": {"partner": "acme"},
    "online": {"channel": "ONLINE"},
    "acme online": {"partner": "acme", "channel": "ONLINE"},
}
OWN = {
    "everything": {"acme-1", "acme-2", "best-1", "ours-1", "ours-2"},
    "nowhere": set(),
    "web": {"acme-2", "ours-2"},
    "acme": {"acme-1", "acme-2"},
    "online": {"acme-2"},
    "acme online": {"acme-2"},
}


@pytest.fixture
def settings(settings):
    """Heartbeats quick enough for a test to wait for one."""
    return settings.model_copy(update={"heartbeat_interval": QUICK})


@pytest.fixture
async def subscribe(app, owner_url, org_id, shop):
    """Begins a subscription of a principal with one of LIMITS, after what the shop did."""
    executions = Executions(schema.build())
    services = app.state.services
    await has_followed(services[Feed], owner_url)

    def begin(query, name, variables=None):
        limits = dict(LIMITS[name])
        if "locations" in limits:
            limits["locations"] = frozenset(shop.locations[code] for code in limits["locations"])
        if "partner" in limits:
            limits["partner"] = shop.distributors[limits["partner"]]
        context = Context(services[Identity].database, services)
        context.caller = Principal(org_id, "limited", READABLE, **limits)
        return Subscriber(executions, query, variables, context, None)

    yield begin
    await executions.close()


async def has_followed(feed, owner_url):
    """Wait until the process's feed has come to the end of the log."""
    (written,) = await run_sql(owner_url, "select max(seq) as seq from event_log")
    async with asyncio.timeout(LONG):
        while (await feed.here()).seq < written["seq"]:
            await asyncio.sleep(0.01)


def is_beat(item):
    return item["__typename"] == "FeedHeartbeat"


def is_complete(item):
    return item["__typename"] == "FeedSnapshot" and item["complete"]


def recorded(items):
    return {
        one["payload"]["sale"]["idempotencyKey"]
        for one in items
        if one["__typename"] == "FeedEvent" and one["payload"]["__typename"] == "SaleRecorded"
    }


def moved(items):
    return {
        one["payload"]["level"]["product"]["sku"]
        for one in items
        if one["__typename"] == "FeedEvent" and one["payload"]["__typename"] == "StockMoved"
    }


def changed(items):
    return {
        one["payload"]["product"]["sku"]
        for one in items
        if one["__typename"] == "FeedEvent" and one["payload"]["__typename"] == "ProductChanged"
    }


async def first_cursor(owner_url):
    (row,) = await run_sql(owner_url, "select epoch from feed_epoch")
    return f"f1.{row['epoch']}.0"


@pytest.mark.parametrize("name", LIMITS)
async def test_a_replay_holds_what_may_be_seen(subscribe, owner_url, name):
    variables = {"after": await first_cursor(owner_url), "snapshot": False}

    async with subscribe(FEED, name, variables) as follower:
        items = await follower.until(is_beat)

    assert recorded(items) == OWN[name]
    topics = {one["topic"] for one in items if one["__typename"] == "FeedEvent"}
    if LIMITS[name] and "locations" not in LIMITS[name]:
        assert topics == {"SALES", "LOCATIONS", "STOCK", "CATALOGUE"}
    if "partner" in LIMITS[name]:
        assert moved(items) == changed(items) == {TEA}


@pytest.mark.parametrize("name", LIMITS)
async def test_a_snapshot_holds_what_may_be_seen(subscribe, name):
    async with subscribe(FEED, name, {"snapshot": True}) as follower:
        items = await follower.until(is_complete)
    parts = [one for one in items if one["__typename"] == "FeedSnapshot"]

    assert {one["idempotencyKey"] for part in parts for one in part["sales"]} == OWN[name]
    places = {level["location"]["code"] for part in parts for level in part["stockLevels"]}
    allowed = {"nowhere": set(), "web": {"web"}}
    assert places == allowed.get(name, {"north", "web"})
    if "partner" in LIMITS[name]:
        assert {level["product"]["sku"] for part in parts for level in part["stockLevels"]} == {TEA}
    if "locations" not in LIMITS[name] and LIMITS[name]:
        assert [alert for part in parts for alert in part["alerts"]] == []


@pytest.mark.parametrize("name", ["web", "acme", "online"])
async def test_sales_arrive_live_where_they_may_be_seen(subscribe, graphql, name):
    sales = [
        sale("new-north", (TEA, 1)),
        sale("new-best", (CUP, 1), saleType="TRACE", distributor="best"),
        sale("new", (TEA, 1), channel="ONLINE", location="web", distributor="acme"),
    ]

    async with subscribe(FEED, name, {"snapshot": False}) as follower:
        await follower.until(is_beat)
        await graphql(RECORD_SALES, {"input": {"sales": sales}})
        items = await follower.until(lambda one: recorded([one]) == {"new"})

    assert recorded(items) == {"new"}


@pytest.mark.parametrize(
    ("name", "skus"), [("acme", {TEA}), ("acme online", {TEA}), ("online", {CUP, TEA})]
)
async def test_stock_changes_reach_partners_as_their_queries_show_them(
    subscribe, graphql, app, name, skus
):
    last = {"product": {"sku": TEA}, "onHand": "-9"}
    position = await app.state.services[Feed].here()

    for sku in (CUP, TEA):
        await graphql(RECORD_SALES, {"input": {"sales": [sale(f"new-{sku}", (sku, 7))]}})
    async with subscribe(STOCK, name) as follower:
        follower.emission.resume = position
        levels = await follower.until(lambda level: level == last)

    assert {level["product"]["sku"] for level in levels} == skus


@pytest.mark.parametrize(
    ("name", "orders"), [("everything", 5), ("web", 2), ("acme", 2), ("online", 1)]
)
async def test_the_pulse_counts_what_may_be_seen(subscribe, name, orders):
    async with subscribe(PULSE, name) as follower:
        pulse = await follower.next()

    assert float(pulse["orders"]["value"]) == orders
    if name == "web":
        assert [one["location"]["code"] for one in pulse["locations"]] == ["web"]
