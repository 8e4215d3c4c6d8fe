"""What the supervisor is told about a program."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Probe: TypeAlias = Callable[[int], Awaitable[bool]]
"""Tells of a process id whether the program is ready."""

PROBE_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Program:
    """A program to run: how it is started, how one sees that it is ready, how it is stopped.

    `is_ready` is asked with the process id; None means ready as soon as it runs.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    is_ready: Probe | None = None
    start_timeout_s: float = 60.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 7.0


def answers(host: str, port: int, path: str) -> Probe:
    """Return a probe that is true once http://host:port/path answers 200."""

    async def probe(_pid: int) -> bool:
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                return await _status(host, port, path) == b"200"
        except (OSError, TimeoutError):
            return False

    return probe


async def _status(host: str, port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
        await writer.drain()
        words = (await reader.readline()).split()
    finally:
        writer.close()
    return words[1] if len(words) > 1 else b""


def exists(path: Path) -> Probe:
    """Return a probe that is true once a file is there."""

    async def probe(_pid: int) -> bool:
        return path.exists()  # noqa: ASYNC240 - one stat of a local file

    return probe


def cluster_is_ready(cluster: Path) -> Probe:
    """Return a probe that is true once this very process serves the PostgreSQL cluster."""

    async def probe(pid: int) -> bool:
        try:
            lines = (cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        # The file of a server that was killed stays behind, so the process must be the one.
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    return probe
