"""The outbox file: SQLite statements and what must stay true between them. Used by one thread."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from edge_agent.clock import Stamp
from edge_agent.reads import Batch, Read, StoredRead, TagDetails, Verdict

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence
    from pathlib import Path

SCHEMA_VERSION = 2
MAX_PARKED_ROWS = 10_000
"""Parked reads wait for a person; beyond this the oldest go, so that noise cannot fill the disk."""
MAX_BATCH_BYTES = 256 * 1024
"""Raw bytes of one batch; escaped as JSON they stay far under what servers take."""
_PAGE_BYTES = 4096
# A shop cannot see it, and a clock that is slewed rather than set stays below.
SAME_CLOCK_MS = 500
# Its row in device_seq is a floor under the numbers of all devices.
_EVERY_DEVICE = ""

FIRST_COLUMNS = "key, device, read_point, raw, symbology, count, seq, boot_id, wall_ms, mono_ms"
"""Those of the first version, which a damaged file may still have."""
COLUMNS = f"{FIRST_COLUMNS}, tag"
_COLUMN_TYPES = """
    device TEXT NOT NULL, read_point TEXT NOT NULL, raw BLOB NOT NULL, symbology TEXT,
    count INTEGER NOT NULL, seq INTEGER NOT NULL,
    boot_id TEXT NOT NULL, wall_ms INTEGER NOT NULL, mono_ms INTEGER NOT NULL, tag TEXT"""
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS reads (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, {_COLUMN_TYPES});
CREATE INDEX IF NOT EXISTS reads_device ON reads (device, id);
CREATE TABLE IF NOT EXISTS parked (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, {_COLUMN_TYPES},
    fault TEXT NOT NULL, message TEXT NOT NULL, parked_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS device_seq (device TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = {SCHEMA_VERSION};
"""
_SECOND_VERSION = "ALTER TABLE reads ADD COLUMN tag TEXT; ALTER TABLE parked ADD COLUMN tag TEXT;"
_INSERT_READ = f"INSERT INTO reads ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)"
_INSERT_PARKED = (
    f"INSERT OR IGNORE INTO parked ({COLUMNS}, fault, message, parked_ms)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
_PARK = (
    f"INSERT OR IGNORE INTO parked ({COLUMNS}, fault, message, parked_ms)"
    f" SELECT {COLUMNS}, ?, ?, ? FROM reads WHERE key = ?"
)
_KEEP_SEQ = (
    "INSERT INTO device_seq VALUES (?, ?)"
    " ON CONFLICT (device) DO UPDATE SET seq = max(seq, excluded.seq)"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which reads may go next: not those devices, not those keys, at most so many."""

    max_reads: int
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    """A lower limit for some devices."""
    excluded_devices: frozenset[str] = frozenset()
    skipped_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SpoolCounts:
    """What lies in the file; `oldest_ms` is the wall time of the oldest read, None when empty."""

    depth: int
    oldest_ms: int | None
    parked: int
    size_bytes: int


def connect(path: Path, max_bytes: int) -> sqlite3.Connection:
    """Open or create the file with the settings that make COMMIT mean "on the disk"."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # Without it a WAL that grew once keeps its size for good.
        connection.execute("PRAGMA journal_size_limit = 8388608")
        connection.execute(f"PRAGMA max_page_count = {max(max_bytes // _PAGE_BYTES, 16)}")
        if connection.execute("PRAGMA user_version").fetchone() == (1,):
            connection.executescript(f"BEGIN;{_SECOND_VERSION}{_SCHEMA}COMMIT;")
        connection.executescript(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def count_rows(connection: sqlite3.Connection) -> SpoolCounts:
    """Count what waits and what is parked."""
    (depth,) = connection.execute("SELECT count(*) FROM reads").fetchone()
    oldest = connection.execute("SELECT wall_ms FROM reads ORDER BY id LIMIT 1").fetchone()
    (parked,) = connection.execute("SELECT count(*) FROM parked").fetchone()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    return SpoolCounts(depth, oldest[0] if oldest else None, parked, pages * _PAGE_BYTES)


class Spool:
    """Reads in order per device, kept until a verdict names their key."""

    def __init__(self, connection: sqlite3.Connection, max_rows: int) -> None:
        self._connection = connection
        self._max_rows = max_rows
        self._depths: dict[str, int] = {}
        self._seqs: dict[str, int] = {}
        self._load()

    @property
    def depth(self) -> int:
        """How many reads wait."""
        return sum(self._depths.values())

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Make what happens inside durable as one, or undo all of it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            # SQLite has already rolled back by itself when the disk is full.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._load()
            raise

    def append(self, reads: Sequence[Read]) -> int:
        """Store as many of the reads as fit, from the first on, and return how many did."""
        taken = reads[: max(self._max_rows - self.depth, 0)]
        rows = [_row(read, self._next_seq(read.device)) for read in taken]
        self._connection.executemany(_INSERT_READ, rows)
        for device in {read.device for read in taken}:
            self._connection.execute(_KEEP_SEQ, (device, self._seqs[device]))
        for read in taken:
            self._depths[read.device] = self._depths.get(read.device, 0) + 1
        return len(taken)

    def oldest(self, selection: Selection) -> Batch | None:
        """Return the oldest reads of the device whose turn it is; None when there is none."""
        heads = [
            (head, device)
            for device, depth in self._depths.items()
            if depth and device not in selection.excluded_devices
            if (head := self._head(device, selection.skipped_keys)) is not None
        ]
        if not heads:
            return None
        _, device = min(heads)
        limit = min(selection.max_reads, selection.limits.get(device, selection.max_reads))
        rows = self._rows_of(device, limit + len(selection.skipped_keys))
        kept = [row for row in rows if row.read.key not in selection.skipped_keys]
        return Batch(device, tuple(_one_request(kept[:limit])))

    def settle(self, device: str, verdicts: Sequence[Verdict]) -> None:
        """Remove the reads that the verdicts name, parking those with a fault."""
        now_ms = time.time_ns() // 1_000_000
        faults = [(v.fault, v.message, now_ms, v.key) for v in verdicts if v.fault is not None]
        self._connection.executemany(_PARK, faults)
        keys = [(verdict.key,) for verdict in verdicts]
        removed = self._connection.executemany("DELETE FROM reads WHERE key = ?", keys).rowcount
        self._depths[device] = self._depths.get(device, 0) - removed
        if faults:
            self._trim_parked()

    def park(self, read: Read, fault: str) -> None:
        """Keep bytes that are no scan for a person to look at; they are never sent."""
        now_ms = time.time_ns() // 1_000_000
        self._connection.execute(_INSERT_PARKED, (*_row(read, 0), fault, "", now_ms))
        self._trim_parked()

    def requeue(self, faults_kept: Sequence[str]) -> int:
        """Put parked reads back into the queue, but for those faults; return how many."""
        marks = ",".join("?" * len(faults_kept))
        where = f"WHERE fault NOT IN ({marks})"
        with self.transaction():
            count = self._connection.execute(
                f"INSERT OR IGNORE INTO reads ({COLUMNS})"
                f" SELECT {COLUMNS} FROM parked {where} ORDER BY id",
                faults_kept,
            ).rowcount
            self._connection.execute(f"DELETE FROM parked {where}", faults_kept)
        self._load()
        return count

    def restore(self, rows: Sequence[StoredRead], seq_floor: int) -> None:
        """Take over what was salvaged; later numbers of every device lie above `seq_floor`."""
        with self.transaction():
            self._connection.execute(_KEEP_SEQ, (_EVERY_DEVICE, seq_floor))
            self._connection.executemany(
                _INSERT_READ, [_row(stored.read, stored.seq) for stored in rows]
            )
        self._load()

    def counts(self) -> SpoolCounts:
        """Count what waits and what is parked."""
        return count_rows(self._connection)

    def close(self) -> None:
        """Close the file; the WAL is folded in."""
        self._connection.close()

    def _load(self) -> None:
        counted = self._connection.execute("SELECT device, count(*) FROM reads GROUP BY device")
        self._depths = dict(counted.fetchall())
        self._seqs = dict(self._connection.execute("SELECT device, seq FROM device_seq").fetchall())

    def _next_seq(self, device: str) -> int:
        seq = max(self._seqs.get(device, 0), self._seqs.get(_EVERY_DEVICE, 0)) + 1
        self._seqs[device] = seq
        return seq

    def _head(self, device: str, skipped: frozenset[str]) -> int | None:
        rows = self._connection.execute(
            "SELECT id, key FROM reads WHERE device = ? ORDER BY id LIMIT ?",
            (device, 1 + len(skipped)),
        )
        return next((row_id for row_id, key in rows.fetchall() if key not in skipped), None)

    def _rows_of(self, device: str, limit: int) -> list[StoredRead]:
        rows = self._connection.execute(
            f"SELECT {COLUMNS} FROM reads WHERE device = ? ORDER BY id LIMIT ?",
            (device, limit),
        )
        return [stored_read(row) for row in rows.fetchall()]

    def _trim_parked(self) -> None:
        self._connection.execute(
            "DELETE FROM parked WHERE id <= (SELECT max(id) FROM parked) - ?", (MAX_PARKED_ROWS,)
        )


Row = tuple[str, str, str, bytes, str | None, int, int, str, int, int, str | None]
"""The columns of a read, in the order of `COLUMNS`."""


def stored_read(row: Row) -> StoredRead:
    """Build a read from the columns of its row."""
    key, device, read_point, raw, symbology, count, seq, boot_id, wall_ms, mono_ms, tag = row
    observed = Stamp(boot_id, wall_ms, mono_ms)
    read = Read(key, device, read_point, raw, symbology, observed, count, read_tag(tag))
    return StoredRead(seq, read)


def read_tag(column: object) -> TagDetails | None:
    """Build the details of a tag; raises ValueError or TypeError for what is none."""
    return TagDetails(**json.loads(str(column))) if column is not None else None


def _row(read: Read, seq: int) -> Row:
    at = read.observed
    return (
        read.key, read.device, read.read_point, read.raw, read.symbology, read.count, seq,
        at.boot_id, at.wall_ms, at.mono_ms, json.dumps(asdict(read.tag)) if read.tag else None,
    )  # fmt: skip


def _one_request(rows: Sequence[StoredRead]) -> Iterator[StoredRead]:
    """Yield rows from the first on while one request, with one clock skew, can carry them."""
    room = MAX_BATCH_BYTES
    first = rows[0].read.observed if rows else None
    for row in rows:
        room -= len(row.read.raw)
        if first is None or (room < 0 and row is not rows[0]):
            return
        at = row.read.observed
        if at.boot_id != first.boot_id or abs(at.offset_ms - first.offset_ms) > SAME_CLOCK_MS:
            return
        yield row
