"""What is accepted is on the disk, once, until a verdict names it."""

from __future__ import annotations

import asyncio
import dataclasses
import sqlite3

import pytest

from edge_agent.clock import Stamp
from edge_agent.errors import OutboxLocked
from edge_agent.outbox import Outbox, requeue_parked
from edge_agent.reads import Verdict
from edge_agent.spool import MAX_BATCH_BYTES, Selection
from tests.edge.conftest import a_read, some_reads

ALL = Selection(500)


def rows_in(path, table="reads"):
    with sqlite3.connect(path) as connection:
        rows = connection.execute(f"SELECT key FROM {table} ORDER BY id").fetchall()
    connection.close()
    return [key for (key,) in rows]


async def test_a_read_is_in_the_file_when_its_append_is_acknowledged(outbox, outbox_settings):
    reads = some_reads(3)

    refused = await outbox.append(reads)

    assert refused == 0
    assert rows_in(outbox_settings.path) == [read.key for read in reads]


async def test_commits_are_flushed_to_the_disk(outbox_settings):
    async with Outbox(outbox_settings) as outbox:
        await outbox.append([a_read()])

        pragmas = await outbox._submit(
            lambda spool: [
                spool._connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous")
            ]
        ).future

    assert pragmas == ["wal", 2]


async def test_keys_and_numbers_survive_a_restart(outbox_settings):
    reads = some_reads(3)
    async with Outbox(outbox_settings) as outbox:
        await outbox.append(reads[:2])
    async with Outbox(outbox_settings) as outbox:
        await outbox.append(reads[2:])

        batch = await outbox.oldest(ALL)

    assert [(row.seq, row.read) for row in batch.rows] == list(enumerate(reads, 1))


async def test_numbers_go_on_after_everything_was_delivered(outbox_settings):
    first, second = some_reads(2)
    async with Outbox(outbox_settings) as outbox:
        await outbox.append([first])
        await outbox.settle("till-1", [Verdict(first.key)])
    async with Outbox(outbox_settings) as outbox:
        await outbox.append([second])

        batch = await outbox.oldest(ALL)

    assert [row.seq for row in batch.rows] == [2]


async def test_only_the_named_keys_leave(outbox, outbox_settings):
    reads = some_reads(3)
    await outbox.append(reads)

    await outbox.settle("till-1", [Verdict(reads[1].key), Verdict("nobody's")])

    assert rows_in(outbox_settings.path) == [reads[0].key, reads[2].key]
    assert await outbox.depth() == 2


async def test_a_faulty_read_is_parked_and_can_be_sent_again(outbox_settings):
    read = a_read()
    async with Outbox(outbox_settings) as outbox:
        await outbox.append([read])
        await outbox.settle("till-1", [Verdict(read.key, "NOT_FOUND", "no such device")])
        assert await outbox.oldest(ALL) is None
    assert rows_in(outbox_settings.path, "parked") == [read.key]

    count = requeue_parked(outbox_settings, but=["OVERSIZED"])

    assert count == 1
    assert rows_in(outbox_settings.path) == [read.key]


async def test_garbage_is_kept_and_never_sent_again(outbox_settings):
    async with Outbox(outbox_settings) as outbox:
        assert await outbox.park(a_read("x" * 4096), "OVERSIZED")
        assert (await outbox.counts()).parked == 1
        assert await outbox.oldest(ALL) is None

    assert requeue_parked(outbox_settings, but=["OVERSIZED"]) == 0


async def test_the_device_with_the_oldest_read_goes_first_and_alone(outbox):
    old, new = some_reads(2, device="till-2"), some_reads(2)
    await outbox.append([old[0], *new, old[1]])

    first = await outbox.oldest(ALL)
    second = await outbox.oldest(dataclasses.replace(ALL, excluded_devices=frozenset({"till-2"})))
    skipping = await outbox.oldest(dataclasses.replace(ALL, skipped_keys=frozenset({old[0].key})))

    assert first.keys == (old[0].key, old[1].key)
    assert second.keys == skipping.keys == (new[0].key, new[1].key)


async def test_a_batch_is_bounded_in_rows_and_bytes(outbox):
    await outbox.append([a_read("x" * 4096) for _ in range(100)])

    by_bytes = await outbox.oldest(ALL)
    by_rows = await outbox.oldest(Selection(500, {"till-1": 7}))

    assert len(by_bytes.rows) == MAX_BATCH_BYTES // 4096
    assert len(by_rows.rows) == 7


async def test_reads_from_before_and_after_the_clock_was_set_travel_apart(outbox):
    before, after = some_reads(2)
    later = Stamp(after.observed.boot_id, after.observed.wall_ms + 90_000, after.observed.mono_ms)
    await outbox.append([before, dataclasses.replace(after, observed=later)])

    batch = await outbox.oldest(ALL)

    assert batch.keys == (before.key,)


async def test_reads_beyond_the_row_limit_are_refused_and_counted(outbox_settings):
    limited = dataclasses.replace(outbox_settings, max_rows=5)
    async with Outbox(limited) as outbox:
        refused = [await outbox.append(some_reads(4)), await outbox.append(some_reads(4))]

        assert refused == [0, 3]
        assert await outbox.depth() == 5


async def test_a_file_at_its_byte_limit_refuses_reads_and_still_delivers(outbox_settings):
    limited = dataclasses.replace(outbox_settings, max_bytes=256 * 1024)
    async with Outbox(limited) as outbox:
        refused = [await outbox.append([a_read("x" * 4000) for _ in range(10)]) for _ in range(10)]
        batch = await outbox.oldest(ALL)
        await outbox.settle("till-1", [Verdict(key) for key in batch.keys])

        assert refused[0] == 0
        assert refused[-1] == 10
        assert await outbox.append([a_read()]) == 0


async def test_appends_that_wait_together_are_committed_together(outbox):
    await outbox.append([a_read()])

    futures = [outbox.append([read]) for read in some_reads(1000)]
    refused = await asyncio.gather(*futures)

    assert sum(refused) == 0
    assert await outbox.depth() == 1001


async def test_a_second_agent_cannot_use_the_same_outbox(outbox, outbox_settings):
    with pytest.raises(OutboxLocked):
        async with Outbox(outbox_settings):
            pytest.fail("two agents had one outbox")


async def test_what_was_handed_in_is_on_the_disk_after_closing(outbox_settings):
    reads = some_reads(50)

    async with Outbox(outbox_settings) as outbox:
        for read in reads:
            outbox.append([read])

    assert rows_in(outbox_settings.path) == [read.key for read in reads]


@pytest.mark.parametrize("damage", ["header", "middle", "not a database"])
async def test_a_damaged_outbox_is_kept_aside_and_goes_on(outbox_settings, damage):
    reads = [a_read("x" * 1000) for _ in range(200)]
    async with Outbox(outbox_settings) as outbox:
        await outbox.append(reads)
    content = bytearray(outbox_settings.path.read_bytes())
    if damage == "header":
        content[:100] = b"\0" * 100
    elif damage == "middle":
        middle = len(content) // 2 // 4096 * 4096
        content[middle : middle + 4096] = b"\xaa" * 4096
    else:
        content = bytearray(b"shredded")
    outbox_settings.path.write_bytes(content)

    async with Outbox(outbox_settings) as outbox:
        await outbox.append([a_read("after")])
        depth = await outbox.depth()

    assert len(list(outbox_settings.path.parent.glob("*.damaged-*"))) >= 1
    if damage == "middle":
        assert 150 < depth < 201
    else:
        assert depth == 1


async def test_numbers_never_start_over_after_a_salvage(outbox_settings):
    outbox_settings.path.write_bytes(b"shredded" * 1000)
    async with Outbox(outbox_settings) as outbox:
        await outbox.append([a_read()])
    async with Outbox(outbox_settings) as outbox:
        await outbox.append([a_read(device="till-2")])
        batches = [await outbox.oldest(dataclasses.replace(ALL, excluded_devices=frozenset({d})))
                   for d in ("till-1", "till-2")]  # fmt: skip

    assert all(batch.rows[0].seq > 1_700_000_000_000 for batch in batches)


async def test_an_outbox_damaged_while_in_use_is_salvaged_without_losing_the_next_read(
    outbox_settings,
):
    async with Outbox(outbox_settings) as outbox:
        await outbox.append(some_reads(10))
        await outbox._submit(_break_file).future

        refused = await outbox.append([a_read("after")])

        assert refused == 0
        assert await outbox.depth() >= 1


def _break_file(spool):
    """Have the next write meet a malformed table, as a bad sector would."""
    connection = spool._connection
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET rootpage = 1000000 WHERE name = 'reads'")
    connection.execute("PRAGMA schema_version = 4242")
