"""The tables that lines of sales lie in, one per month of the business day."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import date
from typing import Final

import asyncpg

from backend.core.months import next_month
from backend.core.principal import Principal
from backend.infra.database import Database

log = logging.getLogger(__name__)

AHEAD: Final = 3
"""Months made before they begin."""
AT_ONCE: Final = 12
"""Months settled in one step."""
_TRIES: Final = 5
_PAUSE: Final = 0.1
_PROVIDE: Final = "select provide_sale_months($1::date[]) as made"
_SETTLE: Final = "select settle_sale_lines($1) as made"


async def provide(database: Database, principal: Principal, days: Iterable[date]) -> int:
    """Make the tables of the months these days lie in; return how many were missing.

    In units of work of its own, before the one that writes. Where long transactions keep it from
    that, nothing is made: lines lie in the rest until they are settled.
    """
    return await _patiently(database, principal, _PROVIDE, sorted({d.replace(day=1) for d in days}))


async def provide_ahead(database: Database, principal: Principal, today: date) -> int:
    """Make the tables of this month and of those that follow."""
    return await provide(database, principal, _from(today, AHEAD + 1))


async def settle(database: Database, principal: Principal) -> int:
    """Take the lines of the rest to their months, some months at a time; return how many."""
    return await _patiently(database, principal, _SETTLE, AT_ONCE)


async def _patiently(
    database: Database, principal: Principal, statement: str, value: object
) -> int:
    """Run a statement that rather gives up than waits, some times; return how many it made."""
    for _ in range(_TRIES):
        try:
            async with database.work(principal) as work:
                row = await work.row(statement, value)
            return row["made"] if row else 0
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(_PAUSE)
    log.warning("no table can be made for a month now: long transactions use the rest of the lines")
    return 0


def _from(day: date, count: int) -> list[date]:
    months = [day.replace(day=1)]
    while len(months) < count:
        months.append(next_month(months[-1]))
    return months
