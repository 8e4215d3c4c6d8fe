"""Job: several clients record sales one by one; say how long each took."""

import asyncio
import json
import random
import sys
import time
from typing import Any

from benchmarks import sales
from benchmarks.instance import run
from benchmarks.posting import Poster, request_of
from benchmarks.programs import cpu_seconds


async def _main(job: dict[str, Any]) -> dict[str, Any]:
    rng = random.Random(job["seed"])
    lanes = [
        [request_of(job["token"], sales.body(job["kind"], rng)) for _ in range(job["requests"])]
        for _ in range(job["clients"])
    ]
    posters = [await Poster.connect(job["port"]) for _ in lanes]
    cpu = -cpu_seconds(job["pid"])
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_lane(poster, lane, job["pause"]))
            for poster, lane in zip(posters, lanes, strict=True)
        ]
    seconds = time.perf_counter() - started
    cpu += cpu_seconds(job["pid"])
    for poster in posters:
        await poster.close()
    taken = [one for task in tasks for one in task.result()]
    return {"seconds": seconds, "requests": len(taken), "latencies": taken, "cpu": cpu}


async def _lane(poster: Poster, lane: list[bytes], pause: float) -> list[float]:
    taken: list[float] = []
    for request in lane:
        started = time.perf_counter()
        answer = await poster.post(request)
        taken.append(time.perf_counter() - started)
        if b'"ACCEPTED"' not in answer:
            raise RuntimeError(answer.decode())
        await asyncio.sleep(pause)
    return taken


if __name__ == "__main__":
    print(json.dumps(run(_main(json.load(sys.stdin)))))
