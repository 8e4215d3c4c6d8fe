"""The job queue and its schedules: pgqueuer in a schema of its own."""

from datetime import timedelta
from typing import Final

import asyncpg
from pgqueuer import Queries, QueueManager, SchedulerManager
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.adapters.persistence import qb
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel
from pgqueuer.ports.driver import Driver

from backend.infra.work import Work

SCHEMA: Final = "jobs"
_LOCK: Final = 0x5348_4C4A

_GRANTS: Final = """
grant usage on schema jobs to shelfcast_app;
grant select, insert, update, delete on all tables in schema jobs to shelfcast_app;
grant usage on all sequences in schema jobs to shelfcast_app;
"""

LAST_RUN: Final = "select greatest(max(last_run), max(created)) from jobs.pgqueuer_schedules"
"""When the worker last did or was given anything; schedules run at least once a minute."""


async def install(owner: asyncpg.Connection) -> None:
    """Create or upgrade the queue's tables as the owner; safe from several processes at once."""
    queries = _queries(AsyncpgDriver(owner))
    await owner.execute("select pg_advisory_lock($1)", _LOCK)
    try:
        if await queries.schema_is_installed():
            await queries.upgrade()
        else:
            await queries.install()
        await owner.execute(_GRANTS)
    finally:
        await owner.execute("select pg_advisory_unlock($1)", _LOCK)


def scheduler(pool: asyncpg.Pool) -> SchedulerManager:
    """Return the scheduler on a pool of at least two connections as role app."""
    return SchedulerManager(_queries(AsyncpgPoolDriver(pool)))


def queue(pool: asyncpg.Pool) -> QueueManager:
    """Return what takes jobs from the queue; it holds one connection of the pool to listen."""
    channel = Channel(DBSettings(db_schema=SCHEMA).channel)
    return QueueManager(_queries(AsyncpgPoolDriver(pool)), channel=channel)


async def enqueue(
    work: Work, entrypoint: str, payload: bytes, *, key: str, delay: timedelta | None = None
) -> None:
    """Ask for a job, in the transaction of the work: it is there when that commits.

    A job is done at least once. One that waits or runs under the same key stands for both.
    """
    async with work.tx.acquire_connection() as connection:
        await _queries(AsyncpgDriver(connection)).enqueue(
            entrypoint, payload, execute_after=delay, dedupe_key=key, on_conflict="skip"
        )


def _queries(driver: Driver) -> Queries:
    # Settings by hand: by default they come from the environment, for the whole process.
    settings = DBSettings(db_schema=SCHEMA)
    return Queries(
        driver,
        qbe=qb.QueryBuilderEnvironment(settings),
        qbq=qb.QueryQueueBuilder(settings),
        qbs=qb.QuerySchedulerBuilder(settings),
    )
