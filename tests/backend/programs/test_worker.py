import asyncio

import asyncpg
import pytest

from backend.infra import jobs
from backend.programs import worker
from tests.world import run_sql


@pytest.fixture
async def queue(owner_url):
    connection = await asyncpg.connect(owner_url)
    await jobs.install(connection)
    await jobs.install(connection)
    yield connection
    await connection.close()


async def until(condition, seconds=20):
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.05)


async def test_the_worker_registers_what_is_due_and_stops_when_told(
    queue, settings, owner_url, org_id
):
    stopping = asyncio.Event()
    task = asyncio.create_task(worker.work_until(stopping, settings, owner_url))

    async def is_registered():
        return await queue.fetchval("select count(*) = 9 from jobs.pgqueuer_schedules")

    await until(is_registered)
    stopping.set()

    await asyncio.wait_for(task, 10)


async def test_the_worker_goes_on_after_its_connections_were_cut(
    queue, settings, owner_url, org_id, caplog
):
    stopping = asyncio.Event()
    task = asyncio.create_task(worker.work_until(stopping, settings, owner_url))

    async def is_ready(times):
        return caplog.text.count("the worker is ready") >= times

    caplog.set_level("INFO")
    await until(lambda: is_ready(1))
    cut = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'shelfcast_app'"
    await run_sql(owner_url, cut + " and datname = current_database()")
    await queue.execute("update jobs.pgqueuer_schedules set next_run = now()")
    stopping_later = asyncio.create_task(asyncio.sleep(1))
    await stopping_later

    assert not task.done()
    stopping.set()
    await asyncio.wait_for(task, 15)
