"""Opening an outbox that may be damaged: SD cards are, and nobody is there to mend them."""

from __future__ import annotations

import itertools
import logging
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from edge_agent import spool
from edge_agent.spool import Spool

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.reads import StoredRead

log = logging.getLogger(__name__)

_TEXT_OR_NONE = (str, type(None))
_COLUMN_TYPES = (str, str, str, bytes, _TEXT_OR_NONE, int, int, str, int, int, _TEXT_OR_NONE)
_SELECTIONS = (spool.COLUMNS, f"{spool.FIRST_COLUMNS}, NULL")


def open_spool(path: Path, *, max_rows: int, max_bytes: int) -> Spool:
    """Open the outbox; a damaged one is moved aside and what can be read of it is kept."""
    try:
        return Spool(_checked(path, max_bytes), max_rows)
    except sqlite3.DatabaseError as exc:
        if not is_damage(exc):
            raise
        log.warning("The outbox is damaged (%s); salvaging it", exc)
    aside = _move_aside(path)
    rescued = _rescue(aside)
    fresh = Spool(spool.connect(path, max_bytes), max_rows)
    # Numbers given out before may be lost: no device counts a thousand a second, so the
    # milliseconds since 1970 lie above all of them.
    fresh.restore(rescued, seq_floor=int(datetime.now(UTC).timestamp() * 1000))
    log.error("%d reads salvaged; the damaged outbox is kept as %s", len(rescued), aside.name)
    return fresh


def is_damage(exc: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is broken, not the disk full or the statement wrong."""
    primary = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    return primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _checked(path: Path, max_bytes: int) -> sqlite3.Connection:
    connection = spool.connect(path, max_bytes)
    try:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise _damage(verdict)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _damage(verdict: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(verdict)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def _move_aside(path: Path) -> Path:
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    path.rename(aside)
    # The WAL goes along under its matching name: it may hold the newest reads.
    for ending in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    return aside


def _rescue(path: Path) -> list[StoredRead]:
    """Read from both ends towards the damage."""
    rows: dict[str, StoredRead] = {}
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path)) as connection:
        for columns, direction in itertools.product(_SELECTIONS, ("ASC", "DESC")):
            query = f"SELECT {columns} FROM reads NOT INDEXED ORDER BY id {direction}"
            with suppress(sqlite3.DatabaseError):
                for row in filter(_is_sound, connection.execute(query)):
                    rows.setdefault(row[0], spool.stored_read(row))
    # UUIDv7 keys sort by the time they were made.
    return sorted(rows.values(), key=lambda stored: stored.read.key)


def _is_sound(row: tuple[object, ...]) -> bool:
    """Whether each column holds what was once written there, so that it can be stored again."""
    if not all(isinstance(*pair) for pair in zip(row, _COLUMN_TYPES, strict=True)):
        return False
    try:
        spool.read_tag(row[-1])
    except (ValueError, TypeError):
        return False
    return True
