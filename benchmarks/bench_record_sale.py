"""One sale of one line: how long it takes, and how many a second against a plain server."""

import statistics
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg

from benchmarks import instance, retailer
from benchmarks.instance import Instance
from benchmarks.programs import free_port, run_job, serving
from benchmarks.results import Figure, Result, at_least, at_most, percentile

ROUNDS: Final = 3
CLIENTS: Final = 8
REQUESTS: Final = 100
"""Per round and client."""
IDLE_REQUESTS: Final = 400
IDLE_PAUSE: Final = 0.01
"""Seconds between two sales on the idle server."""

Servers = dict[str, tuple[int, int]]
"""Port and pid of the server of each kind of request."""


async def run() -> Result:
    """Measure one client on an idle server, then eight at once on ours and on the plain one."""
    async with instance.running() as installation, _plain(installation) as plain:
        await retailer.set_up(installation)
        ours = (installation.port, installation.backend_pid)
        servers: Servers = {"short cut": ours, "general": ours, "plain": plain}
        for kind in servers:
            await _send(installation, servers, kind, seed=0, clients=2, requests=30)
        idle = {
            kind: await _send(
                installation, servers, kind, seed=1, requests=IDLE_REQUESTS, pause=IDLE_PAUSE
            )
            for kind in ("short cut", "plain")
        }
        rounds = [
            {
                kind: await _send(
                    installation, servers, kind, seed=seed, clients=CLIENTS, requests=REQUESTS
                )
                for kind in servers
            }
            for seed in range(2, 2 + ROUNDS)
        ]
    return Result("record_sale", [*_idle_figures(idle), *_busy_figures(rounds)])


@asynccontextmanager
async def _plain(installation: Instance) -> AsyncGenerator[tuple[int, int]]:
    """Run the plain server on a database of its own in the same PostgreSQL."""
    connection = await asyncpg.connect(installation.owner_url)
    await connection.execute("create database plain")
    await connection.close()
    parts = urlsplit(installation.owner_url)
    # Tortoise takes the socket's folder as a parameter too, but under its own scheme.
    url = parts._replace(scheme="asyncpg", path="/plain").geturl()
    port = free_port()
    words = ["benchmarks.plain_server", "--url", url, "--port", str(port)]
    async with serving(words, {}, f"http://127.0.0.1:{port}/healthz") as pid:
        yield port, pid


async def _send(  # noqa: PLR0913 - what makes a round
    installation: Instance,
    servers: Servers,
    kind: str,
    *,
    seed: int,
    requests: int,
    clients: int = 1,
    pause: float = 0.0,
) -> dict[str, Any]:
    port, pid = servers[kind]
    job = {
        "kind": kind,
        "seed": seed,
        "requests": requests,
        "clients": clients,
        "pause": pause,
        "port": port,
        "pid": pid,
        "token": installation.token,
    }
    return await run_job("benchmarks.send_sales", job)


def _idle_figures(idle: dict[str, dict[str, Any]]) -> list[Figure]:
    ours = [seconds * 1000 for seconds in idle["short cut"]["latencies"]]
    plain = [seconds * 1000 for seconds in idle["plain"]["latencies"]]
    return [
        at_most("idle, p50", percentile(ours, 50), "ms", 10),
        at_most("idle, p99", percentile(ours, 99), "ms", 40),
        Figure("idle, p50 of the plain server", percentile(plain, 50), "ms"),
        Figure("idle, p99 of the plain server", percentile(plain, 99), "ms"),
    ]


def _busy_figures(rounds: list[dict[str, dict[str, Any]]]) -> list[Figure]:
    def rate(kind: str) -> float:
        return statistics.median(one[kind]["requests"] / one[kind]["seconds"] for one in rounds)

    def cpu(kind: str) -> float:
        return statistics.median(one[kind]["cpu"] / one[kind]["requests"] for one in rounds) * 1000

    def ratio(kind: str) -> float:
        return statistics.median(one["plain"]["seconds"] / one[kind]["seconds"] for one in rounds)

    return [
        Figure(f"{CLIENTS} clients", rate("short cut"), "sales/s"),
        Figure(f"{CLIENTS} clients, without the short cut", rate("general"), "sales/s"),
        Figure(f"{CLIENTS} clients, plain server", rate("plain"), "sales/s"),
        at_least("against the plain server", ratio("short cut"), "×", 3),
        Figure("against the plain server, without the short cut", ratio("general"), "×"),
        Figure("processor time of the backend", cpu("short cut"), "ms/sale"),
        Figure("the same without the short cut", cpu("general"), "ms/sale"),
        Figure("processor time of the plain server", cpu("plain"), "ms/sale"),
    ]
