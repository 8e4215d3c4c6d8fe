"""Looks after agents by the clock."""

from backend.fleet import statements
from backend.fleet.events import changes_of
from backend.fleet.reports import fact_of
from backend.fleet.rules import Pace
from backend.infra.work import Work


async def find_silent(work: Work, pace: Pace) -> int:
    """Call those agents silent that were not heard of in time; return how many.

    Gathers AgentChanged for each. What is silent stays so until it reports.
    """
    rows = await work.rows(
        statements.FALL_SILENT,
        work.principal.org_id,
        work.now - pace.silence,
        work.now - pace.stopped_silence,
        work.now,
    )
    work.gather(change for row in rows for change in changes_of(fact_of(row), work.now))
    return len(rows)
