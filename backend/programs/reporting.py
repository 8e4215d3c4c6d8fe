"""What the worker does for reports: orders what is due, makes what was ordered."""

from datetime import timedelta
from uuid import UUID

import msgspec
from pgqueuer import QueueManager
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job

from backend.core.principal import program
from backend.identity.organisations import organisation_ids
from backend.infra.database import Database
from backend.reports import runs, schedules
from backend.reports.press import Press

AT_ONCE = 2
"""Reports that all workers together make at the same time."""


async def order_due(database: Database) -> None:
    """Order the reports of all organisations that are due, and anew those that were lost."""
    for org_id in await organisation_ids(database):
        async with database.work(program(org_id, "worker")) as work:
            await schedules.order_due(work)
        async with database.work(program(org_id, "worker")) as work:
            await runs.enqueue_strays(work)


def take_jobs(queue: QueueManager, press: Press) -> None:
    """Let a queue hand its reports to a press."""

    @queue.entrypoint(runs.ENTRYPOINT, concurrency_limit=AT_ONCE)
    async def make(job: Job) -> None:
        again = await made(press, job.payload or b"{}")
        if again is not None:
            raise RetryRequested(delay=again)


async def made(press: Press, payload: bytes) -> timedelta | None:
    """Make the report a job is about; return after which time to try again, None: not at all."""
    asked = msgspec.json.decode(payload, type=dict[str, UUID])
    return await press.run(asked["org"], asked["run"])
