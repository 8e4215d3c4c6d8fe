"""Failures count wherever they happen, and counting never waits for the others."""

import asyncio
import time

import pytest

from backend.identity.throttles import Throttles
from backend.infra.bus import Bus
from backend.infra.notices import Notices
from tests.world import run_sql

END_LISTENERS = """
select pg_terminate_backend(pid) from pg_stat_activity
 where datname = current_database() and query like 'LISTEN%'
"""


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def until_heard(here, there, *, within=15):
    """Wait until what is told here is heard there."""
    told, heard = here.make("probe", 3, 300), there.make("probe", 3, 300)
    async with asyncio.timeout(within):
        while not heard.wait_of("x", time.time()):
            told.note_failure("x", time.time())
            await asyncio.sleep(0.02)


@pytest.fixture(params=["redis", "postgresql"])
def bus(request):
    """Makes a process's way to the others."""
    if request.param == "redis":
        url = request.getfixturevalue("redis").url
        return lambda: Bus(url)
    database = request.getfixturevalue("database")
    return lambda: Notices(database)


async def test_failures_of_one_process_slow_down_in_the_other(bus):
    async with Throttles(bus()) as here, Throttles(bus()) as there:
        one, two = here.make("email", 3, 300), there.make("email", 3, 300)
        other = there.make("address", 3, 300)
        await until_heard(here, there)
        now = time.time()
        for _ in range(3):
            one.note_failure("kim@shop.example", now)

        await until(lambda: two.wait_of("kim@shop.example", time.time()) > 0)
        assert other.wait_of("kim@shop.example", now) == 0
        assert two.wait_of("another@shop.example", now) == 0
        one.take_back("kim@shop.example", now)
        await until(lambda: two.wait_of("kim@shop.example", time.time()) == 0)


async def test_without_redis_each_process_counts_for_itself(redis):
    async with Throttles(Bus(redis.url)) as throttles:
        redis.stop()
        throttle = throttles.make("email", 2, 300)
        now = time.time()

        began = time.monotonic()
        throttle.note_failure("kim", now)
        throttle.note_failure("kim", now)

        assert throttle.wait_of("kim", now) > 0
        assert time.monotonic() - began < 1  # Redis would be waited for for two


async def test_a_connection_that_broke_is_made_anew(database, owner_url):
    async with Throttles(Notices(database)) as here, Throttles(Notices(database)) as there:
        await until_heard(here, there)

        ended = await run_sql(owner_url, END_LISTENERS)
        there.make("probe", 3, 300)

        assert len(ended) == 2
        await until_heard(here, there)
