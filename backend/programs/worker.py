"""The background worker: what is due by the clock, in one process or several."""

import asyncio
import logging
import random
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg
from pgqueuer.models import Schedule

from backend.analytics.rollups import keeping
from backend.app import reactions
from backend.core.settings import BackendSettings
from backend.events.notify import notifying
from backend.forecasting.jobs import following as following_sales
from backend.forecasting.jobs.process import Computer
from backend.forecasting.jobs.workshop import bounds_of
from backend.forecasting.outlooks import GoalOutlooks
from backend.identity.keys import KeyRing
from backend.identity.organisations import organisation_ids
from backend.infra import jobs
from backend.infra.database import Database
from backend.infra.secret_key import secret_key
from backend.programs import (
    command,
    fleet,
    forecasting,
    goals,
    months,
    reporting,
    retention,
    sales_retention,
)
from backend.reports import restating
from backend.reports.press import Press

log = logging.getLogger(__name__)

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 15.0
_KEY_AGE: Final = timedelta(days=90)
"""Age at which the signing key of access tokens is followed by another."""
_DRAIN: Final = 5.0
"""Seconds a running job gets after SIGTERM."""


def main(argv: list[str]) -> int:
    """Work until SIGINT or SIGTERM."""
    parser = command.parser("worker", "Do what is due by the clock.")
    parser.add_argument("--once", action="store_true", help="do everything now, then stop")
    arguments = parser.parse_args(argv)
    return command.run("worker", lambda: _run(command.settings_of(arguments), arguments.once))


def _run(settings: BackendSettings, once: bool) -> int:
    command.log_to_stderr(settings)
    with command.owner_url(settings) as url:
        if once:
            asyncio.run(_once(settings, url))
        else:
            asyncio.run(_until_signal(settings, url))
    return 0


async def _once(settings: BackendSettings, url: str) -> None:
    async with command.open_database(settings, url, reactions()) as database:
        for org_id in await organisation_ids(database):
            await keeping.catch_up(database, org_id)
        await months.keep(database)
        log.info("purged: %s", await retention.purge(database, settings, datetime.now(UTC)))
        log.info("let go: %s", await sales_retention.let_go(database, settings, datetime.now(UTC)))
        await fleet.look_after(database, settings)
        await goals.look_after(database, GoalOutlooks())
        await reporting.order_due(database)
        await restating.look_at_all(database)
        await forecasting.catch_up(database, settings)


async def _rotate_keys(database: Database, settings: BackendSettings) -> None:
    keys = KeyRing(database, secret_key(settings))
    if await keys.rotate_when_older(_KEY_AGE, settings.token_lifetime):
        log.info("made the next signing key")


async def _until_signal(settings: BackendSettings, url: str) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await work_until(stopping, settings, url)


async def work_until(stopping: asyncio.Event, settings: BackendSettings, url: str) -> None:
    """Run the schedules until told to stop; a database that goes away is waited for."""
    pause = _FIRST_PAUSE
    while not stopping.is_set():
        try:
            await _work(stopping, settings, url)
            pause = _FIRST_PAUSE
        except Exception:
            log.exception("the worker lost its footing; it goes on in %.1f s", pause)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause * random.uniform(0.8, 1.2))
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _work(stopping: asyncio.Event, settings: BackendSettings, url: str) -> None:
    small = settings.model_copy(update={"pool_size": 4})
    async with (
        Database(small, url, reactions()) as database,
        notifying(database),
        Computer(settings.forecast_memory) as computer,
        asyncpg.create_pool(settings.role_url("app", url), min_size=3, max_size=4) as pool,
    ):
        scheduler, queue = jobs.scheduler(pool), jobs.queue(pool)
        reporting.take_jobs(queue, Press(database, settings))
        forecasting.take_jobs(queue, database, computer, bounds_of(settings))

        @scheduler.schedule("heartbeat", "* * * * *")
        async def heartbeat(_: Schedule) -> None:
            """Leave a trace of life: `shelfcast doctor` reads when it last ran."""

        @scheduler.schedule("agents", "* * * * * */10")
        async def look_after_agents(_: Schedule) -> None:
            await fleet.look_after(database, settings)

        @scheduler.schedule("goals", "* * * * * */15")
        async def look_after_goals(_: Schedule) -> None:
            await goals.look_after(database, GoalOutlooks())

        @scheduler.schedule("reports", "* * * * *")
        async def order_reports(_: Schedule) -> None:
            await reporting.order_due(database)

        @scheduler.schedule("restated", "*/10 * * * *")
        async def compare_reports(_: Schedule) -> None:
            await restating.look_at_all(database)

        @scheduler.schedule("retention", "7 * * * *")
        async def purge(_: Schedule) -> None:
            log.info("purged: %s", await retention.purge(database, settings, datetime.now(UTC)))

        months.take_schedules(scheduler, database, settings)
        log.info("the worker is ready")

        @scheduler.schedule("signing_keys", "23 3 * * *")
        async def rotate_keys(_: Schedule) -> None:
            await _rotate_keys(database, settings)

        running = asyncio.create_task(scheduler.run(), name="schedules")
        making = asyncio.create_task(queue.run(batch_size=2), name="jobs")
        told = asyncio.create_task(stopping.wait(), name="stop signal")
        rolling = asyncio.create_task(keeping.keep(database, stopping), name="roll-ups")
        following = asyncio.create_task(following_sales.keep(database, stopping), name="forecasts")
        await asyncio.wait({running, making, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        rolling.cancel()
        following.cancel()
        scheduler.shutdown.set()
        queue.shutdown.set()
        ended = await asyncio.gather(
            asyncio.wait_for(running, _DRAIN), _ended(making), return_exceptions=True
        )
        for one in ended:
            if isinstance(one, BaseException):
                raise one


async def _ended(making: asyncio.Task[None]) -> None:
    """Wait a moment for the jobs at hand; what is not done goes on where it was, another time."""
    try:
        await asyncio.wait_for(making, _DRAIN)
    except TimeoutError:
        log.info("a job at hand is left to whoever takes it up again")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
