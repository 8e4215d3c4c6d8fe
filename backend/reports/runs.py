"""Runs of reports: ordering one, following it, and the files it has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import msgspec
import orjson
from tortoise.expressions import Q

from backend.core.ids import new_id
from backend.core.principal import Principal
from backend.core.scopes import Scope
from backend.infra import jobs
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work
from backend.reports import statements
from backend.reports.contents.kind import Content
from backend.reports.criteria import content_json
from backend.reports.errors import ReportNotFound, ReportNotReady, TooManyReports
from backend.reports.events import ReportChanged
from backend.reports.models import ReportRun, ReportSchedule
from backend.reports.rules import ReportChannel, ReportFormat, RunReason, RunState

ENTRYPOINT: Final = "report"
MOST_WAITING: Final = 2_000
"""Reports of an organisation that may wait at once."""
MOST_ASKED_FOR: Final = 20
"""Reports that one reader may wait for at once."""
PATIENCE: Final = timedelta(minutes=5)
"""How long nothing may be heard of a run until its job is taken to be lost."""


class ReportRunOrder(StrEnum):
    """By what runs are sorted."""

    QUEUED_AT = "QUEUED_AT"
    """By when they were ordered."""


@dataclass(frozen=True, slots=True)
class Order:
    """A report that is to be made.

    `effect_key`: it is made once for it. `scopes` None: with all that the reader may do then. It
    waits until `not_before`.
    """

    name: str
    content: Content
    formats: tuple[ReportFormat, ...]
    reason: RunReason
    channel: ReportChannel
    timezone: str
    client_id: str
    user_id: UUID | None = None
    scopes: tuple[str, ...] | None = None
    location_ids: tuple[UUID, ...] | None = None
    effect_key: str | None = None
    schedule_id: UUID | None = None
    recipient_id: UUID | None = None
    restates_id: UUID | None = None
    first: date | None = None
    last: date | None = None
    due_at: datetime | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunCriteria:
    """Which runs; None does not limit."""

    ids: tuple[UUID, ...] | None = None
    states: frozenset[RunState] | None = None
    schedule_id: UUID | None = None
    is_restated: bool | None = None
    is_late: bool | None = None


async def add(work: Work, order: Order) -> UUID | None:
    """Order a report; None where the same was ordered before.

    Raises:
        TooManyReports: too many wait already.
    """
    who = work.principal
    open_ = await work.row(statements.COUNT_OPEN, who.org_id, order.user_id, order.client_id)
    assert open_ is not None, "a count is always there"
    is_asked = order.reason in (RunReason.ASKED_FOR, RunReason.SAMPLE)
    if open_["waiting"] >= MOST_WAITING or (is_asked and open_["own"] >= MOST_ASKED_FOR):
        raise TooManyReports(
            "too many reports wait already: let some be made first",
            field=["input"],
            limit=MOST_ASKED_FOR,
        )
    run_id = new_id()
    row = await work.row(statements.ADD_RUN, *_values(work, order, run_id))
    if row is None:
        return None
    delay = None if order.not_before is None else max(order.not_before - work.now, timedelta())
    await enqueue(work, run_id, delay)
    work.gather([ReportChanged(None, run_id, RunState.QUEUED, 0, False, 1, work.now)])
    return run_id


async def enqueue(work: Work, run_id: UUID, delay: timedelta | None = None) -> None:
    """Ask the worker for a run, with the commit of the work."""
    payload = orjson.dumps({"org": str(work.principal.org_id), "run": str(run_id)})
    await jobs.enqueue(work, ENTRYPOINT, payload, key=f"report:{run_id}", delay=delay)


async def list_runs(
    work: Work, criteria: RunCriteria, *, descending: bool, first: int, after: str | None
) -> Page[ReportRun]:
    """Return a page of the runs that the principal may know of: its own, of its own schedules.

    Raises:
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    query = ReportRun.filter(_conditions(criteria))
    who = work.principal
    if not who.has(Scope.ADMIN):
        own = Q(user_id=who.user_id) if who.user_id else Q(client_id=who.client_id, user_id=None)
        schedules = await ReportSchedule.filter(own).using_db(work.tx).values_list("id", flat=True)
        query = query.filter(own | Q(schedule_id__in=list(schedules)))
    ordering = Ordering("report-runs", ("queued_at", "id"), (datetime, UUID), descending)
    return await fetch_page(work, query, ordering, first, after)


async def files_of(work: Work, run_ids: list[UUID]) -> list[list[dict[str, Any]]]:
    """Return the files of runs, without what is in them."""
    rows = await work.rows(statements.FILES_OF, work.principal.org_id, run_ids)
    return [[row for row in rows if row["run_id"] == one] for one in run_ids]


async def documents_of(work: Work, run_ids: list[UUID]) -> list[bytes | None]:
    """Return what runs say, as it is stored; None for one that is not made, or not kept."""
    rows = await work.rows(statements.DOCUMENTS_OF, work.principal.org_id, run_ids)
    found = {row["run_id"]: bytes(row["content"]) for row in rows}
    return [found.get(one) for one in run_ids]


async def find(work: Work, run_id: UUID) -> dict[str, Any]:
    """Return a run.

    Raises:
        ReportNotFound: there is none of that id.
    """
    row = await work.row(statements.RUN, work.principal.org_id, run_id)
    if row is None:
        raise ReportNotFound("no such report", field=["id"], value=str(run_id))
    return row


async def read(work: Work, run_id: UUID) -> dict[str, Any]:
    """Return a run whose files the principal may read: its own, or all for who may do everything.

    Raises:
        ReportNotFound: there is none of that id that is theirs.
    """
    row = await find(work, run_id)
    if not is_reader(work.principal, row):
        raise ReportNotFound("no such report", field=["id"], value=str(run_id))
    return row


def is_reader(who: Principal, run: dict[str, Any]) -> bool:
    """Tell whether a principal may read what a run made, with the scopes it was made with."""
    if not all(who.has(Scope(one)) for one in run.get("seen_with") or ()):
        return False
    if who.has(Scope.ADMIN):
        return True
    if run["user_id"] is not None:
        return run["user_id"] == who.user_id
    return who.user_id is None and run["client_id"] == who.client_id


async def file_of(work: Work, run_id: UUID, form: ReportFormat | str) -> bytes:
    """Return the content of a file.

    Raises:
        ReportNotReady: it has not been made, or is not kept any more.
    """
    row = await work.row(statements.FILE, work.principal.org_id, run_id, str(form))
    if row is None:
        raise ReportNotReady("this file is not there yet, or not any more", field=["format"])
    return bytes(row["content"])


async def retry(work: Work, run_id: UUID) -> None:
    """Try a run again that failed.

    Raises:
        ReportNotFound: there is none of that id that is theirs.
        ReportNotReady: it did not fail.
    """
    await read(work, run_id)
    row = await work.row(statements.RETRY, work.principal.org_id, run_id, work.now)
    if row is None:
        raise ReportNotReady("only a report that failed is tried again", field=["input", "id"])
    await enqueue(work, run_id)
    work.note("REPORT_RETRIED", run_id)
    changed = ReportChanged(None, run_id, RunState.QUEUED, 0, False, row["version"], work.now)
    work.gather([changed])


async def enqueue_strays(work: Work, most: int = 100) -> int:
    """Ask anew for runs of which nothing was heard for long: their job or worker was lost."""
    rows = await work.rows(statements.STRAY, work.principal.org_id, work.now - PATIENCE, most)
    for row in rows:
        await enqueue(work, row["id"])
    return len(rows)


def _values(work: Work, order: Order, run_id: UUID) -> Sequence[object]:
    return (
        work.principal.org_id,
        run_id,
        order.effect_key or str(run_id),
        order.reason.value,
        order.schedule_id,
        order.recipient_id,
        order.restates_id,
        order.name,
        msgspec.json.encode(content_json(order.content)).decode(),
        [one.value for one in order.formats],
        order.channel.value,
        order.user_id,
        order.client_id,
        None if order.scopes is None else list(order.scopes),
        None if order.location_ids is None else list(order.location_ids),
        order.timezone,
        order.first,
        order.last,
        work.now,
        order.due_at,
        max(order.not_before or work.now, work.now),
    )


def _conditions(criteria: RunCriteria) -> Q:
    chosen: dict[str, Any] = {}
    if criteria.ids is not None:
        chosen["id__in"] = list(criteria.ids)
    if criteria.states is not None:
        chosen["state__in"] = [one.value for one in criteria.states]
    if criteria.schedule_id is not None:
        chosen["schedule_id"] = criteria.schedule_id
    if criteria.is_late is not None:
        chosen["is_late"] = criteria.is_late
    if criteria.is_restated is not None:
        chosen["restated_at__isnull"] = not criteria.is_restated
    return Q(**chosen)


def distinct(formats: Iterable[ReportFormat]) -> tuple[ReportFormat, ...]:
    """Return formats in the order of their making, each once."""
    chosen = set(formats)
    return tuple(one for one in ReportFormat if one in chosen)
