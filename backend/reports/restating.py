"""Late sales change reports that were sent: which, by how much, and whether they are sent anew."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from backend.analytics import comparisons
from backend.core.errors import ShelfcastError
from backend.core.principal import Principal, program
from backend.identity.organisations import organisation_ids
from backend.infra.database import Database
from backend.infra.work import Work
from backend.reports import making, runs, statements
from backend.reports.criteria import content_of
from backend.reports.errors import ReaderGone, ReportNotReady
from backend.reports.events import ReportChanged
from backend.reports.rules import ReportChannel, ReportFormat, RunReason, RunState
from backend.reports.runs import Order
from backend.reports.standing import reader_of
from backend.sales.filters import SalesCriteria

WATCHED_FOR: Final = timedelta(days=100)
"""Reports older than that are not looked at any more."""
MOST_WATCHED: Final = 500
"""The newest reports of an organisation that one look compares."""
LEAST_BETWEEN: Final = timedelta(hours=20)
"""A report is sent anew at most that often, however late data trickle in."""


async def look_at_all(database: Database) -> None:
    """Compare the reports of all organisations with the sales as they are now."""
    for org_id in await organisation_ids(database):
        await look(database, org_id)


async def look(database: Database, org_id: UUID) -> int:
    """Mark the reports of an organisation whose figures changed; return how many."""
    worker = program(org_id, "worker")
    async with database.work(worker, read_only=True) as work:
        since = work.now - WATCHED_FOR
        rows = await work.rows(statements.WATCHED, org_id, since, MOST_WATCHED)
        groups = await _by_reader(work, rows)
    count = 0
    for principal, own in groups.items():
        async with database.work(principal, read_only=True) as work:
            changed = [(row, sums) for row in own if (sums := await _changed(work, row))]
        for row, sums in changed:
            async with database.work(worker) as work:
                count += await _restate(work, row, sums)
    return count


async def _by_reader(
    work: Work, rows: list[dict[str, Any]]
) -> dict[Principal, list[dict[str, Any]]]:
    """Return runs by as whom they were made; those whose reader is gone are left out."""
    groups: dict[Principal, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        try:
            reader = await reader_of(work, row)
        except ReaderGone:
            continue
        groups[reader.principal].append(row)
    return groups


async def _changed(work: Work, row: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the totals are now; None where they are what the report says."""
    criteria = _criteria(row)
    if not await comparisons.restated_days(work, criteria, row["as_of"]):
        return None
    try:
        sums = await making.totals(work, criteria)
    except ShelfcastError:
        return None  # too much is being added up now; the next look will tell
    return None if sums == msgspec.json.decode(row["totals"]) else sums


async def _restate(work: Work, row: dict[str, Any], sums: dict[str, Any]) -> int:
    """Mark a report, and order it anew where its schedule says so."""
    org_id, stored = work.principal.org_id, msgspec.json.encode(sums).decode()
    marked = await work.row(statements.RESTATE, org_id, row["id"], work.now, stored)
    if marked is None:
        return 0
    work.note("REPORT_RESTATED", row["id"])
    state, version = RunState(marked["state"]), marked["version"]
    work.gather([ReportChanged(None, row["id"], state, 100, True, version, work.now)])
    if row["resends_restated"]:
        await order_anew(work, row, not_before=row["finished_at"] + LEAST_BETWEEN)
    return 1


async def resend(work: Work, run_id: UUID) -> UUID | None:
    """Order a report anew that was restated; None where it was ordered anew before.

    Raises:
        ReportNotFound: there is none of that id that is theirs.
        ReportNotReady: no sales changed it.
    """
    row = await runs.read(work, run_id)
    if row["restated_at"] is None:
        raise ReportNotReady("only a report that sales changed is sent anew", field=["input", "id"])
    work.note("REPORT_RESENT", run_id)
    return await order_anew(work, row)


async def order_anew(
    work: Work, row: dict[str, Any], *, not_before: datetime | None = None
) -> UUID | None:
    """Order a report of the same days for the same reader; once for each report it replaces."""
    return await runs.add(
        work,
        Order(
            name=row["name"],
            content=content_of(row["content"]),
            formats=tuple(map(ReportFormat, row["formats"])),
            reason=RunReason.RESTATED,
            channel=ReportChannel(row["channel"]),
            timezone=row["timezone"],
            client_id=row["client_id"],
            user_id=row["user_id"],
            scopes=None if row["scopes"] is None else tuple(row["scopes"]),
            location_ids=None if row["location_ids"] is None else tuple(row["location_ids"]),
            effect_key=f"restates:{row['id']}",
            schedule_id=row["schedule_id"],
            recipient_id=row["recipient_id"],
            restates_id=row["id"],
            first=row["first_day"],
            last=row["last_day"],
            not_before=not_before,
        ),
    )


def _criteria(row: dict[str, Any]) -> SalesCriteria:
    criteria = content_of(row["content"]).criteria
    return replace(criteria, first_day=row["first_day"], last_day=row["last_day"])
