"""What the worker does for forecasts: takes the runs that were asked for."""

from datetime import timedelta
from uuid import UUID

import msgspec
from pgqueuer import QueueManager
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job

from backend.core.principal import program
from backend.core.settings import BackendSettings
from backend.forecasting import service
from backend.forecasting.jobs import following
from backend.forecasting.jobs.folders import sweep
from backend.forecasting.jobs.process import Computer
from backend.forecasting.jobs.runner import Runner
from backend.forecasting.jobs.workshop import Bounds, bounds_of
from backend.forecasting.rules import RunStatus
from backend.forecasting.service import RunCriteria
from backend.forecasting.service.orders import ENTRYPOINT
from backend.identity.organisations import organisation_ids
from backend.infra.database import Database

AT_ONCE = 1
"""Runs that all workers together do at the same time: each takes a core."""


def take_jobs(queue: QueueManager, database: Database, computer: Computer, bounds: Bounds) -> None:
    """Let a queue hand its runs of forecasting to this process.

    What runs that were killed before left in the folder for temporary files is removed.
    """
    sweep()
    runner = Runner(database, computer, bounds)

    @queue.entrypoint(ENTRYPOINT, concurrency_limit=AT_ONCE)
    async def forecast(job: Job) -> None:
        again = await done(runner, job.payload or b"{}")
        if again is not None:
            raise RetryRequested(delay=again)


async def done(runner: Runner, payload: bytes) -> timedelta | None:
    """Do the run a job is about; return after which time to try again, None: not at all."""
    asked = msgspec.json.decode(payload, type=dict[str, UUID])
    return await runner.run(asked["org"], asked["run"])


async def catch_up(database: Database, settings: BackendSettings) -> None:
    """Do all runs that are due or were asked for, here and now."""
    await following.look_at_all(database)
    open_ = RunCriteria(statuses=frozenset({RunStatus.WAITING, RunStatus.RUNNING}))
    async with Computer(settings.forecast_memory) as computer:
        runner = Runner(database, computer, bounds_of(settings))
        for org_id in await organisation_ids(database):
            async with database.work(program(org_id, "worker"), read_only=True) as work:
                page = await service.runs(work, open_, first=20)
            for _, run in reversed(page.rows):
                await runner.run(org_id, run.id)
