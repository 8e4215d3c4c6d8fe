"""Two backends on one database, with Redis between them."""

import asyncio
import contextlib
from itertools import cycle, islice

import pytest
from redis.asyncio import Redis

from edge_agent.reads import new_key
from tests.redis_server import RedisServer
from tests.system import retailer
from tests.system.follower import Follower
from tests.system.installation import is_answering
from tests.system.retailer import GTINS, SKUS
from tests.world import run_sql

WRITERS = 8
BATCHES = 12
ROWS = 20


@pytest.fixture(scope="module")
def redis():
    server = RedisServer()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def backends(installation, redis):
    """Two backends more, each a process of its own: their URLs."""
    made = [installation.backend_beside(name, redis_url=redis.url) for name in ("one", "two")]
    try:
        for program, _ in made:
            program.start()
        yield [url for _, url in made]
    finally:
        for program, _ in made:
            program.stop(10)


@pytest.fixture
async def callers(backends, caller):
    """A client of each."""
    async with asyncio.timeout(60):
        for url in backends:
            while not await is_answering(f"{url}/readyz"):
                await asyncio.sleep(0.05)
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(caller.at(url)) for url in backends]


async def ingest(caller, device, rows):
    reads = [
        {"key": new_key(), "readPoint": "dock", "code": GTINS[sku], "observedAt": retailer.now()}
        for sku in islice(cycle(SKUS), rows)
    ]
    batch = {"device": device, "reads": reads}
    answer = await caller.insist(retailer.INGEST, input=batch)
    assert answer["ingestReads"]["acceptedCount"] == rows


@contextlib.asynccontextmanager
async def reads_through(callers, device):
    """Hand in reads through each of the backends in turn until the block ends."""
    stopping = asyncio.Event()

    async def write():
        for caller in cycle(callers):
            if stopping.is_set():
                return
            await ingest(caller, device, 6)
            await asyncio.sleep(0.03)  # the load, not a wait for anything

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        try:
            yield
        finally:
            stopping.set()


async def more(followers, count=60):
    """Wait until each follower has seen so many events more."""
    for follower in followers:
        target = len(follower.events) + count
        await follower.until(lambda follower=follower, target=target: len(follower.events) > target)


async def test_subscribers_of_both_see_the_same_whatever_becomes_of_redis(
    installation, callers, redis
):
    await retailer.open_store(callers[0], "relay")
    async with contextlib.AsyncExitStack() as stack:
        followers = [
            await stack.enter_async_context(Follower(caller, locations=["relay"]).following())
            for caller in callers
        ]

        async with reads_through(callers, "relay-1"):
            await more(followers)
            assert await flush(redis), "nothing went through Redis"
            await more(followers)
            redis.stop()
            await more(followers)
            redis.start()
            await more(followers)

        rows = await run_sql(installation.owner_url, MOVEMENTS, "relay")
        written = {row["id"] for row in rows}
        for follower in followers:
            await follower.until(lambda f=follower: len(f.movements) >= len(written))
            assert set(follower.movements) == written
    one, two = followers
    assert [event["cursor"] for event in one.events] == [event["cursor"] for event in two.events]
    assert one.events == two.events
    assert len(one.movements) == len(written)
    assert one.gaps == two.gaps == one.faults == two.faults == []
    for versions in one.versions.values():
        assert versions == sorted(set(versions))


async def test_eight_writers_on_three_products_neither_deadlock_nor_lose_a_unit(
    installation, callers
):
    await retailer.open_store(callers[0], "crowd", devices=WRITERS, sales_source="POS")
    deadlocks = await deadlocks_so_far(installation)

    async def write(number):
        caller = callers[number % 2]
        for batch in range(BATCHES):
            await ingest(caller, f"crowd-{number + 1}", ROWS)
            skus = SKUS if number % 3 else SKUS[::-1]
            await sell(caller, f"crowd-{number}-{batch}", skus)

    async with asyncio.TaskGroup() as group:
        for number in range(WRITERS):
            group.create_task(write(number))

    received, sold = WRITERS * BATCHES * ROWS, WRITERS * BATCHES * len(SKUS)
    levels = await retailer.on_hand(callers[1], "crowd")
    assert sum(levels.values()) == received - sold
    checked = await callers[1].execute(retailer.RECONCILE, location="crowd")
    assert checked["stockReconciliation"] == {"checked": len(SKUS), "mismatches": []}
    assert await deadlocks_so_far(installation) == deadlocks


async def sell(caller, key, skus):
    """Record one sale of one piece of each."""
    sale = {
        "idempotencyKey": key,
        "location": "crowd",
        "channel": "IN_STORE",
        "soldAt": retailer.now(),
        "lines": [{"sku": sku, "quantity": "1"} for sku in skus],
    }
    done = await caller.execute(retailer.RECORD_SALES, input={"sales": [sale]})
    assert done["recordSales"]["acceptedCount"] == 1, done


async def deadlocks_so_far(installation):
    rows = await run_sql(
        installation.owner_url,
        "select deadlocks from pg_stat_database where datname = current_database()",
    )
    return rows[0]["deadlocks"]


async def flush(redis):
    """Empty it; tell whether anything was in it."""
    async with Redis.from_url(redis.url) as connection:
        held = await connection.dbsize()
        await connection.flushall()
        return held > 0


MOVEMENTS = """
select m.id::text as id from stock_movements m join locations l
    on l.org_id = m.org_id and l.id = m.location_id where l.code = $1"""
