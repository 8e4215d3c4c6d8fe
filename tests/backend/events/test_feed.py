import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from backend.core.cursors import FeedPosition
from backend.core.events import Topic
from backend.core.ids import new_id
from backend.core.scopes import Scope
from backend.events import log
from backend.events.errors import FeedInterrupted
from backend.events.rules import Beat, FeedGapReason, Item, Stage
from backend.events.service import Feed
from tests.backend.events.facts import (
    gaps,
    items,
    numbers,
    steps_until,
    until_beat,
    write,
)
from tests.world import add_organisation, principal_with, run_sql

STOCK = [Topic.STOCK]


async def test_what_is_committed_after_following_began_arrives(database, feed, principal):
    here = await feed.here()
    await write(database, principal, 1, 2)

    got = await items(feed.follow(principal, STOCK, after=here), 2)

    assert numbers(got) == [("k", 1), ("k", 2)]


async def test_a_follower_hears_at_once_that_it_has_everything(feed, principal):
    got = await until_beat(feed.follow(principal, STOCK))

    assert got == [Beat(await feed.here(), got[0].at)]
    assert datetime.now(UTC) - got[0].at < timedelta(seconds=5)


async def test_a_quiet_feed_says_at_intervals_that_there_is_nothing(feed, principal):
    beats = []

    await steps_until(
        feed.follow(principal, STOCK), lambda step: beats.append(step) or len(beats) == 3
    )

    assert all(isinstance(beat, Beat) for beat in beats)
    assert beats[0].at < beats[1].at < beats[2].at


async def test_a_beat_carries_the_position_of_what_others_wrote(
    database, feed, principal, owner_url
):
    here = await feed.here()
    other = principal_with(await add_organisation(owner_url, "other"), Scope.ADMIN)
    await write(database, other, 1)

    got = await steps_until(
        feed.follow(principal, STOCK, after=here),
        lambda step: isinstance(step, Beat) and step.position.seq > here.seq,
    )

    assert numbers(got) == []


async def test_following_resumes_after_any_item_of_an_entry(database, feed, principal):
    here = await feed.here()
    await write(database, principal, 1, 2, 3)
    await write(database, principal, 4)
    got = await items(feed.follow(principal, STOCK, after=here), 4)

    for index, position in enumerate(positions(got)[:3]):
        rest = await items(feed.follow(principal, STOCK, after=position), 3 - index)
        assert numbers(rest) == numbers(got)[index + 1 :]


async def test_what_memory_no_longer_holds_is_replayed_from_the_log(
    database, settings, feed, principal
):
    here = await feed.here()
    for number in range(5):
        await write(database, principal, number)

    async with Feed(database, settings) as another_process:
        await another_process.here()
        got = await items(another_process.follow(principal, STOCK, after=here), 5)

    assert numbers(got) == [("k", number) for number in range(5)]


async def test_a_principal_limited_to_locations_gets_only_theirs(database, feed, principal):
    mine, theirs = new_id(), new_id()
    here = await feed.here()
    await write(database, principal, 1, location_id=theirs)
    await write(database, principal, 2, location_id=mine)
    limited = principal_with(principal.org_id, Scope.STOCK_READ, locations=[mine])

    got = await items(feed.follow(limited, STOCK, after=here), 1)

    assert numbers(got) == [("k", 2)]


async def test_topics_that_were_not_asked_for_do_not_arrive(database, feed, principal):
    here = await feed.here()
    await write(database, principal, 1)

    got = await until_beat(feed.follow(principal, [Topic.SALES], after=here))

    assert numbers(got) == []


async def test_conflation_leaves_the_highest_version_of_each_key(database, feed, principal):
    here = await feed.here()
    for number in range(10):
        await write(database, principal, number, key="a")
    await write(database, principal, 7, key="b")
    await items(feed.follow(principal, STOCK, after=here), 11)

    got = await items(feed.follow(principal, STOCK, after=here, conflate=True), 2)

    assert numbers(got) == [("a", 9), ("b", 7)]


async def test_events_older_than_what_is_kept_leave_a_gap(database, settings, feed, principal):
    here = await feed.here()
    await write(database, principal, 1)
    await write(database, principal, 2)
    await items(feed.follow(principal, STOCK, after=here), 2)
    async with database.work(principal) as work:
        assert await log.purge(work, datetime.now(UTC), most=1) == 1
    async with Feed(database, settings) as restarted:
        got = await items(restarted.follow(principal, STOCK, after=here), 1)

    assert gaps(got) == [FeedGapReason.RETENTION]
    assert got[0].after == here
    assert numbers(got) == [("k", 2)]


async def test_a_cursor_within_what_is_kept_sees_no_gap_after_a_purge(
    database, settings, feed, principal
):
    here = await feed.here()
    await write(database, principal, 1)
    [first] = positions(await items(feed.follow(principal, STOCK, after=here), 1))
    await write(database, principal, 2)
    async with database.work(principal) as work:
        await log.purge(work, datetime.now(UTC), most=1)

    async with Feed(database, settings) as restarted:
        got = await items(restarted.follow(principal, STOCK, after=first), 1)

    assert gaps(got) == []
    assert numbers(got) == [("k", 2)]


async def test_purging_stops_before_the_first_entry_that_is_young(database, feed, principal):
    await write(database, principal, 1)
    async with database.work(principal) as work:
        purged = await log.purge(work, datetime.now(UTC) - timedelta(hours=1))

    assert purged == 0


async def test_a_purged_log_goes_on_where_it_was(database, settings, principal):
    async with Feed(database, settings) as feed:
        here = await feed.here()
        await write(database, principal, 1)
        [first] = positions(await items(feed.follow(principal, STOCK, after=here), 1))
    async with database.work(principal) as work:
        await log.purge(work, datetime.now(UTC))

    async with Feed(database, settings) as restarted:
        assert await restarted.here() == first


async def test_a_cursor_of_another_history_gets_a_reset(feed, principal):
    other = FeedPosition("before", 3)

    got = await until_beat(feed.follow(principal, STOCK, after=other))

    assert gaps(got) == [FeedGapReason.RESET]
    assert got[0].position == await feed.here()


async def test_a_cursor_ahead_of_the_log_gets_a_reset(feed, principal):
    here = await feed.here()

    got = await until_beat(
        feed.follow(principal, STOCK, after=FeedPosition(here.epoch, here.seq + 1000))
    )

    assert gaps(got) == [FeedGapReason.RESET]


async def test_a_restored_database_resets_those_who_follow(database, feed, principal, owner_url):
    following = feed.follow(principal, STOCK)
    await anext(following)
    await run_sql(owner_url, "update feed_epoch set epoch = 'restored'")
    await run_sql(owner_url, "select pg_terminate_backend(pid) from pg_stat_activity"
                             " where usename = 'shelfcast_tail'")  # fmt: skip

    got = await steps_until(following, lambda step: gaps([step]) == [FeedGapReason.RESET])

    assert got[-1].position.epoch == "restored"


async def test_a_live_follower_too_far_behind_gets_a_gap_it_can_fetch(
    database, settings, principal
):
    async with Feed(database, settings, most_behind=3) as feed:
        here = await feed.here()
        for number in range(6):
            await write(database, principal, number)
        await items(feed.follow(principal, STOCK, after=here), 6)
        await write(database, principal, 99)

        late = await until_beat(feed.follow(principal, STOCK, after=here, stage=Stage.RESUMED))
        fetched = await items(feed.follow(principal, STOCK, after=late[0].after), 7)

    assert gaps(late) == [FeedGapReason.SLOW_CONSUMER]
    assert numbers(fetched)[-1] == ("k", 99)


async def test_a_subscription_without_cursors_ends_where_there_would_be_a_hole(feed, principal):
    with pytest.raises(FeedInterrupted):
        await anext(feed.live(principal, STOCK, after=FeedPosition("before", 3)))


async def test_a_held_transaction_hides_later_ones_until_it_ends_even_by_rollback(
    database, feed, principal
):
    here = await feed.here()
    held, release = asyncio.Event(), asyncio.Event()

    async def hold():
        async with database.work(principal) as work:
            await work.rows(
                "select append_events('{STOCK}', '{Counted}', '{null}', '{1}', array['[]'])"
            )
            held.set()
            await release.wait()
            raise RuntimeError("rolled back")

    holder = asyncio.create_task(hold())
    await held.wait()
    await write(database, principal, 1)
    before = await until_beat(feed.follow(principal, STOCK, after=here))
    release.set()
    after = await items(feed.follow(principal, STOCK, after=here), 1)
    with pytest.raises(RuntimeError):
        await holder

    assert numbers(before) == []
    assert numbers(after) == [("k", 1)]


async def test_listeners_hear_of_their_kind_in_every_organisation(
    database, feed, principal, owner_url
):
    other = principal_with(await add_organisation(owner_url, "other"), Scope.ADMIN)
    heard = asyncio.Queue()
    feed.listen("Counted", lambda org_id, facts: heard.put_nowait((org_id, facts[0]["version"])))
    await feed.here()

    await write(database, principal, 1)
    await write(database, other, 2)

    got = [await asyncio.wait_for(heard.get(), 5) for _ in range(2)]
    assert got == [(principal.org_id, 1), (other.org_id, 2)]


def positions(steps):
    return [step.position for step in steps if isinstance(step, Item)]
