"""CPU per delivered message: ours, plain Strawberry, and sockets with no GraphQL at all."""

import statistics
from typing import Any, Final

from benchmarks.programs import free_port, run_job, serving
from benchmarks.results import Figure, Result, at_least, at_most

SOCKETS: Final = 50
ROUNDS: Final = 3
KINDS: Final = ("shared", "plain", "raw")


async def run() -> Result:
    """Send the same messages to 50 sockets and to one, each way in turn."""
    alone: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    many: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for _ in range(ROUNDS):
        for kind in KINDS:
            alone[kind].append(await _measure(kind, 1))
            many[kind].append(await _measure(kind, SOCKETS))
    microseconds = {kind: _marginal(alone[kind], many[kind]) for kind in KINDS}
    shared, plain, raw = (microseconds[kind] for kind in KINDS)
    figures = [
        at_most("one more subscriber, per message", shared, "µs CPU", 15),
        Figure("the same with plain Strawberry", plain, "µs CPU"),
        Figure("the same with websockets.broadcast", raw, "µs CPU"),
        at_least("cheaper than plain Strawberry", plain / shared, "×", 7),
        Figure("dearer than websockets.broadcast", shared / raw, "×"),
    ]
    notes = [f"{SOCKETS} sockets against one, median of {ROUNDS} rounds, no compression"]
    return Result("delivery", figures, notes, raw={"alone": alone, "many": many})


async def _measure(kind: str, sockets: int) -> dict[str, Any]:
    port = free_port()
    words = ["benchmarks.delivery_server", kind, str(port)]
    async with serving(words, {}, f"http://127.0.0.1:{port}/ready") as pid:
        job = {"kind": kind, "port": port, "pid": pid, "sockets": sockets}
        return await run_job("benchmarks.take_deliveries", job)


def _marginal(alone: list[dict[str, Any]], many: list[dict[str, Any]]) -> float:
    """Return microseconds of CPU per message and socket beyond the first."""
    one = statistics.median(found["cpu"] for found in alone)
    all_of_them = statistics.median(found["cpu"] for found in many)
    messages = many[0]["messages"] - alone[0]["messages"]
    return (all_of_them - one) / messages * 1e6
