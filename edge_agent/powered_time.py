"""How old reads are by a clock that nobody can set: the time the machine was powered.

Within a boot the monotonic clock decides. Every boot begins where the one before it was last
noted, so time without power and up to `NOTE_INTERVAL_MS` per boot count for nothing: a read can be
older than its age says, never younger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

    from edge_agent.clock import Stamp

NOTE_INTERVAL_MS: Final = 600_000
"""So often the clock is written down: a quiet shop's SD card should not wear for it."""
MAX_BOOTS: Final = 1000

SCHEMA = """
CREATE TABLE IF NOT EXISTS boots (
    boot_id TEXT PRIMARY KEY, base_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL) WITHOUT ROWID;
"""
_NOTE = (
    "INSERT INTO boots VALUES (?, ?, ?)"
    " ON CONFLICT (boot_id) DO UPDATE SET last_ms = max(last_ms, excluded.last_ms)"
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


class PoweredTime:
    """Powered time in milliseconds, over all boots that this outbox has seen."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        rows = connection.execute("SELECT boot_id, base_ms, last_ms FROM boots").fetchall()
        self._boots = {boot_id: _Boot(base_ms, last_ms) for boot_id, base_ms, last_ms in rows}

    def age_ms(self, then: Stamp, now: Stamp) -> int:
        """Return how long the machine has been on since `then`, at least.

        A boot nobody knows of, as after a salvage, counts as if `then` were just now.
        """
        at = self._at(now)
        boot = self._boots.setdefault(then.boot_id, _Boot(at - then.mono_ms, then.mono_ms))
        return max(at - boot.base_ms - then.mono_ms, 0)

    def is_due(self, now: Stamp) -> bool:
        """Whether the clock should be noted."""
        boot = self._boots.get(now.boot_id)
        return boot is None or now.mono_ms - boot.last_ms >= NOTE_INTERVAL_MS

    def note(self, now: Stamp) -> None:
        """Write down the clock; durable with the transaction around it."""
        self._at(now)
        self._boots[now.boot_id].last_ms = now.mono_ms
        rows = [(boot_id, boot.base_ms, boot.last_ms) for boot_id, boot in self._boots.items()]
        self._connection.executemany(_NOTE, rows)
        self._connection.execute(_PRUNE, (MAX_BOOTS,))

    def _at(self, now: Stamp) -> int:
        if now.boot_id not in self._boots:
            reached = max((one.base_ms + one.last_ms for one in self._boots.values()), default=0)
            self._boots[now.boot_id] = _Boot(reached, now.mono_ms)
        return self._boots[now.boot_id].base_ms + now.mono_ms
