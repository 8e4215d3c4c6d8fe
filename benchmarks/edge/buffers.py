"""The same load through our outbox and through buffers that others install from the registry.

A hundred producers, each waiting until its read is on the disk before it makes the next; then all
is taken out and acknowledged. Every buffer flushes each commit (SQLite, synchronous=FULL).
"""

import asyncio
import contextlib
import importlib.util
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from edge_agent.clock import SystemClock
from edge_agent.outbox import Outbox
from edge_agent.reads import Read, Verdict, new_key
from edge_agent.settings import OutboxSettings
from edge_agent.spool import Selection

PRODUCERS: Final = 100
OUR_READS: Final = 60_000
PEERS_READS: Final = 6_000
_BATCH: Final = 500

_CREATE: Final = (
    "CREATE TABLE reads (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, device TEXT,"
    " read_point TEXT, raw BLOB, boot_id TEXT, wall_ms INTEGER, mono_ms INTEGER)"
)
_COLUMNS: Final = "key, device, read_point, raw, boot_id, wall_ms, mono_ms"
_INSERT: Final = f"INSERT INTO reads ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"

Put = Callable[[Read], Awaitable[object]]
Drain = Callable[[], Awaitable[int]]
"""Take everything out, acknowledged; return how many."""


@dataclass(frozen=True)
class Rates:
    """Reads per second."""

    stored: float
    taken: float


async def measure(folder: Path) -> dict[str, Rates]:
    """Return the rates of every buffer that is installed, ours first."""
    rates = {"outbox": await _rates(_outbox(folder), OUR_READS)}
    for name, (module, opened) in _PEERS.items():
        if importlib.util.find_spec(module):
            rates[name] = await _rates(opened(folder), PEERS_READS)
    return rates


async def _rates(buffer: AbstractAsyncContextManager[tuple[Put, Drain]], count: int) -> Rates:
    async with buffer as (put, drain):
        began = time.perf_counter()
        await asyncio.gather(*(_produce(put, count // PRODUCERS) for _ in range(PRODUCERS)))
        stored = time.perf_counter()
        taken = await drain()
        ended = time.perf_counter()
    if taken != count:
        raise RuntimeError(f"{count} went in, {taken} came out")
    return Rates(count / (stored - began), count / (ended - stored))


async def _produce(put: Put, count: int) -> None:
    now = SystemClock().now()
    draft = Read("", "till-1", "checkout", b"]E04006381333931", "]E0", now)
    for _ in range(count):
        await put(replace(draft, key=new_key()))


@asynccontextmanager
async def _outbox(folder: Path) -> AsyncGenerator[tuple[Put, Drain]]:
    async with Outbox(OutboxSettings(folder / "ours.sqlite3", ballast_bytes=0)) as outbox:

        async def put(read: Read) -> None:
            if await outbox.append([read]):
                raise RuntimeError("refused")

        async def drain() -> int:
            taken = 0
            while batch := await outbox.oldest(Selection(_BATCH)):
                await outbox.settle(batch.device, [Verdict(key) for key in batch.keys])
                taken += len(batch.rows)
            return taken

        yield put, drain


@asynccontextmanager
async def _persist_queue(folder: Path) -> AsyncGenerator[tuple[Put, Drain]]:
    import persistqueue

    queue: Any = persistqueue.SQLiteAckQueue(
        str(folder / "persist-queue"), auto_commit=True, multithreading=True
    )

    def take() -> int:
        taken = 0
        with contextlib.suppress(persistqueue.Empty):
            while True:
                queue.ack(queue.get(block=False))
                taken += 1
        return taken

    async with _threads() as in_thread:
        yield lambda read: in_thread(lambda: queue.put(read)), lambda: in_thread(take)
    queue.close()


@asynccontextmanager
async def _diskcache(folder: Path) -> AsyncGenerator[tuple[Put, Drain]]:
    import diskcache

    deque: Any = diskcache.Deque.fromcache(
        diskcache.Cache(str(folder / "diskcache"), sqlite_synchronous=2, eviction_policy="none")
    )

    def take() -> int:
        taken = 0
        with contextlib.suppress(IndexError):
            while True:
                deque.popleft()
                taken += 1
        return taken

    async with _threads() as in_thread:
        yield lambda read: in_thread(lambda: deque.append(read)), lambda: in_thread(take)


@asynccontextmanager
async def _aiosqlite(folder: Path) -> AsyncGenerator[tuple[Put, Drain]]:
    import aiosqlite

    async with aiosqlite.connect(folder / "aiosqlite.sqlite3") as connection:
        await connection.execute("PRAGMA journal_mode = WAL")
        await connection.execute("PRAGMA synchronous = FULL")
        await connection.execute(_CREATE)

        async def put(read: Read) -> None:
            at = read.observed
            row = (read.key, read.device, read.read_point, read.raw)
            await connection.execute(_INSERT, (*row, at.boot_id, at.wall_ms, at.mono_ms))
            await connection.commit()

        async def drain() -> int:
            taken = 0
            while True:
                # Whole rows: whoever takes reads out wants to send them.
                query = f"SELECT {_COLUMNS} FROM reads ORDER BY id LIMIT {_BATCH}"
                rows = list(await connection.execute_fetchall(query))
                if not rows:
                    return taken
                keys = [(row[0],) for row in rows]
                await connection.executemany("DELETE FROM reads WHERE key = ?", keys)
                await connection.commit()
                taken += len(rows)

        yield put, drain


_Opened = Callable[[Path], AbstractAsyncContextManager[tuple[Put, Drain]]]
_PEERS: Final[dict[str, tuple[str, _Opened]]] = {
    "persist-queue": ("persistqueue", _persist_queue),
    "diskcache": ("diskcache", _diskcache),
    "aiosqlite, one commit each": ("aiosqlite", _aiosqlite),
}


@asynccontextmanager
async def _threads() -> AsyncGenerator[Callable[[Callable[[], Any]], Awaitable[Any]]]:
    """Let calls that block wait in threads, one per producer."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(PRODUCERS) as pool:
        yield lambda call: loop.run_in_executor(pool, call)
