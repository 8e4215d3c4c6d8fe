"""The worker's loop: new sales are learned within a minute, everything anew at night."""

import asyncio
import logging
from contextlib import suppress
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.core.errors import Unreachable
from backend.core.principal import program
from backend.events import log as event_log
from backend.forecasting.jobs import statements
from backend.forecasting.jobs.runner import enqueue_strays
from backend.forecasting.rules import RunKind, RunReason
from backend.forecasting.service import standing
from backend.forecasting.service.orders import request
from backend.identity.organisations import organisation_ids
from backend.infra.database import Database
from backend.infra.work import Work

log = logging.getLogger(__name__)

PAUSE: Final = 5.0
"""Seconds between two looks."""
LEAST_PAUSE: Final = 15.0
"""Seconds between two updates: sales of that time are learned together."""
MOST_PAUSE: Final = 45.0
"""Seconds after which new sales are learned, however long the last update took."""
_SHARE: Final = 5
"""Updates take at most a fifth of the time, as long as that keeps sales waiting no longer."""
NIGHT: Final = 2
"""The hour, by the organisation's clock, from which on everything is trained."""


async def keep(database: Database, stopping: asyncio.Event) -> None:
    """Look after the forecasts of all organisations, until told to stop."""
    while not stopping.is_set():
        await look_at_all(database)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), PAUSE)


async def look_at_all(database: Database) -> None:
    """Ask for the runs that are due; one organisation that fails keeps no other waiting."""
    try:
        for org_id in await organisation_ids(database):
            try:
                await look_at(database, org_id)
            except Unreachable:
                raise
            except Exception:
                log.exception("could not look after the forecasts of %s", org_id)
    except Unreachable as exc:
        log.warning("forecasts wait for the database: %s", exc)


async def look_at(database: Database, org_id: UUID) -> None:
    """Ask for the runs of an organisation that are due, and anew for those that were lost."""
    who = program(org_id, "worker")
    async with database.work(who) as work:
        horizon = await event_log.horizon(work)
    async with database.work(who) as work:
        await work.rows(statements.BEGIN, org_id, 0)
        cursor = await work.row(statements.LOCK_CURSOR, org_id)
        if cursor is None:
            return
        await _learn_what_is_new(work, cursor, horizon)
        await _train_at_night(work, cursor)
        await enqueue_strays(work)


async def _learn_what_is_new(work: Work, cursor: dict[str, object], horizon: int) -> None:
    if not _is_time(work.now, cursor["updated_at"], cursor["update_seconds"]):
        return
    values = (work.principal.org_id, cursor["seq"], horizon)
    found = await work.row(statements.HAS_SALES, *values)
    if not (found and found["any"]):
        return
    await work.rows(statements.ADVANCE, work.principal.org_id, horizon)
    if await standing.champion(work) is None:
        await request(work, RunKind.TRAIN, RunReason.FIRST_SALES)
    else:
        await request(work, RunKind.UPDATE, RunReason.NEW_SALES)


def _is_time(now: datetime, updated_at: object, seconds: object) -> bool:
    """Tell whether the last update lies long enough back."""
    if not isinstance(updated_at, datetime):
        return True
    took = seconds if isinstance(seconds, float) else 0.0
    pause = min(max(LEAST_PAUSE, _SHARE * took), MOST_PAUSE)
    return (now - updated_at).total_seconds() >= pause


def night_due(now: datetime, timezone: str, trained_on: object) -> date | None:
    """Return the day, by a clock of that zone, whose training is due; None: it was had, or is not.

    An hour that clocks leave out or repeat in that night neither drops it nor doubles it.
    """
    local = now.astimezone(ZoneInfo(timezone))
    return None if local.hour < NIGHT or trained_on == local.date() else local.date()


async def _train_at_night(work: Work, cursor: dict[str, object]) -> None:
    day = night_due(work.now, work.timezone, cursor["trained_on"])
    if day is None:
        return
    await work.rows(statements.NOTE_NIGHT, work.principal.org_id, day)
    if cursor["trained_on"] is not None and await standing.champion(work) is not None:
        await request(work, RunKind.TRAIN, RunReason.NIGHTLY)
