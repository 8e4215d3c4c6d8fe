"""The outbox file in use: what must stay true between its statements. Used by one thread."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from edge_agent import outbox_file
from edge_agent.losses import Losses
from edge_agent.outbox_file import COLUMNS, PARKED_COLUMNS
from edge_agent.powered_time import PoweredTime
from edge_agent.reads import Batch, Read, StoredRead, Verdict
from edge_agent.room import Bounds, Room

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from edge_agent.clock import Stamp
    from edge_agent.outbox_file import SpoolCounts
    from edge_agent.skew import Offset, SkewEstimator

MAX_PARKED_ROWS = 10_000
"""Parked reads wait for a person; beyond this the oldest go, so that noise cannot fill the disk."""
MAX_BATCH_ROWS = 500
"""No batch is ever longer, whatever is asked for."""
MAX_BATCH_BYTES = 256 * 1024
"""Raw bytes of one batch; escaped as JSON they stay far under what servers take."""
# A shop cannot see it, and a clock that is slewed rather than set stays below.
SAME_CLOCK_MS = 500
# Its row in device_seq is a floor under the numbers of all devices.
_EVERY_DEVICE = ""

_INSERT_READ = f"INSERT INTO reads ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)"
_INSERT_PARKED = (
    f"INSERT OR IGNORE INTO parked ({PARKED_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
_PARK = (
    f"INSERT OR IGNORE INTO parked ({PARKED_COLUMNS})"
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


class Spool:
    """Reads in order per device, kept until a verdict names their key."""

    def __init__(self, connection: sqlite3.Connection, bounds: Bounds) -> None:
        self._connection = connection
        self._losses = Losses(connection)
        self._time = PoweredTime(connection)
        self.room = Room(connection, bounds, self._losses)
        self._depths: dict[str, int] = {}
        self._seqs: dict[str, int] = {}
        self._load()
        self._given_out: dict[str, int] = {}
        """Rows the backend may have, by key: dropped, they would be counted as lost and are not."""
        self._given_out_before = self._oldest_of_each()
        """Those that an earlier process may have given out."""

    @property
    def depth(self) -> int:
        """How many reads wait."""
        return sum(self._depths.values())

    @contextmanager
    def transaction(self, *, is_writing: bool = False) -> Generator[None]:
        """Make what happens inside durable as one, or undo all of it.

        Counts of refusals go along with what is written: reading must work on a full disk.
        """
        before = dict(self._depths), dict(self._seqs), self._losses.refused, self._time.noted
        self._connection.execute("BEGIN IMMEDIATE")
        self.room.measure_again()
        changes = self._connection.total_changes
        try:
            yield
            if is_writing or self._connection.total_changes > changes:
                self._losses.save()
            self._connection.execute("COMMIT")
        except BaseException:
            # SQLite has already rolled back by itself when the disk is full.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._depths, self._seqs, self._losses.refused, self._time.noted = before
            raise
        if is_writing or self._connection.total_changes > changes:
            self._losses.refused = {}

    def append(self, reads: Sequence[Read]) -> int:
        """Store as many of the reads as fit, from the first on, and return how many did.

        Where room is short, the oldest tags leave; barcodes never do.
        """
        made = self.room.make(reads, self.depth, self._given_out, self._given_out_before)
        self._note_gone(made.gone)
        taken = reads[: made.count]
        self.refuse(reads[made.count :])
        rows = [outbox_file.row_of(read, self._next_seq(read.device)) for read in taken]
        self._connection.executemany(_INSERT_READ, rows)
        for device in {read.device for read in taken}:
            self._connection.execute(_KEEP_SEQ, (device, self._seqs[device]))
        for read in taken:
            self._depths[read.device] = self._depths.get(read.device, 0) + 1
        return len(taken)

    def refuse(self, reads: Sequence[Read]) -> None:
        """Count reads that did not come in; durable with the next transaction that succeeds."""
        self._losses.refuse(reads)

    def tend(self, now: Stamp, offset: Offset | None) -> None:
        """Let tags go that are too old, and note the time they are measured by.

        `offset` is what this boot knows of the server's clock.
        """
        if (self.depth and self._time.is_due(now)) or self._time.is_news(offset):
            self._time.note(now, offset)
        self._note_gone(self.room.expire(self._time, now, self._given_out))

    def note_time(self, now: Stamp, offset: Offset) -> None:
        """Note the time, and all that this boot knows of the server's clock."""
        self._time.note(now, offset)

    def recall(self, skew: SkewEstimator, now: Stamp) -> None:
        """Tell what was noted in this and earlier boots."""
        skew.recall(self._time.bases(now), self._time.offsets())

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
        limit = min(
            MAX_BATCH_ROWS, selection.max_reads, selection.limits.get(device, selection.max_reads)
        )
        rows = self._rows_of(device, limit + len(selection.skipped_keys))
        kept = [row for row in rows if row[1].read.key not in selection.skipped_keys]
        batch = tuple(_one_request([stored for _, stored in kept[:limit]]))
        self._given_out |= {stored.read.key: row_id for row_id, stored in kept[: len(batch)]}
        return Batch(device, batch)

    def settle(self, device: str, verdicts: Sequence[Verdict]) -> None:
        """Remove the reads that the verdicts name, parking those with a fault."""
        now_ms = time.time_ns() // 1_000_000
        faults = [(v.fault, v.message, now_ms, v.key) for v in verdicts if v.fault is not None]
        self._connection.executemany(_PARK, faults)
        keys = [verdict.key for verdict in verdicts]
        removed = self._delete(keys)
        self._depths[device] = self._depths.get(device, 0) - removed
        for key in keys:
            self._given_out.pop(key, None)
            self._given_out_before.pop(key, None)
        if faults:
            self._trim_parked()

    def park(self, read: Read, fault: str) -> None:
        """Keep bytes that are no scan for a person to look at; they are never sent."""
        now_ms = time.time_ns() // 1_000_000
        self._connection.execute(_INSERT_PARKED, (*outbox_file.row_of(read, 0), fault, "", now_ms))
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

    def raise_seqs(self, seq_floor: int) -> None:
        """Let later numbers of every device lie above `seq_floor`."""
        with self.transaction():
            self._connection.execute(_KEEP_SEQ, (_EVERY_DEVICE, seq_floor))
        self._load()

    def fold_log(self) -> None:
        """Give the disk back what the log takes, as far as that is possible now."""
        with suppress(sqlite3.OperationalError):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def counts(self) -> SpoolCounts:
        """Count what waits, what is parked and what was lost."""
        counts = outbox_file.count_around(self._connection, self.depth)
        return replace(counts, losses=self._losses.together(counts.losses))

    def oldest_age_ms(self, counts: SpoolCounts, now: Stamp) -> int | None:
        """Return the powered time since the oldest read was made; None without one."""
        return self._time.age_ms(counts.oldest, now) if counts.oldest else None

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

    def _rows_of(self, device: str, limit: int) -> list[tuple[int, StoredRead]]:
        rows = self._connection.execute(
            f"SELECT id, {COLUMNS} FROM reads WHERE device = ? ORDER BY id LIMIT ?",
            (device, limit),
        )
        return [(row[0], outbox_file.stored_read(row[1:])) for row in rows.fetchall()]

    def _delete(self, keys: Sequence[str]) -> int:
        """Delete reads by key, many with one statement; return how many there were."""
        removed = 0
        for start in range(0, len(keys), MAX_BATCH_ROWS):
            some = keys[start : start + MAX_BATCH_ROWS]
            marks = ",".join("?" * len(some))
            statement = f"DELETE FROM reads WHERE key IN ({marks})"
            removed += self._connection.execute(statement, some).rowcount
        return removed

    def _oldest_of_each(self) -> dict[str, int]:
        """Return the oldest reads of each device: a batch is always of these."""
        query = "SELECT key, id FROM reads WHERE device = ? ORDER BY id LIMIT ?"
        return {
            key: row_id
            for device in self._depths
            for key, row_id in self._connection.execute(query, (device, MAX_BATCH_ROWS))
        }

    def _note_gone(self, gone: Mapping[str, int]) -> None:
        for device, count in gone.items():
            self._depths[device] -= count

    def _trim_parked(self) -> None:
        self._connection.execute(
            "DELETE FROM parked WHERE id <= (SELECT max(id) FROM parked) - ?", (MAX_PARKED_ROWS,)
        )


def _one_request(rows: Sequence[StoredRead]) -> Iterator[StoredRead]:
    """Yield rows from the first on while one request, with one clock skew, can carry them."""
    if not rows:
        return
    room = MAX_BATCH_BYTES
    first = rows[0].read.observed
    first_offset_ms = first.offset_ms
    for row in rows:
        room -= len(row.read.raw)
        if room < 0 and row is not rows[0]:
            return
        at = row.read.observed
        if at.boot_id != first.boot_id or abs(at.offset_ms - first_offset_ms) > SAME_CLOCK_MS:
            return
        yield row
