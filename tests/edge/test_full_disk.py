"""On a full disk nothing stored is lost, nothing is claimed, and delivering goes on."""

from __future__ import annotations

import contextlib
import dataclasses
import resource
import signal
import sqlite3

import pytest

from edge_agent.ballast import ballast_path, free_bytes
from edge_agent.clock import SystemClock
from edge_agent.keeper import Keeper
from edge_agent.losses import LossKind
from edge_agent.outbox import Outbox
from edge_agent.reads import Verdict
from edge_agent.skew import SkewEstimator
from tests.edge import small_disk
from tests.edge.conftest import a_read, some_reads
from tests.edge.test_outbox import ALL, rows_in
from tests.edge.test_outbox_bounds import some_tags

MIB = 1 << 20


@pytest.fixture
def disk(tmp_path):
    with small_disk.mounted(tmp_path, megabytes=24) as disk:
        yield disk


@pytest.fixture
def settings(disk, outbox_settings):
    path = disk.folder / "outbox.sqlite3"
    return dataclasses.replace(outbox_settings, path=path, ballast_bytes=4 * MIB)


@pytest.fixture
def prompt_tending(monkeypatch):
    monkeypatch.setattr("edge_agent.keeper.TEND_INTERVAL_S", 0.0)


async def fill_until_refused(outbox, disk):
    """Fill the disk, then scan until it is noticed; return what was stored."""
    disk.fill()
    stored = []
    for _ in range(200):
        reads = [a_read("x" * 500) for _ in range(100)]
        refused = await outbox.append(reads)
        stored += reads[: len(reads) - refused]
        if refused:
            return stored
    pytest.fail("a full disk took everything")


async def test_on_a_full_disk_scans_are_refused_and_what_is_stored_can_be_delivered(settings, disk):
    async with Outbox(settings) as outbox:
        first = some_reads(500)
        await outbox.append(first)
        assert ballast_path(settings.path).stat().st_size == 4 * MIB

        stored = [*first, *await fill_until_refused(outbox, disk)]
        health = await outbox.health()
        delivered = 0
        while (batch := await outbox.oldest(ALL)) is not None:
            await outbox.settle("till-1", [Verdict(key) for key in batch.keys])
            delivered += len(batch.rows)

        assert (health.is_disk_full, health.has_ballast) == (True, False)
        assert {(loss.kind) for loss in health.counts.losses} == {LossKind.REFUSED}
        assert delivered == len(stored)
        assert await outbox.depth() == 0


async def test_room_that_delivering_made_is_used_again_while_the_disk_is_full(settings, disk):
    async with Outbox(settings) as outbox:
        await outbox.append(some_reads(3000))
        await fill_until_refused(outbox, disk)
        for _ in range(4):
            batch = await outbox.oldest(ALL)
            await outbox.settle("till-1", [Verdict(key) for key in batch.keys])

        refused = await outbox.append(some_reads(500))

    assert refused == 0


async def test_tags_go_on_replacing_older_ones_while_the_disk_is_full(settings, disk):
    async with Outbox(settings) as outbox:
        await outbox.append(some_tags(3000))
        disk.fill()
        refused = [await outbox.append(some_tags(100)) for _ in range(100)]
        counts = await outbox.counts()

    assert sum(refused) <= 200
    assert 3000 + 10_000 - sum(refused) == counts.depth + sum(
        loss.count for loss in counts.losses if loss.kind is LossKind.DROPPED
    )


async def test_the_ballast_is_taken_back_when_the_disk_has_room(settings, disk, prompt_tending):
    async with Outbox(settings) as outbox:
        await fill_until_refused(outbox, disk)
        disk.free()
        await outbox.depth()

        refused = await outbox.append([a_read("x" * 500) for _ in range(5000)])
        health = await outbox.health()

    assert refused == 0
    assert (health.is_disk_full, health.has_ballast) == (False, True)


async def test_an_agent_that_starts_on_a_full_disk_opens_its_outbox_and_delivers(settings, disk):
    reads = some_reads(500)
    async with Outbox(settings) as outbox:
        await outbox.append(reads)
    disk.fill()

    async with Outbox(settings) as outbox:
        batch = await outbox.oldest(ALL)
        await outbox.settle("till-1", [Verdict(key) for key in batch.keys])

    assert batch.keys == tuple(read.key for read in reads)
    assert rows_in(settings.path) == []


async def test_an_agent_that_starts_without_its_ballast_leaves_the_room_for_deleting(
    settings, disk
):
    async with Outbox(settings) as outbox:
        first = await fill_until_refused(outbox, disk)
    async with Outbox(settings) as outbox:
        more = [a_read("x" * 500) for _ in range(20_000)]
        refused = await outbox.append(more)
        left = free_bytes(disk.folder)
        delivered = 0
        while (batch := await outbox.oldest(ALL)) is not None:
            await outbox.settle("till-1", [Verdict(key) for key in batch.keys])
            delivered += len(batch.rows)

    assert refused > 0
    assert left > 1 * MIB
    assert delivered == len(first) + len(more) - refused


async def test_reading_goes_on_while_not_even_a_refusal_can_be_written_down(settings, disk):
    without = dataclasses.replace(settings, ballast_bytes=0)
    async with Outbox(without) as outbox:
        await outbox.append(some_reads(100))
        await fill_until_refused(outbox, disk)

        batch = await outbox.oldest(ALL)

    assert batch is not None
    assert len(batch.rows) >= 100


@contextlib.contextmanager
def no_file_larger_than(size):
    """Let this process write no byte beyond a size: works everywhere, and looks like a bad disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


async def test_a_write_that_fails_refuses_the_scan_and_the_next_ones_go_on(outbox_settings):
    small = dataclasses.replace(outbox_settings, ballast_bytes=0)
    async with Outbox(small) as outbox:
        await outbox.append(some_reads(100))
        with no_file_larger_than(256 * 1024):
            refused = [await outbox.append([a_read("x" * 4000)] * 1) for _ in range(200)]
        after = await outbox.append([a_read("after")])
        depth = await outbox.depth()

    assert refused[0] == 0
    assert refused[-1] == 1
    assert after == 0
    assert depth == 100 + refused.count(0) + 1


def test_a_file_whose_pages_are_spent_still_deletes(outbox_settings):
    bounded = dataclasses.replace(outbox_settings, max_bytes=1 << 20)
    keeper = Keeper(bounded, SystemClock(), SkewEstimator())
    spool = keeper._spool
    reads = [a_read("x" * 3000) for _ in range(600)]
    with spool.transaction():
        stored = spool.append(reads)
    pages = spool._connection.execute("PRAGMA page_count").fetchone()[0]
    spool._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError), spool.transaction():
        spool._connection.execute("CREATE TABLE more AS SELECT * FROM reads")

    with spool.transaction():
        spool.settle("till-1", [Verdict(read.key) for read in reads[:100]])

    assert 100 < stored < 600
    assert spool.depth == stored - 100
    keeper.close()
