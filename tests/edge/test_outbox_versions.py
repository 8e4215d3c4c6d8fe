"""Outboxes that an older agent has written go on, healthy or damaged."""

from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing

import pytest

from edge_agent.outbox import Outbox
from edge_agent.reads import TagDetails
from edge_agent.spool import Selection
from tests.edge.conftest import a_read, boots_in, some_reads

FIRST_VERSION = """
CREATE TABLE reads (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, device TEXT NOT NULL,
    read_point TEXT NOT NULL, raw BLOB NOT NULL, symbology TEXT, count INTEGER NOT NULL,
    seq INTEGER NOT NULL, boot_id TEXT NOT NULL, wall_ms INTEGER NOT NULL,
    mono_ms INTEGER NOT NULL);
CREATE INDEX reads_device ON reads (device, id);
CREATE TABLE parked (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, device TEXT NOT NULL,
    read_point TEXT NOT NULL, raw BLOB NOT NULL, symbology TEXT, count INTEGER NOT NULL,
    seq INTEGER NOT NULL, boot_id TEXT NOT NULL, wall_ms INTEGER NOT NULL, mono_ms INTEGER NOT NULL,
    fault TEXT NOT NULL, message TEXT NOT NULL, parked_ms INTEGER NOT NULL);
CREATE TABLE device_seq (device TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO device_seq VALUES ('till-1', 300);
PRAGMA user_version = 1;
"""
THIRD_VERSION = """
DROP TABLE boots;
CREATE TABLE boots (
    boot_id TEXT PRIMARY KEY, base_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO boots VALUES ('long-ago', 7000, 5000);
PRAGMA user_version = 3;
"""
LONG_AGO = ("long-ago", 7000, 5000, None, None)
TAG = TagDetails("LEFT", 3, -51.5, 1_700_000_000_000)


@pytest.fixture
def old_outbox(outbox_settings):
    """An outbox of the first version with 300 reads."""
    with closing(sqlite3.connect(outbox_settings.path, isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.executescript(FIRST_VERSION)
        file.executemany(
            "INSERT INTO reads"
            " (key, device, read_point, raw, count, seq, boot_id, wall_ms, mono_ms)"
            " VALUES (?, 'till-1', 'checkout', ?, 1, ?, 'boot', 1, 1)",
            [(f"key-{n:04}", b"4006381333931" * 10, n) for n in range(1, 301)],
        )
    return outbox_settings


async def test_an_outbox_of_the_first_version_is_taken_over(old_outbox):
    tag = dataclasses.replace(a_read(), tag=TAG)

    async with Outbox(old_outbox) as outbox:
        await outbox.append([tag])
        batch = await outbox.oldest(Selection(500))

    assert [row.seq for row in batch.rows] == list(range(1, 301))
    assert batch.rows[0].read.tag is None


async def test_reads_of_a_damaged_outbox_of_the_first_version_are_salvaged(old_outbox):
    raw = bytearray(old_outbox.path.read_bytes())
    middle = len(raw) // 2 // 4096 * 4096
    raw[middle : middle + 4096] = b"\xff" * 4096
    old_outbox.path.write_bytes(raw)

    async with Outbox(old_outbox) as outbox:
        depth = await outbox.depth()

    assert depth > 100


@pytest.fixture
async def third_version(outbox_settings):
    """An outbox of the third version, whose boots say nothing of the server's clock."""
    async with Outbox(outbox_settings) as outbox:
        await outbox.append(some_reads(300))
    with closing(sqlite3.connect(outbox_settings.path, isolation_level=None)) as file:
        file.executescript(THIRD_VERSION)
    return outbox_settings


async def test_the_boots_of_an_outbox_of_the_third_version_are_taken_over(third_version):
    async with Outbox(third_version) as outbox:
        depth = await outbox.depth()

    assert depth == 300
    assert LONG_AGO in boots_in(third_version.path)


async def test_the_boots_of_a_damaged_outbox_of_the_third_version_are_salvaged(third_version):
    raw = third_version.path.read_bytes()
    # Too short, so that it cannot even be brought up to date.
    third_version.path.write_bytes(raw[: len(raw) // 2 // 4096 * 4096])

    async with Outbox(third_version) as outbox:
        depth = await outbox.depth()

    assert 0 < depth < 300
    assert LONG_AGO in boots_in(third_version.path)


async def test_what_is_known_of_a_tag_survives_a_restart_and_being_parked(outbox_settings):
    read = dataclasses.replace(a_read(), tag=TAG)
    async with Outbox(outbox_settings) as outbox:
        await outbox.append([read, *some_reads(1)])

    async with Outbox(outbox_settings) as outbox:
        batch = await outbox.oldest(Selection(500))

    assert [row.read.tag for row in batch.rows] == [TAG, None]
