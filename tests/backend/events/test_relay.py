import asyncio
from contextlib import AsyncExitStack

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from backend.core.events import Topic
from backend.events.service import Feed
from backend.infra.database import Database
from backend.infra.work import Reactions
from tests.backend.events.facts import LONG, items, numbers, write

STOCK = [Topic.STOCK]


@pytest.fixture
async def processes(settings, owner_url, redis):
    """Two processes' databases and feeds, with Redis between them; the second one follows."""
    settings = settings.model_copy(update={"redis_url": SecretStr(redis.url), "pool_size": 2})
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(2):
            database = Database(settings, owner_url, Reactions())
            await stack.enter_async_context(database)
            feed = await stack.enter_async_context(Feed(database, settings))
            await feed.here()
            made.append((database, feed))
        await until(lambda: sum(feed.relay.leads for _, feed in made) == 1)
        made.sort(key=lambda one: one[1].relay.leads, reverse=True)
        await until(lambda: not made[1][1].relay.is_broken)
        yield made


async def until(is_so):
    """Wait until something is so."""
    async with asyncio.timeout(LONG):
        while not is_so():
            await asyncio.sleep(0.01)


async def expect(feed, principal, start, count):
    """Assert that a feed delivers the numbers 0 to `count` after `start`, each once, in order."""
    got = await items(feed.follow(principal, STOCK, after=start), count)
    assert numbers(got) == [("k", number) for number in range(count)]


async def test_what_one_process_reads_the_other_takes_from_redis(processes, principal):
    (database, leader), (_, follower) = processes
    start = await follower.here()

    for number in range(20):
        await write(database, principal, number)
    await expect(follower, principal, start, 20)
    await expect(leader, principal, start, 20)

    assert follower.relay.taken > 0
    assert leader.relay.taken == 0


async def test_what_the_following_process_writes_reaches_both(processes, principal):
    (_, leader), (database, follower) = processes
    start = await leader.here()

    for number in range(10):
        await write(database, principal, number)

    await expect(leader, principal, start, 10)
    await expect(follower, principal, start, 10)


async def test_without_redis_each_reads_the_log_and_returns_to_redis_afterwards(
    processes, principal, redis
):
    (database, leader), (_, follower) = processes
    start = await follower.here()
    for number in range(5):
        await write(database, principal, number)
    redis.stop()
    for number in range(5, 10):
        await write(database, principal, number)
    await expect(follower, principal, start, 10)
    redis.start()
    await until(lambda: not follower.relay.is_broken)
    taken = follower.relay.taken

    for number in range(10, 30):
        await write(database, principal, number)

    await expect(follower, principal, start, 30)
    await expect(leader, principal, start, 30)
    assert follower.relay.taken > taken


async def test_a_flushed_redis_loses_nothing(processes, principal, redis):
    (database, leader), (_, follower) = processes
    start = await follower.here()
    async with Redis.from_url(redis.url) as client:
        for number in range(40):
            await write(database, principal, number)
            if number % 7 == 0:
                await client.flushall()

    await expect(follower, principal, start, 40)
    await expect(leader, principal, start, 40)


async def test_another_process_publishes_when_the_first_is_gone(processes, principal):
    (_, leader), (database, follower) = processes
    start = await follower.here()
    await leader.__aexit__()

    await until(lambda: follower.relay.leads)
    for number in range(5):
        await write(database, principal, number)

    await expect(follower, principal, start, 5)


async def test_a_commit_reaches_the_other_process_soon_without_redis_too(
    processes, principal, redis
):
    (database, _), (_, follower) = processes
    redis.stop()
    await until(lambda: follower.relay.is_broken)
    start = await follower.here()
    await write(database, principal, 0)
    loop = asyncio.get_running_loop()
    began = loop.time()

    await expect(follower, principal, start, 1)

    assert loop.time() - began < 0.8
