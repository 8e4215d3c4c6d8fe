"""A damaged outbox gives back what can be read of it, in order, and goes on."""

from __future__ import annotations

import dataclasses
import random
import sqlite3

import pytest

from edge_agent import salvage
from edge_agent.losses import Loss, LossKind
from edge_agent.outbox import Outbox
from edge_agent.reads import ReadClass, Verdict
from edge_agent.spool import Selection
from tests.edge.conftest import a_read
from tests.edge.test_outbox import rows_in
from tests.edge.test_outbox_bounds import some_tags

PAGE = 4096
LONG = "x" * 1000
"""Four such reads fill a page."""


def long_reads(count):
    return [a_read(f"{number}-{LONG}") for number in range(count)]


async def filled(settings, reads):
    """Write an outbox with those reads, all of it in the main file."""
    async with Outbox(settings) as outbox:
        await outbox.append(reads)


async def reopened(settings):
    """Open and close the outbox; return the keys in it, in order."""
    async with Outbox(settings) as outbox:
        await outbox.depth()
    return rows_in(settings.path)


def kept_aside(settings):
    return list(settings.path.parent.glob("*.damaged-????????T*[0-9]"))


def leaf_pages(path):
    """Return the numbers of the pages that hold reads, in order."""
    raw = path.read_bytes()
    pages = [raw[at : at + PAGE] for at in range(0, len(raw), PAGE)]
    # SQLite's file format: 0x0D marks a leaf of a table.
    return [number for number, page in enumerate(pages) if page[0] == 0x0D and b"xxxx" in page]


def overwrite(path, pages, content):
    raw = bytearray(path.read_bytes())
    for page in pages:
        raw[page * PAGE : (page + 1) * PAGE] = content
    path.write_bytes(raw)


@pytest.mark.parametrize("content", [b"\0" * PAGE, b"\xaa" * PAGE], ids=["zeroed", "garbage"])
async def test_only_reads_on_the_damaged_pages_are_lost_and_order_stays(outbox_settings, content):
    reads = long_reads(2000)
    await filled(outbox_settings, reads)
    leaves = leaf_pages(outbox_settings.path)
    damaged = [leaves[number] for number in (3, 100, 101, 300)]
    overwrite(outbox_settings.path, damaged, content)

    left = await reopened(outbox_settings)

    order = {read.key: number for number, read in enumerate(reads)}
    assert 2000 - 4 * 4 <= len(left) < 2000
    assert [order[key] for key in left] == sorted(order[key] for key in left)
    assert len(kept_aside(outbox_settings)) == 1


async def test_a_truncated_file_gives_back_what_is_left_of_it(outbox_settings):
    await filled(outbox_settings, reads := long_reads(1000))
    raw = outbox_settings.path.read_bytes()
    outbox_settings.path.write_bytes(raw[: len(raw) * 3 // 4])

    left = await reopened(outbox_settings)

    assert 600 < len(left) < 1000
    assert left == [read.key for read in reads if read.key in set(left)]


async def test_a_torn_log_gives_back_all_commits_before_the_tear(outbox_settings):
    reads = long_reads(300)
    async with Outbox(outbox_settings) as outbox:
        for start in range(0, 300, 100):
            await outbox.append(reads[start : start + 100])
        files = {
            ending: path.read_bytes()
            for ending in ("", "-wal")
            if (path := outbox_settings.path.with_name(outbox_settings.path.name + ending))
        }
    log = bytearray(files["-wal"])
    log[len(log) * 2 // 3 :] = b"\0" * (len(log) - len(log) * 2 // 3)
    outbox_settings.path.write_bytes(files[""])
    outbox_settings.path.with_name(outbox_settings.path.name + "-wal").write_bytes(log)

    left = await reopened(outbox_settings)

    assert 100 <= len(left) < 300
    assert len(left) % 100 == 0
    assert left == [read.key for read in reads[: len(left)]]


async def test_without_its_log_the_outbox_goes_on_with_what_was_folded_in(outbox_settings):
    old, new = long_reads(50), long_reads(50)
    await filled(outbox_settings, old)
    async with Outbox(outbox_settings) as outbox:
        await outbox.append(new)
        raw = outbox_settings.path.read_bytes()
    outbox_settings.path.write_bytes(raw)

    async with Outbox(outbox_settings) as outbox:
        assert await outbox.append([a_read("after")]) == 0
        batch = await outbox.oldest(Selection(500))

    assert batch.keys[:50] == tuple(read.key for read in old)
    assert batch.rows[-1].read.code == "after"


async def test_damage_met_in_the_middle_of_the_day_costs_no_read_that_comes_then(outbox_settings):
    # More than SQLite keeps in memory; the damage lies behind what it read when it was opened.
    reads, later = long_reads(5000), long_reads(100)
    await filled(outbox_settings, reads)
    delivered = 0
    async with Outbox(outbox_settings) as outbox:
        damaged = leaf_pages(outbox_settings.path)[300:302]
        overwrite(outbox_settings.path, damaged, b"\xff" * PAGE)
        while delivered < 2000:
            batch = await outbox.oldest(Selection(500))
            await outbox.settle(batch.device, [Verdict(key) for key in batch.keys])
            delivered += len(batch.keys)
        refused = await outbox.append(later)
        depth = await outbox.depth()

    assert refused == 0
    assert 5100 - 8 <= delivered + depth < 5100
    assert rows_in(outbox_settings.path)[-100:] == [read.key for read in later]


async def test_what_was_parked_and_what_was_lost_is_salvaged_too(outbox_settings):
    limited = dataclasses.replace(outbox_settings, max_rows=400)
    async with Outbox(limited) as outbox:
        await outbox.append(some_tags(10))
        await outbox.append(long_reads(400))
        await outbox.park(a_read("garbage"), "NOISE")
    overwrite(limited.path, leaf_pages(limited.path)[5:6], b"\0" * PAGE)

    async with Outbox(limited) as outbox:
        counts = await outbox.counts()

    assert len(kept_aside(limited)) == 1
    assert counts.parked == 1
    assert counts.losses == (Loss("gate", ReadClass.RFID, LossKind.DROPPED, 10),)


async def test_a_salvage_that_was_interrupted_is_finished_at_the_next_start(outbox_settings):
    await filled(outbox_settings, reads := long_reads(10))
    path = outbox_settings.path
    path.rename(path.with_name(path.name + ".rescued"))

    assert await reopened(outbox_settings) == [read.key for read in reads]


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_is_damaged_the_agent_starts_and_takes_reads(outbox_settings, seed):
    rng = random.Random(seed)
    await filled(outbox_settings, [*some_tags(200), *long_reads(200)])
    raw = bytearray(outbox_settings.path.read_bytes())
    for _ in range(rng.randint(1, 40)):
        at = rng.randrange(len(raw))
        raw[at : at + rng.randint(1, 200)] = rng.randbytes(rng.randint(1, 200))
    outbox_settings.path.write_bytes(raw)

    async with Outbox(outbox_settings) as outbox:
        refused = await outbox.append([a_read("after")])

    assert refused == 0
    assert len(rows_in(outbox_settings.path)) >= 1


def test_a_full_disk_is_not_taken_for_damage():
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL

    assert not salvage.is_damage(error)
