"""Opening an outbox that may be damaged: SD cards are, and nobody is there to mend them."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from edge_agent import outbox_file, powered_time
from edge_agent.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge_agent.room import Bounds

log = logging.getLogger(__name__)

_CHUNK_ROWS: Final = 1000
_LONGEST_LEAP: Final = 1 << 40
_TEXT_OR_NONE = (str, type(None))
_READ_TYPES = (int, str, str, str, bytes, _TEXT_OR_NONE, int, int, str, int, int, _TEXT_OR_NONE)
_SELECTIONS = (outbox_file.COLUMNS, f"{outbox_file.FIRST_COLUMNS}, NULL")
_INSERT = f"INSERT OR IGNORE INTO reads (id, {outbox_file.COLUMNS}) VALUES (?{',?' * 11})"
# Small, and worth having: what a person should look at, what was lost, how old reads are.
_BESIDES: Final = (
    ("parked", outbox_file.PARKED_COLUMNS),
    ("losses", "device, read_class, kind, count"),
    ("boots", powered_time.COLUMNS),
    ("boots", powered_time.FIRST_COLUMNS),
)


def open_spool(path: Path, bounds: Bounds) -> Spool:
    """Open the outbox; a damaged one is moved aside and what can be read of it is kept.

    Raises OSError or sqlite3.Error when the disk does not take what was rescued: the damaged
    file is then still in its place.
    """
    rescued = _beside(path, ".rescued")
    if rescued.exists() and not path.exists():
        rescued.rename(path)
    try:
        return Spool(_checked(path, bounds.max_bytes), bounds)
    except sqlite3.DatabaseError as exc:
        if not is_damage(exc):
            raise
        log.warning("The outbox is damaged (%s); salvaging it", exc)
    count = _rescue(path, rescued, bounds)
    aside = _move_aside(path)
    rescued.rename(path)
    log.error("%d reads salvaged; the damaged outbox is kept as %s", count, aside.name)
    return Spool(outbox_file.connect(path, bounds.max_bytes), bounds)


def is_damage(exc: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is broken, not the disk full or the statement wrong."""
    primary = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    return primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _checked(path: Path, max_bytes: int) -> sqlite3.Connection:
    connection = outbox_file.connect(path, max_bytes)
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


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _move_aside(path: Path) -> Path:
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    path.rename(aside)
    # The WAL goes along under its matching name: it may hold the newest reads.
    for ending in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            _beside(path, ending).rename(_beside(aside, ending))
    return aside


def _rescue(path: Path, rescued: Path, bounds: Bounds) -> int:
    """Make a new file of what can be read of a damaged one; return how many reads that was."""
    draft = _beside(path, ".draft")
    draft.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(path)) as damaged,
        closing(outbox_file.connect(draft, bounds.max_bytes)) as fresh,
    ):
        # Without it a file that is shorter than it says cannot be read at all.
        damaged.execute("PRAGMA writable_schema = ON")
        fresh.execute("BEGIN")
        _copy_all(damaged, fresh)
        fresh.execute("COMMIT")
        (count,) = fresh.execute("SELECT count(*) FROM reads").fetchone()
        # Numbers given out before may be lost: no device counts a thousand a second, so the
        # milliseconds since 1970 lie above all of them.
        Spool(fresh, bounds).raise_seqs(int(datetime.now(UTC).timestamp() * 1000))
    draft.rename(rescued)
    return count


def _copy_all(damaged: sqlite3.Connection, fresh: sqlite3.Connection) -> None:
    for columns in _SELECTIONS:
        for rows in _readable(damaged, columns):
            fresh.executemany(_INSERT, filter(_is_sound, rows))
    for table, columns in _BESIDES:
        marks = ",".join("?" * len(columns.split(",")))
        for rows in _until_damage(damaged, f"SELECT {columns} FROM {table}"):
            fresh.executemany(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})", rows)


Rows = list[tuple[object, ...]]


def _readable(damaged: sqlite3.Connection, columns: str) -> Iterator[Rows]:
    """Yield reads, a few at a time, around every place that cannot be read.

    Up to the damage, then in leaps until something can be read behind it, from there back to it.
    """
    query = f"SELECT id, {columns} FROM reads NOT INDEXED WHERE id"
    reached = -1
    while True:
        for rows in _until_damage(damaged, f"{query} > ? ORDER BY id", reached):
            reached = max(reached, _id(rows[-1]))
            yield rows
        behind = _leap(damaged, f"{query} > ? ORDER BY id LIMIT 1", reached)
        if behind is None:
            return
        for rows in _until_damage(damaged, f"{query} <= ? ORDER BY id DESC", behind):
            yield rows
            if _id(rows[-1]) <= reached:
                break
        reached = behind


def _until_damage(damaged: sqlite3.Connection, query: str, *start: int) -> Iterator[Rows]:
    """Yield rows up to the end or the first that cannot be read."""
    rows: Rows = []
    count = 0
    try:
        for row in damaged.execute(query, start):
            count += 1
            rows.append(row)
            if len(rows) == _CHUNK_ROWS:
                yield rows
                rows = []
    except sqlite3.DatabaseError:
        # The cursor looks one row ahead of the one it returns, which may still be good.
        with suppress(sqlite3.DatabaseError):
            rows += damaged.execute(f"{query} LIMIT 1 OFFSET ?", (*start, count)).fetchall()
    if rows:
        yield rows


def _leap(damaged: sqlite3.Connection, query: str, reached: int) -> int | None:
    """Return the first row that can be read at ever longer distances; None: there is none."""
    distance = 1
    while distance < _LONGEST_LEAP:
        with suppress(sqlite3.DatabaseError):
            row = damaged.execute(query, (reached + distance,)).fetchone()
            return None if row is None else _id(row)
        distance *= 2
    return None


def _id(row: tuple[object, ...]) -> int:
    return row[0] if isinstance(row[0], int) else 0


def _is_sound(row: tuple[object, ...]) -> bool:
    """Whether each column holds what was once written there, so that it can be stored again."""
    if not all(isinstance(*pair) for pair in zip(row, _READ_TYPES, strict=True)):
        return False
    try:
        outbox_file.read_tag(row[-1])
    except (ValueError, TypeError):
        return False
    return True
