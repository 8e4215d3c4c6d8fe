"""What one look at the log brings, and who is told of a commit."""

import asyncio

import asyncpg
import pytest

from backend.core.errors import Unreachable
from backend.events.notify import notifying
from backend.events.tail import PAGE_BYTES, Tail
from tests.backend.events.facts import write
from tests.world import run_sql

BIG = PAGE_BYTES // 2 + 1
_APPEND = """
insert into event_log (org_id, seq, topic, kind, recorded_at, schema_version, items)
select $1, nextval('event_seq'), 'STOCK', 'Counted', now(), 1,
       jsonb_build_array(jsonb_build_object('text', repeat('x', $2)))
  from generate_series(1, $3)
"""


async def test_a_chunk_ends_where_it_would_become_too_large(database, owner_url, org_id):
    chunks = []
    tail = Tail(database, chunks.append, lambda *_: None)
    task = asyncio.create_task(tail.run())
    try:
        async with asyncio.timeout(10):
            while tail.epoch is None:
                await asyncio.sleep(0.01)
            await run_sql(owner_url, _APPEND, org_id, BIG, 5)
            while sum(len(chunk.entries) for chunk in chunks) < 5:
                await asyncio.sleep(0.01)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert [len(chunk.entries) for chunk in chunks] == [2, 2, 1]
    assert [chunk.after for chunk in chunks[1:]] == [chunk.upto for chunk in chunks[:-1]]


async def test_a_program_without_a_feed_tells_the_others_before_it_ends(
    database, owner_url, principal
):
    heard = asyncio.Event()
    connection = await asyncpg.connect(owner_url)
    await connection.add_listener("feed", lambda *_: heard.set())
    try:
        async with notifying(database):
            await write(database, principal, 1)

        async with asyncio.timeout(10):
            await heard.wait()
    finally:
        await connection.close()


@pytest.mark.parametrize("failure", [FileNotFoundError("a file"), TimeoutError(), OSError(5, "io")])
async def test_what_fails_beside_the_database_keeps_its_name(database, principal, failure):
    with pytest.raises(type(failure)) as raised:
        async with database.work(principal):
            raise failure

    assert raised.value is failure


async def test_a_lost_connection_is_the_database_s_fault(database, principal):
    async def ask():
        async with database.work(principal) as work:
            work.tx._connection.terminate()
            await work.rows("select 1")

    with pytest.raises(Unreachable):
        await ask()


async def test_what_fails_beside_the_database_leaves_nothing_behind(database, principal):
    async def note_and_fail():
        async with database.work(principal) as work:
            await work.rows("insert into feed_floor (org_id, seq) values ($1, 7)", principal.org_id)
            raise FileNotFoundError("a file")

    with pytest.raises(FileNotFoundError):
        await note_and_fail()

    async with database.work(principal, read_only=True) as work:
        assert await work.rows("select seq from feed_floor") == []
