"""Job: post batches of reads, several in flight, and say how long it took."""

import asyncio
import json
import random
import sys
import time
from typing import Any

from benchmarks import reads
from benchmarks.instance import run
from benchmarks.posting import Poster, request_of
from benchmarks.programs import cpu_seconds


async def _main(job: dict[str, Any]) -> dict[str, Any]:
    rng = random.Random(job["seed"])
    # One lane per device: an agent has one request in flight for each.
    lanes = [
        [
            request_of(job["token"], reads.body(reads.sent(job, number, rng)))
            for _ in range(job["batches"])
        ]
        for number in range(job["in_flight"])
    ]
    posters = [await Poster.connect(job["port"]) for _ in lanes]
    cpu = {name: -cpu_seconds(pid) for name, pid in job["watched"].items()}
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_lane(poster, lane))
            for poster, lane in zip(posters, lanes, strict=True)
        ]
    seconds = time.perf_counter() - started
    for name, pid in job["watched"].items():
        cpu[name] += cpu_seconds(pid)
    for poster in posters:
        await poster.close()
    accepted = sum(task.result() for task in tasks)
    batches = job["in_flight"] * job["batches"]
    if accepted != batches * reads.BATCH:
        raise RuntimeError(f"{accepted} of {batches * reads.BATCH} reads were accepted")
    return {"seconds": seconds, "reads": accepted, "batches": batches, "cpu": cpu}


async def _lane(poster: Poster, lane: list[bytes]) -> int:
    answers = [await poster.post(request) for request in lane]
    return sum(answer.count(b'"ACCEPTED"') for answer in answers)


if __name__ == "__main__":
    print(json.dumps(run(_main(json.load(sys.stdin)))))
