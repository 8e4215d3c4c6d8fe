"""The outbox on the disk: its tables, their versions, and what a row means."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from edge_agent import losses, powered_time
from edge_agent.clock import Stamp
from edge_agent.reads import Read, StoredRead, TagDetails

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.losses import Loss

SCHEMA_VERSION = 4
PAGE_BYTES = 4096

FIRST_COLUMNS = "key, device, read_point, raw, symbology, count, seq, boot_id, wall_ms, mono_ms"
"""Those of the first version, which a damaged file may still have."""
COLUMNS = f"{FIRST_COLUMNS}, tag"
PARKED_COLUMNS = f"{COLUMNS}, fault, message, parked_ms"
_COLUMN_TYPES = """
    device TEXT NOT NULL, read_point TEXT NOT NULL, raw BLOB NOT NULL, symbology TEXT,
    count INTEGER NOT NULL, seq INTEGER NOT NULL,
    boot_id TEXT NOT NULL, wall_ms INTEGER NOT NULL, mono_ms INTEGER NOT NULL, tag TEXT"""
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS reads (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, {_COLUMN_TYPES});
CREATE INDEX IF NOT EXISTS reads_device ON reads (device, id);
CREATE INDEX IF NOT EXISTS reads_tags ON reads (id, device) WHERE tag IS NOT NULL;
CREATE TABLE IF NOT EXISTS parked (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, {_COLUMN_TYPES},
    fault TEXT NOT NULL, message TEXT NOT NULL, parked_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS device_seq (device TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
{losses.SCHEMA}
{powered_time.SCHEMA}
PRAGMA user_version = {SCHEMA_VERSION};
"""
_CHANGES = {
    1: "ALTER TABLE reads ADD COLUMN tag TEXT; ALTER TABLE parked ADD COLUMN tag TEXT;",
    3: powered_time.FOURTH_VERSION,
}
"""What a file of that version lacks and `_SCHEMA` does not create."""
# A checkpoint folds the log in at 4 MB; without a limit a log that grew once keeps its size.
_LOG_BYTES = 8 * 1024 * 1024

Row = tuple[str, str, str, bytes, str | None, int, int, str, int, int, str | None]
"""The columns of a read, in the order of `COLUMNS`."""


@dataclass(frozen=True, slots=True)
class SpoolCounts:
    """What lies in the file; `oldest` is when the oldest read was made, None when empty."""

    depth: int
    oldest: Stamp | None
    parked: int
    size_bytes: int
    losses: tuple[Loss, ...]


def connect(path: Path, max_bytes: int) -> sqlite3.Connection:
    """Open or create the file with the settings that make COMMIT mean "on the disk"."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        connection.execute(f"PRAGMA max_page_count = {max(max_bytes // PAGE_BYTES, 16)}")
        _bring_up_to_date(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Create what is missing; nothing is written where nothing is."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version < SCHEMA_VERSION:
        changes = _CHANGES.get(version, "")
        connection.executescript(f"BEGIN;{changes}{_SCHEMA}COMMIT;")


def count_rows(connection: sqlite3.Connection) -> SpoolCounts:
    """Count what waits and what is parked; slow when it is a million."""
    (depth,) = connection.execute("SELECT count(*) FROM reads").fetchone()
    return count_around(connection, depth)


def count_around(connection: sqlite3.Connection, depth: int) -> SpoolCounts:
    """Count all but the reads that wait, whose number is known."""
    oldest = connection.execute(
        "SELECT boot_id, wall_ms, mono_ms FROM reads ORDER BY id LIMIT 1"
    ).fetchone()
    (parked,) = connection.execute("SELECT count(*) FROM parked").fetchone()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    return SpoolCounts(
        depth, Stamp(*oldest) if oldest else None, parked, pages * PAGE_BYTES,
        losses.read_losses(connection),
    )  # fmt: skip


def stored_read(row: Row) -> StoredRead:
    """Build a read from the columns of its row."""
    key, device, read_point, raw, symbology, count, seq, boot_id, wall_ms, mono_ms, tag = row
    observed = Stamp(boot_id, wall_ms, mono_ms)
    read = Read(key, device, read_point, raw, symbology, observed, count, read_tag(tag))
    return StoredRead(seq, read)


def read_tag(column: object) -> TagDetails | None:
    """Build the details of a tag; raises ValueError or TypeError for what is none."""
    return TagDetails(**json.loads(str(column))) if column is not None else None


def row_of(read: Read, seq: int) -> Row:
    """Return the columns of a read."""
    at = read.observed
    return (
        read.key, read.device, read.read_point, read.raw, read.symbology, read.count, seq,
        at.boot_id, at.wall_ms, at.mono_ms, json.dumps(asdict(read.tag)) if read.tag else None,
    )  # fmt: skip
