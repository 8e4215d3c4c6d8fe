"""Job: the same set-based statements as `ingestReads`, by bare asyncpg with columns at hand.

Batches are ingested once by the product's own code in transactions that are rolled back; what they
would have written is remembered, then written for real. So the statements never differ from the
product's.
"""

import asyncio
import json
import random
import sys
import time
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from backend.app import reactions
from backend.core.principal import program
from backend.devices import ingest
from backend.devices.rules import IngestDraft
from backend.infra import orm
from backend.infra.work import Work
from benchmarks import reads
from benchmarks.instance import run, settings
from benchmarks.programs import cpu_seconds

Statement = tuple[str, tuple[object, ...]]
_WRITES: Final = ("insert into", "update ", "append_events")
_IDENTIFY: Final = "identify("


class _RolledBack(Exception):
    """Ends a transaction without leaving anything."""


class _NotingWork(Work):
    """A unit of work that remembers what it ran."""

    def note_in(self, statements: list[Statement]) -> None:
        self._statements = statements

    async def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Run one statement and return its rows."""
        lowered = sql.lower()
        if any(word in lowered for word in (*_WRITES, _IDENTIFY)):
            self._statements.append((sql, values))
        return await super().rows(sql, *values)


async def _main(job: dict[str, Any]) -> dict[str, Any]:
    url = settings().role_url("app", job["owner_url"])
    async with asyncpg.create_pool(url, min_size=job["in_flight"]) as pool:
        lanes = await _prepare(pool, job)
        cpu = {name: -cpu_seconds(pid) for name, pid in job["watched"].items()}
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for lane in lanes:
                group.create_task(_replay(pool, lane))
        seconds = time.perf_counter() - started
        for name, pid in job["watched"].items():
            cpu[name] += cpu_seconds(pid)
    batches = job["in_flight"] * job["batches"]
    return {"seconds": seconds, "reads": batches * reads.BATCH, "batches": batches, "cpu": cpu}


async def _prepare(pool: asyncpg.Pool, job: dict[str, Any]) -> list[list[list[Statement]]]:
    await orm.prepare_models()
    rng = random.Random(job["seed"])
    org_id = UUID(job["org_id"])
    return [
        [
            await _statements(pool, org_id, reads.sent(job, number, rng))
            for _ in range(job["batches"])
        ]
        for number in range(job["in_flight"])
    ]


async def _statements(pool: asyncpg.Pool, org_id: UUID, batch: dict[str, Any]) -> list[Statement]:
    draft = msgspec.convert(batch, IngestDraft)
    noted: list[Statement] = []
    try:
        async with orm.transaction(pool, 10, read_only=False) as tx:
            who = program(org_id, "benchmark")
            work = _NotingWork(tx, who, datetime.now(UTC), reactions(), lambda _: b"")
            work.note_in(noted)
            await work.identify()
            await ingest.ingest_reads(work, draft)
            await work.finish()
            raise _RolledBack  # noqa: TRY301 - the only way to leave without a commit
    except _RolledBack:
        return noted


async def _replay(pool: asyncpg.Pool, lane: list[list[Statement]]) -> None:
    async with pool.acquire() as connection:
        for statements in lane:
            async with connection.transaction():
                for sql, values in statements:
                    await connection.fetch(sql, *values)


if __name__ == "__main__":
    print(json.dumps(run(_main(json.load(sys.stdin)))))
