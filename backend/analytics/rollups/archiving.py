"""Letting facts go: what only they could tell of a month is kept in its cells first."""

from typing import Final

from backend.analytics.rollups import filling, folding, gathering
from backend.analytics.rollups.grains import BY_NO, Span
from backend.core.months import next_month
from backend.infra.work import Work

# The month of the oldest fact that may go and is not archived, and how far every grain is folded.
_NEXT: Final = """
select date_trunc('month', min(f.day))::date as month
  from sales_let_go l join rollup_facts f on f.org_id = l.org_id
   and f.day >= coalesce(l.archived_before, '-infinity') and f.day < l.before
 where l.org_id = $1 and l.before <= sales_to_let_go()
"""
_LACKING: Final = """
select exists (
    select from rollup_grains g
     where g.org_id = $1 and g.folded < (
           select max(no) from rollup_facts
            where org_id = $1 and day >= $2::date and day < $3::date)) as any
"""
_MOST_FOLDED: Final = 1_000_000
_ARCHIVED: Final = "update sales_let_go set archived_before = $2 where org_id = $1"
_PURGE: Final = """
with gone as (
    delete from rollup_facts
     where org_id = $1 and no in (
           select no from rollup_facts
            where org_id = $1
              and day < (select archived_before from sales_let_go where org_id = $1)
            limit $2)
    returning 1)
select count(*) as gone from gone
"""


async def archive_month(work: Work) -> bool:
    """Archive the oldest month whose facts may go, or fold what a grain lacks of it.

    Return whether something is left to do. Waits for whoever rolls: sums change in one transaction
    at a time.
    """
    org_id = work.principal.org_id
    await work.rows(f"{gathering.CURSOR} for update", org_id)
    row = await work.row(_NEXT, org_id)
    if row is None or row["month"] is None:
        return False
    month = row["month"]
    until = next_month(month)
    lacking = await work.row(_LACKING, org_id, month, until)
    if lacking and lacking["any"]:
        return await folding.fold(work, 1, _MOST_FOLDED)
    await work.rows(folding.SETTINGS)
    for kept in await work.rows(gathering.CHOSEN, org_id):
        if kept["finest"] == Span.YEAR:
            await work.rows(filling.archive_month(BY_NO[kept["grain"]]), org_id, month)
    await work.rows(_ARCHIVED, org_id, until)
    return True


async def purge_facts(work: Work, most: int) -> int:
    """Delete so many facts of archived months; return how many it were."""
    row = await work.row(_PURGE, work.principal.org_id, most)
    return row["gone"] if row else 0
