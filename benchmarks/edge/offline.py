"""An agent without a network: what it needs after an hour of it, and how it starts again."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks.agents import write_config
from benchmarks.programs import free_port, serving

AN_HOUR: Final = 720_000
"""Reads at 200 a second."""
MANY: Final = 1_000_000
_CHUNK: Final = 5_000
_PATIENCE_S: Final = 300.0
_POLL_S: Final = 0.05
_MIB: Final = 1024 * 1024


@dataclass(frozen=True)
class Offline:
    """Memory in MiB, times in seconds."""

    memory_idle: float
    memory_after_an_hour: float
    fed_per_s: float
    outbox_bytes: int
    integrity_check: float
    restart_to_listening: float
    restart_to_durable: float
    memory_after_restart: float


class _Line:
    """The device's end: a TCP port that sends lines to the agent that connects."""

    async def open(self) -> int:
        """Begin to listen; return the port."""
        self._connected: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        self._server = await asyncio.start_server(
            lambda _, writer: self._connected.put_nowait(writer), "127.0.0.1", 0
        )
        return self._server.sockets[0].getsockname()[1]

    async def wait_connected(self) -> asyncio.StreamWriter:
        """Return the line to the agent that came last."""
        return await asyncio.wait_for(self._connected.get(), _PATIENCE_S)


async def measure(folder: Path) -> Offline:
    """Feed an agent whose backend is not there, as fast as it takes it; kill and start it."""
    line = _Line()
    outbox = folder / "offline.sqlite3"
    config = folder / "offline.toml"
    _configure(config, outbox, await line.open())
    async with _agent(config) as pid:
        writer = await line.wait_connected()
        await _feed(writer, outbox, 0, 1)
        idle = _memory(pid)
        began = time.monotonic()
        await _feed(writer, outbox, 1, AN_HOUR)
        fed_per_s = AN_HOUR / (time.monotonic() - began)
        after = _memory(pid)
        await _feed(writer, outbox, AN_HOUR, MANY)
        psutil.Process(pid).kill()
    size = outbox.stat().st_size
    checked = _seconds_of_check(outbox)
    began = time.monotonic()
    async with _agent(config) as pid:
        writer = await line.wait_connected()
        listening = time.monotonic() - began
        await _feed(writer, outbox, MANY, MANY + 1)
        durable = time.monotonic() - began
        again = _memory(pid)
    return Offline(idle, after, fed_per_s, size, checked, listening, durable, again)


@asynccontextmanager
async def _agent(config: Path) -> AsyncGenerator[int]:
    async with serving(["edge_agent", "--config", str(config)], {}, None) as pid:
        yield pid


async def _feed(writer: asyncio.StreamWriter, outbox: Path, start: int, end: int) -> None:
    """Send the lines with these numbers and wait until all are durable."""
    for first in range(start, end, _CHUNK):
        numbers = range(first, min(first + _CHUNK, end))
        writer.write(b"".join(b"]C1010400638193333921%09d\r" % number for number in numbers))
        await asyncio.wait_for(writer.drain(), _PATIENCE_S)
    until = time.monotonic() + _PATIENCE_S
    while _stored(outbox) < end:
        if time.monotonic() > until:
            raise TimeoutError(f"{_stored(outbox)} of {end} reads are in the outbox")
        await asyncio.sleep(_POLL_S)


def _stored(outbox: Path) -> int:
    with closing(sqlite3.connect(f"file:{outbox}?mode=ro", uri=True)) as file:
        return file.execute("SELECT coalesce(max(id), 0) FROM reads").fetchone()[0]


def _seconds_of_check(outbox: Path) -> float:
    """Return what the check of every start takes of the one that follows."""
    with closing(sqlite3.connect(outbox)) as file:
        began = time.monotonic()
        if file.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise RuntimeError("the outbox was damaged by a kill")
        return time.monotonic() - began


def _memory(pid: int) -> float:
    return psutil.Process(pid).memory_info().rss / _MIB


def _configure(config: Path, outbox: Path, port: int) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/graphql"
    uplink = {"url": nowhere, "client_id": "edge", "client_secret": "none"}
    device = {
        "code": "TILL-1",
        "read_point": "CHECKOUT",
        "port": f"127.0.0.1:{port}",
        "driver": "tcp",
        "protocol": "lines",
        "terminator": "cr",
    }
    write_config(config, uplink, {"path": str(outbox)}, [device])
