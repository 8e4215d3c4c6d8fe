"""Who may ask something large now: few at a time, so that screens and tills never wait for it."""

import asyncio
import zlib
from typing import Final

from backend.analytics.errors import SummariesBusy
from backend.infra.work import Work

HEAVY: Final = 400_000
"""Rows read from which on a question is large: about a quarter of a second of a processor."""
AT_ONCE: Final = 2
"""Large questions of one organisation that are answered at the same time."""
AT_ONCE_OF_ALL: Final = 3
"""The same of all organisations of the installation."""
WAITING: Final = 2
"""How many more of one organisation may wait for their turn; each holds a connection."""
PATIENCE: Final = 4.0
"""Seconds until a question that waits is given up."""
_LOOK: Final = 0.05
# Two numbers, so that feed_horizon never counts these locks. They end with the transaction.
_TRY: Final = """
select exists (select from generate_series(1, $2::int) slot
                where pg_try_advisory_xact_lock($1, slot) limit 1) as got
"""
_ALL: Final = 0x5355_4D00
_SETTINGS: Final = "select set_config('max_parallel_workers_per_gather', '0', true)"


async def take_turn(work: Work, *, patience: float = PATIENCE) -> None:
    """Wait until a large question may be answered, for all processes of the installation together.

    The turn is given back with the end of the unit of work. It gets one processor, not all.

    Raises:
        SummariesBusy: too many wait already, or it took too long.
    """
    own = zlib.crc32(work.principal.org_id.bytes) & 0x3FFF_FFFF
    if not await _try(work, own | 0x4000_0000, AT_ONCE + WAITING):
        raise SummariesBusy("too much is being added up already; ask again in a moment")
    deadline = asyncio.get_running_loop().time() + patience
    for lock, slots in ((own, AT_ONCE), (_ALL, AT_ONCE_OF_ALL)):
        while not await _try(work, lock, slots):
            if asyncio.get_running_loop().time() > deadline:
                raise SummariesBusy("too much is being added up; ask for less, or again later")
            await asyncio.sleep(_LOOK)
    await work.rows(_SETTINGS)


async def _try(work: Work, lock: int, slots: int) -> bool:
    row = await work.row(_TRY, lock, slots)
    return bool(row and row["got"])
