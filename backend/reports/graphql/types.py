"""Schedules, runs and files of reports as clients see them."""

from datetime import UTC, date, datetime
from typing import Any, Final, Self
from uuid import UUID

import strawberry
from strawberry.scalars import ID, JSON

from backend.core.scopes import Scope
from backend.core.settings import BackendSettings
from backend.identity import audit, readers
from backend.infra.api.context import Info
from backend.infra.api.cost import COST, Arguments
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.infra.api.scalars import Long
from backend.infra.secret_key import secret_key
from backend.infra.work import Work
from backend.reports import links, runs, schedules
from backend.reports.contents.kind import Entry
from backend.reports.criteria import content_json, content_of
from backend.reports.documents import Heading, unpack
from backend.reports.graphql.enums import (
    ContentName,
    Frequency,
    ReportChannel,
    ReportFormat,
    RunReason,
    RunState,
)
from backend.reports.graphql.summaries import ReportSummarySection
from backend.reports.links import Link

_COST_OF_SUMMARY: Final = 20


def price_of_summary(_: Arguments) -> int:
    """Return what reading a document costs."""
    return _COST_OF_SUMMARY


async def reader_names(work: Work, user_ids: list[UUID]) -> list[str | None]:
    """Return the present names of people, None for who may not sign in any more."""
    found = await readers.people(work, user_ids)
    return [found[one].name if one in found else None for one in user_ids]


@seen_with(Scope.REPORTS_READ)
@object_type
class ReportContent:
    """What a report is about."""

    kind: ContentName
    """What kind of thing."""
    name: str
    """Its name or id."""
    filter: JSON
    """The SalesFilter, as its fields are called."""
    choice: JSON
    """The AnalysisChoice."""

    @classmethod
    def of(cls, stored: Any) -> Self:
        """Return a stored content as clients see it."""
        found = content_json(content_of(stored))
        return cls(
            kind=ContentName(found["kind"]),
            name=found["name"],
            filter=JSON(found["filter"]),
            choice=JSON(found["choice"]),
        )


@seen_with(Scope.REPORTS_READ)
@object_type
class ReportCatalogueEntry:
    """Something that can be reported."""

    kind: ContentName
    """What kind of thing."""
    name: str
    """Its name or id, as a content takes it."""
    title: str
    """What it is called."""
    description: str
    """What it says."""
    has_filter: bool
    """Whether it takes a filter."""

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Return an entry as clients see it."""
        return cls(
            kind=entry.kind,
            name=entry.name,
            title=entry.title,
            description=entry.description,
            has_filter=entry.has_filter,
        )


@seen_with(Scope.REPORTS_READ)
@object_type
class ReportFile:
    """A file of a report."""

    format: ReportFormat
    """What it is."""
    size: int
    """Its bytes."""
    sha256: str
    """Its digest."""
    made_at: datetime
    """When it was made."""
    url: str | None
    """Where it can be had for a quarter of an hour; null to who may not read the report."""


@seen_with(Scope.REPORTS_READ)
@object_type
class ReportRun:
    """One report on its way to one reader."""

    id: ID
    """Identifies it."""
    name: str
    """What it is called."""
    content: ReportContent
    """What it is about."""
    reason: RunReason
    """Why it is made."""
    state: RunState
    """How far it is."""
    progress: int
    """How much of it is done, in percent."""
    doing: str
    """What is being done."""
    channel: ReportChannel
    """How it gets to its reader."""
    formats: list[ReportFormat]
    """What it comes as."""
    schedule_id: ID | None
    """The schedule it belongs to."""
    restates_id: ID | None
    """The report whose place it takes."""
    timezone: str
    """The reader's time zone."""
    from_: date | None = strawberry.field(name="from", description="First day it is about.")
    to: date | None
    """Last day it is about."""
    as_of: datetime | None
    """Everything recorded up to here is in it."""
    queued_at: datetime
    """When it was ordered."""
    due_at: datetime | None
    """When it was due."""
    next_attempt_at: datetime | None
    """When it is tried again at the latest."""
    finished_at: datetime | None
    """When it was handed over, or given up."""
    attempts: int
    """How often it was begun."""
    is_late: bool
    """It came more than a quarter of an hour after it was due."""
    restated_at: datetime | None
    """When it was found that late sales changed its figures."""
    failure_code: str | None
    """Why it failed, or is tried again; for programs."""
    failure_message: str | None
    """The same for people."""
    version: Long
    """Grows with every change."""
    row: strawberry.Private[dict[str, Any]]

    @strawberry.field
    async def reader_name(self, info: Info) -> str | None:
        """Whose eyes it was made for; null for programs, and for who is not there any more."""
        user_id, client_id = self.row["user_id"], self.row["client_id"]
        if user_id is not None:
            return await info.context.loader(reader_names).load(user_id)
        return await info.context.loader(audit.actor_names).load(("CLIENT", client_id))

    @strawberry.field
    def totals(self, info: Info) -> JSON | None:
        """What `salesSummary` answered for its days and filter then; null: not yours to read."""
        return self._sums(info, "totals")

    @strawberry.field
    def restated_totals(self, info: Info) -> JSON | None:
        """What the totals were when late sales had changed them; null: not yours to read."""
        return self._sums(info, "restated_totals")

    def _sums(self, info: Info, name: str) -> JSON | None:
        found, may_read = self.row[name], runs.is_reader(info.context.principal, self.row)
        return JSON(found) if found is not None and may_read else None

    @strawberry.field
    async def files(self, info: Info) -> list[ReportFile]:
        """The files that are kept of it."""
        found = await info.context.loader(runs.files_of).load(self.row["id"])
        may_read = runs.is_reader(info.context.principal, self.row)
        settings = info.context.service(BackendSettings)
        key = secret_key(settings).derive(links.PURPOSE) if may_read and found else None
        return [_file(one, self.row, key, settings.origin) for one in found]

    @strawberry.field(metadata={COST: price_of_summary})
    async def summary(self, info: Info) -> list[ReportSummarySection]:
        """What it says in words; empty where it says nothing, is not made, or not yours to read."""
        stored = await info.context.loader(runs.documents_of).load(self.row["id"])
        if stored is None or not runs.is_reader(info.context.principal, self.row):
            return []
        sections = unpack(stored).sections
        return [ReportSummarySection.of(one) for one in sections if isinstance(one, Heading)]

    @classmethod
    def of(cls, row: Any) -> Self:
        """Return a stored run as clients see it."""
        private = (
            "id", "user_id", "client_id", "seen_with", "org_id", "totals", "restated_totals",
        )  # fmt: skip
        return cls(
            id=ID(str(row.id)),
            name=row.name,
            content=ReportContent.of(row.content),
            reason=RunReason(row.reason),
            state=RunState(row.state),
            progress=row.progress,
            doing=row.doing,
            channel=ReportChannel(row.channel),
            formats=list(map(ReportFormat, row.formats)),
            schedule_id=_id(row.schedule_id),
            restates_id=_id(row.restates_id),
            timezone=row.timezone,
            from_=row.first_day,
            to=row.last_day,
            as_of=row.as_of,
            queued_at=row.queued_at,
            due_at=row.due_at,
            next_attempt_at=row.next_attempt_at,
            finished_at=row.finished_at,
            attempts=row.attempts,
            is_late=row.is_late,
            restated_at=row.restated_at,
            failure_code=row.failure_code,
            failure_message=row.failure_message,
            version=Long(row.version),
            row={name: getattr(row, name) for name in private},
        )


@seen_with(Scope.REPORTS_READ)
@object_type
class ReportRecipient:
    """Who gets a report, and how."""

    id: ID
    """Identifies the recipient."""
    channel: ReportChannel
    """How it gets there."""
    name: str | None
    """The person; null for a webhook, and for who may not sign in any more."""
    email: str | None
    """Their e-mail address."""
    url: str | None
    """The webhook's address."""
    timezone: str
    """Whose mornings and months count."""
    next_due_at: datetime | None
    """When it is due next."""

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """Return a stored recipient as clients see it."""
        reader = row["reader"]
        return cls(
            id=ID(str(row["id"])),
            channel=ReportChannel(row["channel"]),
            name=reader.name if reader else None,
            email=reader.email if reader else None,
            url=row["url"],
            timezone=row["timezone"],
            next_due_at=row["next_due_at"],
        )


@seen_with(Scope.REPORTS_READ)
@object_type
class ReportSchedule:
    """A report that comes by itself."""

    id: ID
    """Identifies it."""
    name: str
    """What it is called."""
    content: ReportContent
    """What it is about; the days come from the frequency."""
    formats: list[ReportFormat]
    """What it comes as."""
    frequency: Frequency
    """How often."""
    at: str
    """At which local time of each recipient: 07:00."""
    day: int
    """On which day of the week (1: Monday), or day after the period; daily reports have none."""
    resends_restated: bool
    """Whether it is sent anew when late sales change it."""
    is_paused: bool
    """Whether nothing is sent for now."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When it was last changed."""
    version: Long
    """Grows with every change."""
    row_id: strawberry.Private[UUID]

    @strawberry.field
    async def recipients(self, info: Info) -> list[ReportRecipient]:
        """Who gets it."""
        found = await info.context.loader(schedules.recipients_of).load(self.row_id)
        return list(map(ReportRecipient.of, found))

    @classmethod
    def of(cls, row: Any) -> Self:
        """Return a stored schedule as clients see it."""
        return cls(
            id=ID(str(row.id)),
            name=row.name,
            content=ReportContent.of(row.content),
            formats=list(map(ReportFormat, row.formats)),
            frequency=Frequency(row.frequency),
            at=row.due_time,
            day=row.due_day,
            resends_restated=row.resends_restated,
            is_paused=row.is_paused,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=Long(row.version),
            row_id=row.id,
        )


def _id(value: UUID | None) -> ID | None:
    return None if value is None else ID(str(value))


def _file(file: dict[str, Any], run: dict[str, Any], key: bytes | None, origin: str) -> ReportFile:
    form, url = ReportFormat(file["format"]), None
    if key is not None:
        until = datetime.now(UTC) + links.ON_PAGE
        sealed = links.sealed(key, Link(run["org_id"], run["id"], form, until))
        url = f"{origin}{links.PATH}/{sealed}"
    return ReportFile(
        format=form,
        size=file["size"],
        sha256=bytes(file["digest"]).hex(),
        made_at=file["made_at"],
        url=url,
    )
