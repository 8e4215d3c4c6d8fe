"""Reads per second through `ingestReads`, against the bare statements behind it."""

import statistics
from typing import Any, Final

from benchmarks import instance, retailer
from benchmarks.instance import Instance
from benchmarks.programs import run_job
from benchmarks.results import Figure, Result, at_least

ROUNDS: Final = 3
IN_FLIGHT: Final = 4
BATCHES: Final = 24
"""Per round and connection."""


async def run() -> Result:
    """Measure RECEIVING, CHECKOUT (a sale per read) and SHELF in turn with their bare twins."""
    async with instance.running() as installation:
        await retailer.set_up(installation)
        figures: list[Figure] = []
        raw: dict[str, Any] = {}
        for role in ("RECEIVING", "CHECKOUT", "SHELF"):
            await _measure(installation, role, seed=0, batches=4)  # caches and plans are warm then
            pairs = [
                await _measure(installation, role, seed=round_, batches=BATCHES)
                for round_ in range(1, ROUNDS + 1)
            ]
            raw[role] = pairs
            figures += _figures(role, pairs)
    return Result("ingest", figures, raw=raw)


async def _measure(
    installation: Instance, role: str, *, seed: int, batches: int
) -> dict[str, dict[str, Any]]:
    job = {
        "role": role,
        "seed": seed,
        "batches": batches,
        "in_flight": IN_FLIGHT,
        "port": installation.port,
        "token": installation.token,
        "owner_url": installation.owner_url,
        "org_id": installation.org_id,
        "watched": installation.watched,
    }
    return {
        "http": await run_job("benchmarks.send_reads", job),
        "bare": await run_job("benchmarks.replay_reads", job),
    }


def _figures(role: str, pairs: list[dict[str, dict[str, Any]]]) -> list[Figure]:
    def median(side: str) -> float:
        return statistics.median(pair[side]["reads"] / pair[side]["seconds"] for pair in pairs)

    def cpu(process: str) -> float:
        return statistics.median(
            pair["http"]["cpu"][process] / pair["http"]["batches"] for pair in pairs
        )

    ratio = statistics.median(pair["bare"]["seconds"] / pair["http"]["seconds"] for pair in pairs)
    return [
        at_least(f"{role}: ingestReads over HTTP", median("http"), "reads/s", 20_000),
        Figure(f"{role}: the bare statements", median("bare"), "reads/s"),
        at_least(f"{role}: share of the bare statements", ratio, "×", 0.25),
        Figure(f"{role}: processor time of the backend", cpu("backend") * 1000, "ms/500 reads"),
        Figure(f"{role}: processor time of PostgreSQL", cpu("postgres") * 1000, "ms/500 reads"),
    ]
