"""The worker's loop over organisations: each is rolled up to the log's horizon."""

import asyncio
import logging
from contextlib import suppress
from typing import Final
from uuid import UUID

import asyncpg

from backend.analytics.rollups import folding, rolling
from backend.core.errors import Unreachable
from backend.core.principal import program
from backend.events import log as event_log
from backend.identity.organisations import organisation_ids
from backend.infra.database import Database

log = logging.getLogger(__name__)


PAUSE: Final = 0.25
"""Seconds between two looks while nothing happens."""
A_FEW: Final = 2_000
"""Facts a grain may lack for long: reading them costs next to nothing."""
MANY: Final = 50_000
"""Facts a grain lacks before it is folded while sales pour in."""
MOST: Final = 1_000_000
"""Facts folded in one step, each grain's counted."""
MOST_MEANWHILE: Final = 100_000
"""The same while sales pour in, so that these are never long behind."""
_PAUSE_AFTER_FAILURE: Final = 5.0


async def keep(database: Database, stopping: asyncio.Event) -> None:
    """Keep the roll-ups of all organisations, until told to stop.

    One that fails is tried again later and keeps none of the others waiting.
    """
    failed: dict[UUID, float] = {}
    clock = asyncio.get_running_loop().time
    while not stopping.is_set():
        is_done = True
        try:
            due = [one for one in await organisation_ids(database) if failed.get(one, 0) < clock()]
            for org_id in due:
                try:
                    is_done &= await step(database, org_id)
                except Unreachable:
                    raise
                except Exception:
                    log.exception("could not roll up the sales of %s", org_id)
                    failed[org_id] = clock() + _PAUSE_AFTER_FAILURE
        except Unreachable as exc:
            log.warning("roll-ups wait for the database: %s", exc)
        if is_done:
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), PAUSE)


async def catch_up(database: Database, org_id: UUID) -> None:
    """Roll everything of an organisation that is recorded so far, fold and mark all of it."""
    while not (await _roll(database, org_id)).is_done:
        pass
    while await _fold(database, org_id, 1, MOST):
        pass
    while await _mark(database, org_id):
        pass


async def step(database: Database, org_id: UUID) -> bool:
    """Roll some of what an organisation recorded, then fold some; tell whether nothing is left.

    While there is much to roll only grains that lack much are folded, and few of them. Where
    nothing is left a month is marked, or one that is over is settled.
    """
    rolled = await _roll(database, org_id)
    bounds = (A_FEW, MOST) if rolled.is_done else (MANY, MOST_MEANWHILE)
    folds = await _fold(database, org_id, *bounds)
    if not rolled.is_done or folds:
        return False
    async with database.work(program(org_id, "roll-ups")) as work:
        return not (await rolling.mark(work) or await rolling.settle(work))


async def _roll(database: Database, org_id: UUID) -> rolling.Rolled:
    who = program(org_id, "roll-ups")
    async with database.work(who) as work:
        horizon = await event_log.horizon(work)
    try:
        async with database.work(who) as work:
            return await rolling.roll(work, horizon)
    except asyncpg.NumericValueOutOfRangeError:
        return await _turn_off(database, org_id)


async def _fold(database: Database, org_id: UUID, least: int, most: int) -> bool:
    try:
        async with database.work(program(org_id, "roll-ups")) as work:
            return await folding.fold(work, least, most)
    except asyncpg.NumericValueOutOfRangeError:
        await _turn_off(database, org_id)
        return False


async def _mark(database: Database, org_id: UUID) -> bool:
    async with database.work(program(org_id, "roll-ups")) as work:
        return await rolling.mark(work)


async def _turn_off(database: Database, org_id: UUID) -> rolling.Rolled:
    log.error("figures of %s outgrow its roll-ups: they are given up", org_id)
    async with database.work(program(org_id, "roll-ups")) as work:
        await rolling.turn_off(work)
    return rolling.NOTHING
