"""Failures count wherever they happen, and counting never waits for Redis."""

import asyncio
import time

from pydantic import SecretStr

from backend.identity.throttles import Throttles


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def test_failures_of_one_process_slow_down_in_the_other(redis):
    url = SecretStr(redis.url)
    async with Throttles(url) as here, Throttles(url) as there:
        one, two = here.make("email", 3, 300), there.make("email", 3, 300)
        other = there.make("address", 3, 300)
        await asyncio.sleep(0.2)  # both listen from now on
        now = time.time()
        for _ in range(3):
            one.note_failure("kim@shop.example", now)

        await until(lambda: two.wait_of("kim@shop.example", time.time()) > 0)
        assert other.wait_of("kim@shop.example", now) == 0
        assert two.wait_of("another@shop.example", now) == 0
        one.take_back("kim@shop.example", now)
        await until(lambda: two.wait_of("kim@shop.example", time.time()) == 0)


async def test_without_redis_each_process_counts_for_itself(redis):
    async with Throttles(SecretStr(redis.url)) as throttles:
        redis.stop()
        throttle = throttles.make("email", 2, 300)
        now = time.time()

        began = time.monotonic()
        throttle.note_failure("kim", now)
        throttle.note_failure("kim", now)

        assert throttle.wait_of("kim", now) > 0
        assert time.monotonic() - began < 0.1
