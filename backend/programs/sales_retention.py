"""Lets sales go that nobody wants any more: whole months, once their sums are made."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

import asyncpg

from backend.analytics.rollups import archiving, folding
from backend.core.principal import Principal, program
from backend.core.settings import BackendSettings
from backend.identity.organisations import organisation_ids
from backend.infra.database import Database
from backend.infra.work import Work

log = logging.getLogger(__name__)

_STEP: Final = 5_000
_TRIES: Final = 5
_PAUSE: Final = 0.2
HINDRANCES: Final = "select code, why from sales_hindrances($1, $2)"
_KEPT: Final = "select kept_from, logged from said_of_sales()"
_SAY: Final = "select keep_sales_from($1) as kept_from"
_DROP_MONTH: Final = "select drop_sale_month() as gone"
_PURGE_SALES: Final = "select purge_sales($1) as gone"
_WHY: Final = {
    "NOT_BEGUN": "its sales are not summed up yet",
    "TOO_LARGE": "its figures are too large to be summed up",
    "BUILDING": "its sales are being summed up",
    "MOVED": "its past is being summed up anew: something moved",
    "BEHIND": "its latest sales are not in the sums yet",
}


@dataclass(frozen=True, slots=True)
class LetGo:
    """What went: months of lines, sales with their heads, facts; of all organisations."""

    months: int = 0
    sales: int = 0
    facts: int = 0


async def let_go(database: Database, settings: BackendSettings, now: datetime) -> LetGo:
    """Let go what has outlived its retention at `now`; what was begun is finished.

    In steps of a transaction each, any of which may be the last: the next call goes on.
    """
    organisations = await organisation_ids(database)
    if not organisations:
        return LetGo()
    first = program(organisations[0], "worker")
    if settings.sales_retention is not None:
        await _say(database, organisations, _month(now - settings.sales_retention))
    if await _is_hindered(database, first):
        return LetGo()
    months = await _drop_months(database, first)
    sales = facts = 0
    for org_id in organisations:
        who = program(org_id, "worker")
        await _archive(database, who)
        sales += await _repeat(database, who, _purge_sales)
        facts += await _repeat(database, who, lambda work: archiving.purge_facts(work, _STEP))
    return LetGo(months, sales, facts)


async def _say(database: Database, organisations: list[UUID], month: date) -> None:
    """Say that sales are kept from a month on, if that is news and every sum is made."""
    who = program(organisations[0], "worker")
    async with database.work(who, read_only=True) as work:
        said = await work.row(_KEPT)
        if said is not None and said["kept_from"] >= month:
            return
        hindrances = await work.rows(HINDRANCES, month, None)
    if hindrances:
        _tell(hindrances, month)
        return
    for org_id in organisations:
        async with database.work(program(org_id, "worker")) as work:
            await folding.keep_lasting(work)
    try:
        async with database.work(who) as work:
            await work.row(_SAY, month)
        log.info("sales are kept from %s on", month)
    except asyncpg.LockNotAvailableError:
        log.warning("sales before %s wait to be let go: some are being recorded just now", month)


async def _is_hindered(database: Database, who: Principal) -> bool:
    async with database.work(who, read_only=True) as work:
        said = await work.row(_KEPT)
        if said is None:
            return True
        hindrances = await work.rows(HINDRANCES, said["kept_from"], said["logged"])
    _tell(hindrances, said["kept_from"])
    return bool(hindrances)


def _tell(hindrances: list[dict[str, str]], month: date) -> None:
    for one in hindrances:
        why = _WHY[one["why"]]
        log.warning("sales before %s wait to be let go: of %s, %s", month, one["code"], why)


async def _drop_months(database: Database, who: Principal) -> int:
    months = tries = 0
    while tries < _TRIES:
        try:
            async with database.work(who) as work:
                row = await work.row(_DROP_MONTH)
        except asyncpg.LockNotAvailableError:
            tries += 1
            await asyncio.sleep(_PAUSE)
            continue
        if row is None or row["gone"] is None:
            return months
        log.info("the sale lines of %s are gone", f"{row['gone']:%Y-%m}")
        months += 1
    log.warning("a month of sale lines waits to be dropped: long transactions read it")
    return months


async def _purge_sales(work: Work) -> int:
    row = await work.row(_PURGE_SALES, _STEP)
    return row["gone"] if row else 0


async def _archive(database: Database, who: Principal) -> None:
    is_left = True
    while is_left:
        async with database.work(who) as work:
            is_left = await archiving.archive_month(work)


async def _repeat(
    database: Database, who: Principal, step: Callable[[Work], Awaitable[int]]
) -> int:
    total = 0
    while True:
        async with database.work(who) as work:
            gone = await step(work)
        if gone == 0:
            return total
        total += gone


def _month(moment: datetime) -> date:
    return moment.astimezone(UTC).date().replace(day=1)
