"""Nothing is lost, repeated or reordered: with many writers, and through crashes."""

import asyncio
import json
import random
from contextlib import aclosing, suppress

import pytest

from backend.core.errors import Unreachable
from backend.core.events import Topic
from backend.core.scopes import Scope
from backend.events.rules import Item
from backend.events.service import Feed
from backend.infra import embedded
from backend.infra.database import Database
from backend.infra.migrator import migrate
from backend.infra.work import Reactions
from tests.backend.events.facts import LONG, Counted, by_key, write
from tests.world import add_organisation, principal_with, run_sql

KEYS = ("a", "b", "c")
WRITERS = 8
_COUNTERS = "create table counters (key text primary key, number int not null)"
_COUNT = "update counters set number = number + 1 where key = $1 returning number"


class RolledBack(Exception):
    """Undoes a transaction of a test."""


async def prepare(owner_url):
    """Make counters whose rows writers lock, as levels are locked."""
    await run_sql(owner_url, _COUNTERS)
    await run_sql(owner_url, "insert into counters select unnest($1::text[]), 0", list(KEYS))
    await run_sql(owner_url, "grant select, update on counters to shelfcast_app")


async def append(database, principal, chance):
    """Count one or two keys in one transaction, with pauses, and now and then undo it."""
    keys = sorted(chance.sample(KEYS, chance.randint(1, 2)))
    written = []
    async with database.work(principal) as work:
        await pause(chance)
        for key in keys:
            row = await work.row(_COUNT, key)
            written.append((key, row["number"]))
        facts = [json.dumps([Counted(None, *pair).fact()], default=str) for pair in written]
        count = len(facts)
        columns = ["STOCK"] * count, ["Counted"] * count, [None] * count, [1] * count, facts
        await work.rows("select append_events($1, $2, $3, $4, $5)", *columns)
        await pause(chance)
        if chance.random() < 0.1:
            raise RolledBack
    for waiter in database.on_append:
        waiter.set()
    return written


async def pause(chance):
    """Hold the transaction open for a moment, now and then."""
    if chance.random() < 0.3:
        await asyncio.sleep(chance.random() * 0.02)


async def write_much(database, principal, seed, times, written):
    """Append so many transactions; what committed is noted."""
    chance = random.Random(seed)
    for _ in range(times):
        with suppress(RolledBack):
            written += await append(database, principal, chance)


async def collect(following, got, is_done):
    """Note the items until `is_done`."""
    async with asyncio.timeout(LONG * 3), aclosing(following):
        async for step in following:
            if isinstance(step, Item):
                got.append((step.key, step.fact["version"]))
            if is_done():
                return


async def test_eight_writers_lose_nothing_and_keep_the_order_of_each_key(
    database, feed, principal, owner_url
):
    await prepare(owner_url)
    here, written, got = await feed.here(), [], []
    following = feed.follow(principal, [Topic.STOCK], after=here)
    writers = [write_much(database, principal, seed, 25, written) for seed in range(WRITERS)]
    writing = asyncio.gather(*writers)

    await collect(following, got, lambda: writing.done() and len(got) >= len(written))
    await writing

    assert sorted(got) == sorted(written)
    assert by_key(got) == {key: list(range(1, len(by_key(got)[key]) + 1)) for key in by_key(got)}


async def test_a_reader_that_comes_and_goes_meets_every_item_once(
    database, feed, principal, owner_url
):
    await prepare(owner_url)
    position, written, got = await feed.here(), [], []
    chance = random.Random(1)
    writers = [write_much(database, principal, seed, 15, written) for seed in range(WRITERS)]
    writing = asyncio.gather(*writers)

    async with asyncio.timeout(LONG * 3):
        while not (writing.done() and len(got) >= len(written)):
            left = chance.randint(1, 9)
            following = feed.follow(principal, [Topic.STOCK], after=position)
            async with aclosing(following):
                async for step in following:
                    position = step.position
                    if isinstance(step, Item):
                        got.append((step.key, step.fact["version"]))
                    left -= 1
                    if left <= 0:
                        break
    await writing

    assert sorted(got) == sorted(written)
    assert by_key(got) == {key: sorted(numbers) for key, numbers in by_key(written).items()}


@pytest.fixture
async def fragile(settings):
    """A PostgreSQL of this test's own that keeps what it acknowledged: its runs, the last first."""
    with embedded.temporary(durable=True) as server:
        await migrate(settings, server.owner_url, lambda _: None)
        runs = [server]
        yield runs
        for run in runs:
            run.stop()


async def test_a_killed_postgresql_leaves_no_gap_and_no_repeat(fragile, settings):
    url = fragile[0].owner_url
    principal = principal_with(await add_organisation(url, "test"), Scope.ADMIN)
    acknowledged, got = [], []
    async with (
        Database(settings, url, Reactions()) as database,
        Feed(database, settings) as feed,
    ):
        following = feed.follow(principal, [Topic.STOCK], after=await feed.here())
        reading = asyncio.create_task(collect(following, got, lambda: ("k", 301) in got))
        for number in range(1, 302):
            if number in (100, 200):
                fragile[0].kill()
                fragile.insert(0, embedded.start(fragile[0].data_dir))
            await until_written(database, principal, number, acknowledged)
        await reading

    numbers = [number for _, number in got]
    assert set(acknowledged) <= set(numbers)
    assert numbers == sorted(set(numbers))


async def until_written(database, principal, number, acknowledged):
    """Write a number; the last one until it is acknowledged, others once."""
    async with asyncio.timeout(LONG):
        while True:
            try:
                await write(database, principal, number)
            except Unreachable:
                if number < 301:
                    return
            else:
                acknowledged.append(number)
                return
