"""The edge agent: what is durable per second, latency, processor, memory, starts; and its peers."""

import tempfile
from pathlib import Path

from backend.core.scopes import Scope
from benchmarks import instance, retailer
from benchmarks.edge import buffers, installed, latency, offline, tags
from benchmarks.edge.buffers import Rates
from benchmarks.edge.latency import Latencies
from benchmarks.results import Figure, Result, percentile


async def run() -> Result:
    """Measure one after the other."""
    with tempfile.TemporaryDirectory(prefix="bench-edge-") as name:
        folder = Path(name)
        rates = await buffers.measure(folder)
        queued = await offline.measure(folder)
        async with instance.running() as installation:
            await retailer.set_up(installation)
            client = await instance.make_client(
                installation.owner_url, installation.org_id, "edge", Scope.READS_WRITE
            )
            delays = await latency.measure(installation, client, folder)
            cost = await tags.measure(installation, client, folder)
        environment = await installed.measure(folder)
    figures = [
        *_buffer_figures(rates),
        *_latency_figures(delays),
        Figure(f"core, {tags.RATE:,} new tags/s, each came and went", cost.core_share * 100, "%"),
        Figure("memory, idle", queued.memory_idle, "MiB"),
        Figure("memory, 720,000 reads queued", queued.memory_after_an_hour, "MiB"),
        Figure("memory, started with 1,000,000 queued", queued.memory_after_restart, "MiB"),
        Figure("outbox file, 1,000,000 reads", queued.outbox_bytes / 1e6, "MB"),
        Figure("integrity check of it, part of every start", queued.integrity_check, "s"),
        Figure("start with 1,000,000 queued, until it listens", queued.restart_to_listening, "s"),
        Figure("… until a new read is durable", queued.restart_to_durable, "s"),
        Figure("pip install of the extra edge, beside pip", environment.megabytes, "MB"),
        Figure("import of the agent", environment.import_s, "s"),
    ]
    notes = [
        f"{buffers.PRODUCERS} producers, each waiting for the disk; synchronous=FULL everywhere",
        f"an hour offline at 200 reads/s was fed at {queued.fed_per_s:,.0f}/s",
        f"{cost.in_ledger:,} of {cost.tags:,} new tags in the ledger",
        f"the environment has {environment.packages} packages beside ours",
    ]
    return Result("edge", figures, notes)


def _buffer_figures(rates: dict[str, Rates]) -> list[Figure]:
    ours = rates["outbox"]
    figures: list[Figure] = []
    for name, theirs in rates.items():
        figures.append(Figure(f"{name}: durable", theirs.stored, "reads/s"))
        figures.append(Figure(f"{name}: taken and acknowledged", theirs.taken, "reads/s"))
        if theirs is not ours:
            figures.append(Figure(f"outbox / {name}, durable", ours.stored / theirs.stored, "×"))
            figures.append(Figure(f"outbox / {name}, taken", ours.taken / theirs.taken, "×"))
    return figures


def _latency_figures(delays: Latencies) -> list[Figure]:
    return [
        Figure(f"byte → {what}, p{percent}", percentile(values, percent), "ms")
        for what, values in (("durable", delays.durable), ("ledger", delays.ledger))
        for percent in (50, 95, 99)
    ]
