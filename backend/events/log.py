"""Reading the log, and forgetting what is older than it is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from backend.core.cursors import FeedPosition
from backend.events import statements
from backend.events.rules import Entry
from backend.infra.work import Work

PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Page:
    """Entries of one organisation above a position, complete up to `upto`."""

    entries: list[Entry]
    upto: int


def entry_of(row: Mapping[str, Any]) -> Entry:
    """Return the entry of a database row."""
    return Entry(
        row["org_id"],
        row["seq"],
        row["topic"],
        row["kind"],
        row["location_id"],
        row["recorded_at"],
        row["schema_version"],
        row["items"],
    )


async def read_page(
    work: Work, position: FeedPosition, upto: int, topics: Iterable[str], *, most: int = PAGE
) -> Page:
    """Return the organisation's entries behind `position` up to `upto`.

    `upto` must have been read before `work` began.
    """
    rows = await work.rows(
        statements.OF_ORGANISATION,
        work.principal.org_id,
        position.whole,
        upto,
        sorted(topics),
        most,
    )
    entries = [entry_of(row) for row in rows]
    return Page(entries, entries[-1].seq if len(entries) == most else upto)


async def latest(work: Work, kind: str, upto: int, most: int) -> list[Entry]:
    """Return the last entries of one kind up to `upto`, newest first."""
    rows = await work.rows(
        statements.LATEST_OF_ORGANISATION, work.principal.org_id, upto, kind, most
    )
    return [entry_of(row) for row in rows]


async def purged_upto(work: Work) -> int:
    """Return the last seq of the organisation that is not kept any more, 0 without one."""
    row = await work.row(statements.FLOOR, work.principal.org_id)
    return row["seq"] if row else 0


async def drawn(work: Work) -> int:
    """Return the highest number any entry has had."""
    row = await work.row(statements.DRAWN)
    return row["drawn"] if row else 0


async def horizon(work: Work) -> int:
    """Return up to where the log is settled: read what lies below in another unit of work."""
    row = await work.row(statements.HORIZON)
    return row["horizon"] if row else 0


async def seqs_seen_above(work: Work, seq: int) -> frozenset[int]:
    """Return the entries above `seq` whose effects this unit of work already sees."""
    rows = await work.rows(statements.SEQS_ABOVE, work.principal.org_id, seq)
    return frozenset(row["seq"] for row in rows)


async def purge(work: Work, before: datetime, *, most: int = 5_000) -> int:
    """Delete up to `most` of the entries recorded before that moment; return how many.

    Call again until it returns 0.
    Followers whose position lies below what was deleted get a gap with the reason RETENTION.
    """
    row = await work.row(statements.PURGEABLE, work.principal.org_id, before, most)
    if row is None or row["seq"] is None:
        return 0
    await work.rows(statements.RAISE_FLOOR, work.principal.org_id, row["seq"])
    await work.rows(statements.PURGE, work.principal.org_id, row["seq"])
    return row["entries"]
