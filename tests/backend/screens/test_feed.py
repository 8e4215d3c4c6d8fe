import asyncio
from datetime import UTC, datetime

import pytest

from backend.core.cursors import FeedPosition
from backend.core.events import Topic
from backend.core.scopes import Scope
from backend.events import log
from backend.events.service import Feed
from backend.identity.authentication import Identity
from backend.infra.api.emission import Emission
from backend.infra.api.sharing import Refused
from backend.screens.snapshot import Scene
from tests.backend.events.facts import items
from tests.backend.shop import CUP, RECORD_SALES, TEA, open_shop, sale
from tests.world import principal_with, run_sql

FEED = """
subscription (
  $after: Cursor, $topics: [Topic!], $locations: [String!], $snapshot: Boolean! = true
) {
  feed(after: $after, topics: $topics, locations: $locations, snapshot: $snapshot) {
    __typename
    ... on FeedSnapshot {
      cursor complete
      stockLevels { product { sku } location { code } onHand version }
      alerts { kind location { code } }
      sales { idempotencyKey }
    }
    ... on FeedEvent {
      cursor kind topic
      payload {
        __typename
        ... on SaleRecorded { sale { idempotencyKey netSales lines { product { sku } } } }
        ... on StockMoved { movement { quantity } level { onHand version location { code } } }
        ... on AlertChanged { alert { kind state } }
      }
    }
    ... on FeedGap { fromCursor cursor reason }
    ... on FeedHeartbeat { cursor serverTime }
  }
}
"""
EVENT, GAP, BEAT, SNAPSHOT = "FeedEvent", "FeedGap", "FeedHeartbeat", "FeedSnapshot"


def is_beat(item):
    return item["__typename"] == BEAT


def is_complete(item):
    return item["__typename"] == SNAPSHOT and item["complete"]


async def record(graphql, *sales):
    answer = await graphql(RECORD_SALES, {"input": {"sales": list(sales)}})
    assert answer["data"]["recordSales"]["acceptedCount"] == len(sales), answer


@pytest.fixture
async def shop(graphql, app, principal):
    """A shop that has sold something, and the feed, which has heard of it."""
    feed = app.state.services[Feed]
    start = await feed.here()
    await open_shop(graphql)
    await record(graphql, sale("first", (TEA, 1)))
    await items(feed.follow(principal, [Topic.SALES], after=start), 1)
    return feed


async def test_a_feed_begins_with_the_state_and_goes_on_with_what_happens(shop, graphql, subscribe):
    async with subscribe(FEED, {"topics": ["STOCK", "ALERTS", "SALES"]}) as subscriber:
        snapshot = await subscriber.until(is_complete)
        await subscriber.until(is_beat)
        await record(graphql, sale("second", (TEA, 2)))
        events = await subscriber.of(EVENT, count=2)

    assert [level for part in snapshot for level in part["stockLevels"]] == [
        {"product": {"sku": TEA}, "location": {"code": "north"}, "onHand": "-1", "version": 1}
    ]
    assert [alert["kind"] for part in snapshot for alert in part["alerts"]] == ["OVERSOLD"]
    assert [one["idempotencyKey"] for part in snapshot for one in part["sales"]] == ["first"]
    assert {event["kind"] for event in events} == {"SaleRecorded", "StockMoved"}
    sold = next(event for event in events if event["topic"] == "SALES")
    assert sold["payload"]["sale"]["idempotencyKey"] == "second"


async def test_a_feed_resumes_after_any_of_its_items(shop, graphql, subscribe):
    everything = {"topics": ["STOCK", "ALERTS", "SALES"]}
    async with subscribe(FEED, everything) as subscriber:
        got = await subscriber.until(is_beat)
        await record(graphql, sale("a", (TEA, 1), (CUP, 1)), sale("b", (TEA, 1)))
        got += await subscriber.of(EVENT, count=6)
    events = [item for item in got if item["__typename"] == EVENT]

    for index, item in enumerate(got):
        missing = [event for event in events if got.index(event) > index]
        if missing:
            async with subscribe(FEED, everything | {"after": item["cursor"]}) as again:
                assert await again.of(EVENT, count=len(missing)) == missing


async def test_a_snapshot_resumes_after_any_of_its_parts(shop, graphql, principal, app):
    await record(graphql, *[sale(f"s{n}", (TEA, 1), (CUP, 1)) for n in range(3)])
    database = app.state.services[Identity].database
    here = await shop.here()
    scene = Scene(
        database, principal, frozenset({Topic.STOCK, Topic.ALERTS, Topic.SALES}), None, most=1
    )
    parts = [part async for part in scene.chunks(here)]

    for index, part in enumerate(parts[:-1]):
        rest = [one async for one in scene.chunks(part.position)]
        assert [one.position for one in rest] == [one.position for one in parts[index + 1 :]]
        assert [one.levels for one in rest] == [one.levels for one in parts[index + 1 :]]
    assert sum(len(part.levels) for part in parts) == 2
    assert parts[-1].position == here


async def test_a_feed_without_snapshot_begins_with_a_heartbeat(shop, subscribe):
    async with subscribe(FEED, {"snapshot": False}) as subscriber:
        assert (await subscriber.next())["__typename"] == BEAT


async def test_a_quiet_feed_carries_its_watermark(shop, subscribe):
    async with subscribe(FEED, {"snapshot": False}) as subscriber:
        beats = [await subscriber.next() for _ in range(3)]

    assert [beat["__typename"] for beat in beats] == [BEAT] * 3
    assert beats[0]["serverTime"] < beats[1]["serverTime"] < beats[2]["serverTime"]


async def test_only_the_chosen_locations_are_shown(shop, graphql, subscribe):
    async with subscribe(FEED, {"topics": ["STOCK", "SALES"], "locations": ["web"]}) as subscriber:
        snapshot = await subscriber.until(is_complete)
        await subscriber.until(is_beat)
        await record(graphql, sale("n", (TEA, 1)), sale("w", (TEA, 1), location="web"))
        events = await subscriber.of(EVENT, count=2)

    assert not any(part["stockLevels"] or part["sales"] for part in snapshot)
    assert [event["payload"].get("sale", {}).get("idempotencyKey") for event in events].count("w")
    assert all("north" not in str(event) for event in events)


async def test_whoever_is_limited_to_locations_sees_no_others(
    shop, graphql, subscribe, principal, owner_url
):
    rows = await run_sql(owner_url, "select id from locations where code = 'web'")
    limited = principal_with(
        principal.org_id, Scope.STOCK_READ, Scope.SALES_READ, locations=[rows[0]["id"]]
    )
    async with subscribe(FEED, who=limited) as subscriber:
        snapshot = await subscriber.until(is_complete)
        await subscriber.until(is_beat)
        await record(graphql, sale("n", (TEA, 1)), sale("w", (TEA, 1), location="web"))
        events = await subscriber.of(EVENT, count=2)

    assert not any(part["stockLevels"] or part["sales"] or part["alerts"] for part in snapshot)
    assert all("north" not in str(event) for event in events)


async def test_a_topic_needs_its_scope(shop, subscribe, principal):
    who = principal_with(principal.org_id, Scope.STOCK_READ)
    async with subscribe(FEED, {"topics": ["SALES"]}, who=who) as subscriber:
        payload = await subscriber.payload()

    assert payload["errors"][0]["extensions"]["code"] == "MISSING_SCOPE"


async def test_without_topics_a_feed_has_what_the_scopes_open(shop, graphql, subscribe, principal):
    who = principal_with(principal.org_id, Scope.SALES_READ)
    async with subscribe(FEED, who=who) as subscriber:
        snapshot = await subscriber.until(is_complete)
        await subscriber.until(is_beat)
        await record(graphql, sale("second", (TEA, 2)))
        [event] = await subscriber.of(EVENT)

    assert not any(part["stockLevels"] for part in snapshot)
    assert event["kind"] == "SaleRecorded"


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"after": "nonsense"}, "INVALID_CURSOR"),
        ({"after": "f1.epoch." + "9" * 99}, "INVALID_CURSOR"),
        ({"locations": ["nowhere"]}, "UNKNOWN_LOCATION"),
    ],
)
async def test_a_bad_argument_is_named(shop, subscribe, variables, code):
    async with subscribe(FEED, variables) as subscriber:
        payload = await subscriber.payload()

    assert payload["errors"][0]["extensions"]["code"] == code


async def test_an_unknown_topic_is_refused(shop, subscribe):
    async with subscribe(FEED, {"topics": ["WEATHER"]}) as subscriber:
        with pytest.raises(Refused):
            await subscriber.payload()


async def test_a_cursor_older_than_what_is_kept_gets_a_gap_and_a_snapshot(
    shop, graphql, subscribe, app, principal
):
    before = FeedPosition((await shop.here()).epoch, 1)
    database = app.state.services[Identity].database
    async with database.work(principal) as work:
        assert await log.purge(work, datetime.now(UTC)) > 0

    async with subscribe(FEED, {"after": str(before)}) as subscriber:
        gap = await subscriber.next()
        snapshot = await subscriber.until(is_complete)

    assert (gap["__typename"], gap["reason"]) == (GAP, "RETENTION")
    assert gap["fromCursor"] == str(before)
    assert any(part["stockLevels"] for part in snapshot)


async def test_a_cursor_of_another_history_gets_a_gap_and_a_snapshot(shop, subscribe):
    async with subscribe(FEED, {"after": "f1.before.7"}) as subscriber:
        gap = await subscriber.next()
        await subscriber.until(is_complete)

    assert (gap["__typename"], gap["reason"]) == (GAP, "RESET")


async def test_followers_of_a_restored_database_are_told_and_go_on(
    shop, graphql, subscribe, owner_url
):
    async with subscribe(FEED, {"topics": ["SALES"]}) as subscriber:
        await subscriber.until(is_beat)
        await run_sql(owner_url, "update feed_epoch set epoch = 'restored'")
        await run_sql(owner_url, "select pg_terminate_backend(pid) from pg_stat_activity"
                                 " where usename = 'shelfcast_tail'")  # fmt: skip
        [gap] = await subscriber.of(GAP)
        await subscriber.until(is_beat)
        await record(graphql, sale("after", (TEA, 1)))
        [event] = await subscriber.of(EVENT)

    assert gap["reason"] == "RESET"
    assert event["cursor"].startswith("f1.restored.")


async def test_a_follower_that_fell_too_far_behind_gets_a_gap_and_a_snapshot(
    shop, graphql, subscribe, app, settings
):
    database = app.state.services[Identity].database
    async with Feed(database, settings, most_behind=3) as impatient:
        start = await impatient.here()
        for number in range(3):
            await record(graphql, sale(f"s{number}", (TEA, 1)))
        async with asyncio.timeout(10):
            while (await impatient.here()).seq < start.seq + 6:
                await asyncio.sleep(0.01)

        async with subscribe(
            FEED, services={Feed: impatient}, emission=Emission(resume=start)
        ) as subscriber:
            gap = await subscriber.next()
            snapshot = await subscriber.until(is_complete)

    assert (gap["__typename"], gap["reason"]) == (GAP, "SLOW_CONSUMER")
    assert gap["fromCursor"] == str(start)
    assert snapshot


async def test_changed_rights_are_told_and_the_feed_goes_on_where_it_was(
    shop, graphql, subscribe, principal
):
    start = await shop.here()
    await record(graphql, sale("meanwhile", (TEA, 1)))
    who = principal_with(principal.org_id, Scope.SALES_READ)
    changed = Emission(resume=start, permission_changed=True)

    async with subscribe(FEED, who=who, emission=changed) as subscriber:
        gap = await subscriber.next()
        await subscriber.until(is_complete)
        [event] = await subscriber.of(EVENT)

    assert (gap["__typename"], gap["reason"]) == (GAP, "PERMISSION_CHANGED")
    assert gap["fromCursor"] == gap["cursor"] == str(start)
    assert event["payload"]["sale"]["idempotencyKey"] == "meanwhile"


async def test_two_who_resumed_at_different_places_end_up_in_one_execution(
    shop, graphql, subscribe, executions
):
    start = await shop.here()
    await record(graphql, sale("a", (TEA, 1)))
    topics = {"topics": ["SALES"], "snapshot": False}
    async with (
        subscribe(FEED, topics | {"after": str(start)}) as early,
        subscribe(FEED, topics) as late,
    ):
        assert (await early.of(EVENT))[0]["payload"]["sale"]["idempotencyKey"] == "a"
        waiting = [asyncio.create_task(one.of(EVENT)) for one in (early, late)]
        async with asyncio.timeout(10):
            while sum(run.subscribers for run in executions.runs) < 2:
                await asyncio.sleep(0.01)
        await record(graphql, sale("b", (TEA, 1)))
        got = [(await task)[0]["payload"]["sale"]["idempotencyKey"] for task in waiting]

    assert got == ["b", "b"]
    assert executions.started == 1
