"""Job: keep reads coming at a steady rate from several places, in small batches."""

import asyncio
import json
import random
import sys
from typing import Any, Final

from benchmarks import reads
from benchmarks.instance import run
from benchmarks.posting import Poster, request_of

INTERVAL: Final = 0.1
"""Seconds between two batches of one place."""


async def _main(job: dict[str, Any]) -> dict[str, Any]:
    size = round(job["rate"] * INTERVAL / job["places"])
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_place(job, number, size)) for number in range(job["places"])]
    return {"rate": sum(task.result() for task in tasks) / job["seconds"]}


async def _place(job: dict[str, Any], number: int, size: int) -> int:
    rng = random.Random(number)
    poster = await Poster.connect(job["port"])
    loop = asyncio.get_running_loop()
    next_at = loop.time() + INTERVAL * number / job["places"]
    until = next_at + job["seconds"]
    accepted = 0
    while next_at < until:
        await asyncio.sleep(next_at - loop.time())
        next_at += INTERVAL
        body = reads.body(reads.batch(number, rng.choice(job["roles"]), rng, size, job["products"]))
        answer = await poster.post(request_of(job["token"], body))
        accepted += answer.count(b'"ACCEPTED"')
    await poster.close()
    return accepted


if __name__ == "__main__":
    print(json.dumps(run(_main(json.load(sys.stdin)))))
