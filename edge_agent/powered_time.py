"""How old reads are by a clock that nobody can set: the time the machine was powered.

Within a boot the monotonic clock decides. Every boot begins where the one before it was last
noted, so time without power and up to `NOTE_INTERVAL_MS` per boot count for nothing: a read can be
older than its age says, never younger. What a boot learnt of the server's clock is noted along.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge_agent.skew import DATE_RESOLUTION_MS, Offset

if TYPE_CHECKING:
    import sqlite3

    from edge_agent.clock import Stamp

NOTE_INTERVAL_MS: Final = 600_000
"""So often the clock is written down: a quiet shop's SD card should not wear for it."""
MAX_BOOTS: Final = 1000

SCHEMA = """
CREATE TABLE IF NOT EXISTS boots (
    boot_id TEXT PRIMARY KEY, base_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
    offset_low_ms INTEGER, offset_high_ms INTEGER) WITHOUT ROWID;
"""
FOURTH_VERSION = """
ALTER TABLE boots ADD COLUMN offset_low_ms INTEGER;
ALTER TABLE boots ADD COLUMN offset_high_ms INTEGER;
"""
FIRST_COLUMNS = "boot_id, base_ms, last_ms"
"""Those of the third version, which a damaged file may still have."""
COLUMNS = f"{FIRST_COLUMNS}, offset_low_ms, offset_high_ms"
_NOTE = (
    f"INSERT INTO boots ({COLUMNS}) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (boot_id) DO UPDATE SET last_ms = max(last_ms, excluded.last_ms),"
    " offset_low_ms = excluded.offset_low_ms, offset_high_ms = excluded.offset_high_ms"
)
_PRUNE = (
    "DELETE FROM boots WHERE boot_id NOT IN"
    " (SELECT boot_id FROM boots ORDER BY base_ms DESC LIMIT ?)"
)


@dataclass(slots=True)
class _Boot:
    base_ms: int
    """Powered time when it began."""
    last_ms: int
    """Its monotonic clock, when last noted."""
    offset: Offset | None = None
    """What it learnt of the server's clock."""


@dataclass(frozen=True, slots=True)
class Note:
    """What the file says of this boot."""

    mono_ms: int
    offset: Offset | None


class PoweredTime:
    """Powered time in milliseconds, over all boots that this outbox has seen."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        rows = connection.execute(f"SELECT {COLUMNS} FROM boots").fetchall()
        self._boots = {boot_id: _boot(*columns) for boot_id, *columns in rows}
        self.noted: Note | None = None
        """The last note of this process; its owner takes it back with the transaction around it."""

    def age_ms(self, then: Stamp, now: Stamp) -> int:
        """Return how long the machine has been on since `then`, at least.

        A boot nobody knows of, as after a salvage, counts as if `then` were just now.
        """
        at = self._at(now)
        boot = self._boots.setdefault(then.boot_id, _Boot(at - then.mono_ms, then.mono_ms))
        return max(at - boot.base_ms - then.mono_ms, 0)

    def bases(self, now: Stamp) -> dict[str, int]:
        """Return the powered time when each boot began, this one's too."""
        self._at(now)
        return {boot_id: boot.base_ms for boot_id, boot in self._boots.items()}

    def offsets(self) -> dict[str, Offset]:
        """Return what each boot had learnt of the server's clock when that was last noted."""
        return {boot_id: boot.offset for boot_id, boot in self._boots.items() if boot.offset}

    def is_due(self, now: Stamp) -> bool:
        """Whether the clock should be noted."""
        return self.noted is None or now.mono_ms - self.noted.mono_ms >= NOTE_INTERVAL_MS

    def is_news(self, offset: Offset | None) -> bool:
        """Whether this boot's offset cannot wait: the first, or another than was noted.

        Not that it has become narrower: every reply may do that.
        """
        if offset is None:
            return False
        noted = self.noted.offset if self.noted else None
        return noted is None or abs(offset.middle_ms - noted.middle_ms) > DATE_RESOLUTION_MS

    def note(self, now: Stamp, offset: Offset | None) -> None:
        """Write down the clock; durable with the transaction around it."""
        self._at(now)
        this = self._boots[now.boot_id]
        this.last_ms, this.offset = now.mono_ms, offset or this.offset
        rows = [_row(boot_id, boot) for boot_id, boot in self._boots.items()]
        self._connection.executemany(_NOTE, rows)
        self._connection.execute(_PRUNE, (MAX_BOOTS,))
        self.noted = Note(now.mono_ms, this.offset)

    def _at(self, now: Stamp) -> int:
        if now.boot_id not in self._boots:
            reached = max((one.base_ms + one.last_ms for one in self._boots.values()), default=0)
            self._boots[now.boot_id] = _Boot(reached, now.mono_ms)
        return self._boots[now.boot_id].base_ms + now.mono_ms


def _boot(base_ms: int, last_ms: int, low_ms: int | None, high_ms: int | None) -> _Boot:
    if low_ms is None or high_ms is None:
        return _Boot(base_ms, last_ms)
    return _Boot(base_ms, last_ms, Offset(low_ms, high_ms))


def _row(boot_id: str, boot: _Boot) -> tuple[object, ...]:
    low_ms, high_ms = (boot.offset.low_ms, boot.offset.high_ms) if boot.offset else (None, None)
    return boot_id, boot.base_ms, boot.last_ms, low_ms, high_ms
