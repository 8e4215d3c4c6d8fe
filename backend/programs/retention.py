"""Deletes what is kept for a time only, in small steps that never hold a row for long."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backend.core.principal import Principal, program
from backend.core.settings import BackendSettings
from backend.events import log as event_log
from backend.fleet import enrolment
from backend.identity.oauth.grants import purge_expired
from backend.identity.organisations import organisation_ids
from backend.infra.database import Database
from backend.infra.work import Work
from backend.reports.statements import PURGE_FILES, PURGE_RUNS

_STEP: Final = 5_000
_RUNS_KEPT: Final = 4
"""How many times as long as its files it is known what became of a report."""
_KEY_MARGIN: Final = timedelta(hours=1)
"""Keys outlive the horizon from which on events are refused: none is gone while still needed."""
_EXPIRED_MARGIN: Final = timedelta(hours=1)
"""Codes and tokens are kept a while longer: one that comes again is told from a made-up one."""

_PURGE_READS: Final = """
delete from raw_reads where (org_id, id) in (
    select org_id, id from raw_reads where recorded_at < $1 limit $2)
"""
# With their reads goes what waited for a product, and the codes that nobody read since.
_PURGE_PARKED_READS: Final = """
delete from parked_reads where (org_id, id) in (
    select org_id, id from parked_reads where recorded_at < $1 limit $2)
"""
_PURGE_PARKED_CODES: Final = """
delete from parked_codes where (org_id, location_id, code) in (
    select org_id, location_id, code from parked_codes where last_seen_at < $1 limit $2)
"""
_PURGE_TAG_MINUTES: Final = """
delete from tag_minutes where (org_id, location_id, minute) in (
    select org_id, location_id, minute from tag_minutes where minute < $1 limit $2)
"""
_PURGE_KEYS: Final = """
delete from effect_key where (org_id, kind, digest) in (
    select org_id, kind, digest from effect_key where effect_at < $1 limit $2)
"""
_CLOSED: Final = "select id from organisations where id = $1 and closed_at <= $2"
_PURGE_CLOSED: Final = "select purge_closed_organisation($1, $2) as gone"
_COUNTED: Final = "with gone as ({} returning 1) select count(*) as gone from gone"

Step = Callable[[Work], Awaitable[int]]
"""Deletes a bounded number of rows and returns how many."""


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows were deleted, of all organisations."""

    events: int = 0
    reads: int = 0
    keys: int = 0


async def purge(database: Database, settings: BackendSettings, now: datetime) -> Purged:
    """Delete what has outlived its retention at `now`."""
    total = Purged()
    for org_id in await organisation_ids(database):
        of = _Purge(database, program(org_id, "worker"))
        if await of.is_closed_since(now - settings.closing_grace):
            await of.repeat(_all_of(settings.closing_grace))
            continue
        events = await of.repeat(_events_before(now - settings.feed_retention))
        oldest_read = now - settings.reads_retention
        reads = await of.repeat(_rows_before(_PURGE_READS, oldest_read))
        for statement in (_PURGE_PARKED_READS, _PURGE_PARKED_CODES, _PURGE_TAG_MINUTES):
            await of.repeat(_rows_before(statement, oldest_read))
        keys = 0
        if settings.key_retention is not None:
            horizon = now - settings.key_retention - _KEY_MARGIN
            keys = await of.repeat(_rows_before(_PURGE_KEYS, horizon))
        async with database.work(of.principal) as work:
            await purge_expired(work, now - _EXPIRED_MARGIN)
            await enrolment.purge(work, now - _EXPIRED_MARGIN)
        kept = settings.report_retention
        await of.repeat(_rows_before(PURGE_FILES, now - kept))
        await of.repeat(_rows_before(PURGE_RUNS, now - _RUNS_KEPT * kept))
        total = Purged(total.events + events, total.reads + reads, total.keys + keys)
    return total


@dataclass(frozen=True, slots=True)
class _Purge:
    database: Database
    principal: Principal

    async def is_closed_since(self, moment: datetime) -> bool:
        """Tell whether the organisation was closed at that moment already."""
        async with self.database.work(self.principal, read_only=True) as work:
            return await work.row(_CLOSED, self.principal.org_id, moment) is not None

    async def repeat(self, step: Step) -> int:
        """Run a step, each time in a transaction of its own, until nothing is left to delete."""
        total = 0
        while True:
            async with self.database.work(self.principal) as work:
                gone = await step(work)
            if gone == 0:
                return total
            total += gone


def _all_of(grace: timedelta) -> Step:
    """Return the step that deletes a closed organisation, itself at the end."""

    async def step(work: Work) -> int:
        row = await work.row(_PURGE_CLOSED, grace, _STEP)
        return row["gone"] if row else 0

    return step


def _events_before(moment: datetime) -> Step:
    async def step(work: Work) -> int:
        return await event_log.purge(work, moment, most=_STEP)

    return step


def _rows_before(statement: str, moment: datetime) -> Step:
    async def step(work: Work) -> int:
        row = await work.row(_COUNTED.format(statement), moment, _STEP)
        return row["gone"] if row else 0

    return step
