"""Reads per second through `ingestReads`, against the bare statements behind it."""

import statistics
from dataclasses import dataclass
from typing import Any, Final

from benchmarks import instance, retailer
from benchmarks.instance import Instance
from benchmarks.programs import run_job
from benchmarks.results import Figure, Result, at_least

ROUNDS: Final = 3
IN_FLIGHT: Final = 4
BATCHES: Final = 24
"""Per round and connection."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is read: `tags` None are barcodes, "new" pieces, "known" pieces read before."""

    name: str
    role: str
    tags: str | None = None
    goal: int | None = 20_000


KINDS: Final = (
    _Kind("RECEIVING", "RECEIVING"),
    _Kind("CHECKOUT", "CHECKOUT"),
    _Kind("SHELF", "SHELF"),
    _Kind("Tags, RECEIVING new pieces", "RECEIVING", "new", goal=None),
    _Kind("Tags, CHECKOUT of these", "CHECKOUT", "new", goal=None),
    _Kind("Tags, SHELF again and again", "SHELF", "known"),
)


async def run() -> Result:
    """Measure each kind in turn with its bare twin; at CHECKOUT every read is a sale."""
    async with instance.running() as installation:
        await retailer.set_up(installation)
        figures: list[Figure] = []
        raw: dict[str, Any] = {}
        for kind in KINDS:
            await _measure(installation, kind, seed=0, batches=4)  # caches and plans are warm then
            pairs = [
                await _measure(installation, kind, seed=round_, batches=BATCHES)
                for round_ in range(1, ROUNDS + 1)
            ]
            raw[kind.name] = pairs
            figures += _figures(kind, pairs)
    return Result("ingest", figures, raw=raw)


async def _measure(
    installation: Instance, kind: _Kind, *, seed: int, batches: int
) -> dict[str, dict[str, Any]]:
    job = {
        "role": kind.role,
        "tags": kind.tags,
        "batches": batches,
        "in_flight": IN_FLIGHT,
        "port": installation.port,
        "token": installation.token,
        "owner_url": installation.owner_url,
        "org_id": installation.org_id,
        "watched": installation.watched,
    }
    return {
        "http": await run_job("benchmarks.send_reads", job | {"seed": 2 * seed}),
        "bare": await run_job("benchmarks.replay_reads", job | {"seed": 2 * seed + 1}),
    }


def _figures(kind: _Kind, pairs: list[dict[str, dict[str, Any]]]) -> list[Figure]:
    def median(side: str) -> float:
        return statistics.median(pair[side]["reads"] / pair[side]["seconds"] for pair in pairs)

    def cpu(process: str) -> float:
        return statistics.median(
            pair["http"]["cpu"][process] / pair["http"]["batches"] for pair in pairs
        )

    ratio = statistics.median(pair["bare"]["seconds"] / pair["http"]["seconds"] for pair in pairs)
    role, over_http = kind.name, f"{kind.name}: ingestReads over HTTP"
    return [
        Figure(over_http, median("http"), "reads/s")
        if kind.goal is None
        else at_least(over_http, median("http"), "reads/s", kind.goal),
        Figure(f"{role}: the bare statements", median("bare"), "reads/s"),
        at_least(f"{role}: share of the bare statements", ratio, "×", 0.25),
        Figure(f"{role}: processor time of the backend", cpu("backend") * 1000, "ms/500 reads"),
        Figure(f"{role}: processor time of PostgreSQL", cpu("postgres") * 1000, "ms/500 reads"),
    ]
