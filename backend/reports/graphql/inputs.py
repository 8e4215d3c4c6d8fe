"""What clients say of reports."""

from datetime import time
from uuid import UUID

import strawberry
from strawberry.scalars import ID

from backend.analytics.presets.choices import Choice
from backend.analytics.presets.graphql import AnalysisChoice
from backend.infra.api.described import input_type
from backend.infra.api.results import SortDirection
from backend.reports.contents.kind import Content
from backend.reports.errors import InvalidReport, ReportNotFound
from backend.reports.graphql.enums import (
    ContentName,
    Frequency,
    ReportChannel,
    ReportFormat,
    ReportRunOrder,
    ReportScheduleOrder,
    RunState,
)
from backend.reports.rules import Rhythm
from backend.reports.runs import RunCriteria, distinct
from backend.reports.schedules import Plan, Recipient, ScheduleCriteria
from backend.sales.filters import SalesCriteria, SalesFilter


@input_type
class ReportContentInput:
    """What a report is about, as `reportCatalogue` names it."""

    kind: ContentName
    """What kind of thing."""
    name: str = ""
    """Its name or id."""
    filter: SalesFilter | None = None
    """Which sales; a schedule sets the days itself."""
    choice: AnalysisChoice | None = None
    """What may be chosen of an analysis."""

    def content(self) -> Content:
        """Return the content as the services take it."""
        given = self.choice or AnalysisChoice()
        choice = Choice(
            given.by, given.within, given.grain, given.measure, given.baseline, given.top
        )
        criteria = self.filter.criteria() if self.filter else SalesCriteria()
        return Content(self.kind, self.name[:200], criteria, choice)


@input_type
class ReportRecipientInput:
    """Who gets a report: somebody who may sign in here, or a webhook."""

    channel: ReportChannel
    """How it gets there."""
    email: str | None = None
    """Whose it is, by e-mail address; null: yours."""
    url: str | None = None
    """Where a webhook is posted to: https."""
    timezone: str | None = None
    """IANA name of the time zone whose mornings and months count; null: the organisation's."""


@input_type
class ReportScheduleInput:
    """A report that is to come by itself."""

    name: str
    """What it is called, in at most 120 characters."""
    content: ReportContentInput
    """What it is about."""
    frequency: Frequency
    """How often, and so about which days."""
    recipients: list[ReportRecipientInput]
    """Who gets it; at most 50."""
    formats: list[ReportFormat] = strawberry.field(default_factory=lambda: [ReportFormat.PDF])
    """What it comes as."""
    at: str = "07:00"
    """At which local time of each recipient."""
    day: int = 1
    """On which day of the week (1: Monday), or day after the period (up to 28)."""
    resends_restated: bool = False
    """Send it anew when late sales change it, at most once a day."""
    is_paused: bool = False
    """Send nothing for now."""

    def plan(self) -> Plan:
        """Return the schedule as the services take it.

        Raises:
            InvalidReport: `at` is no time of a day.
        """
        try:
            at = time.fromisoformat(self.at).replace(second=0, microsecond=0, tzinfo=None)
        except ValueError as exc:
            raise InvalidReport(
                "at is a time such as 07:30", field=["input", "at"], value=self.at[:60]
            ) from exc
        return Plan(
            name=self.name,
            content=self.content.content(),
            formats=distinct(self.formats),
            rhythm=Rhythm(self.frequency, at, self.day),
            recipients=tuple(
                Recipient(one.channel, one.email, one.url, one.timezone) for one in self.recipients
            ),
            resends_restated=self.resends_restated,
            is_paused=self.is_paused,
        )


@input_type
class CreateReportScheduleInput(ReportScheduleInput):
    """A report that is to come by itself from now on."""


@input_type
class UpdateReportScheduleInput(ReportScheduleInput):
    """What takes the place of a schedule; webhooks that stay keep their secrets."""

    id: ID
    """The schedule."""


@input_type
class ReportScheduleIdInput:
    """Names a schedule."""

    id: ID
    """The schedule."""


@input_type
class ReportRunIdInput:
    """Names a report."""

    id: ID
    """The report."""


@input_type
class RunReportInput:
    """A report that is wanted now."""

    content: ReportContentInput
    """What it is about, its days in the filter."""
    name: str | None = None
    """What it is called; null: what its content is called."""
    formats: list[ReportFormat] = strawberry.field(default_factory=lambda: [ReportFormat.PDF])
    """What it comes as."""
    channel: ReportChannel = ReportChannel.DOWNLOAD
    """To download, or by mail to yourself."""
    timezone: str | None = None
    """IANA name of your time zone; null: the organisation's."""


@input_type
class ReportScheduleFilter:
    """Which schedules; what is left out does not limit."""

    ids: list[ID] | None = None
    """Only these."""
    text: str | None = None
    """Only those with this in their name."""

    def criteria(self) -> ScheduleCriteria:
        """Return the filter as the services take it."""
        return ScheduleCriteria(_ids(self.ids), self.text)


@input_type
class ReportScheduleSort:
    """How schedules are sorted."""

    by: ReportScheduleOrder = ReportScheduleOrder.NAME
    """By what."""
    direction: SortDirection = SortDirection.ASC
    """Which end first."""


@input_type
class ReportRunFilter:
    """Which reports; what is left out does not limit."""

    ids: list[ID] | None = None
    """Only these."""
    states: list[RunState] | None = None
    """Only in these states."""
    schedule: ID | None = None
    """Only of this schedule."""
    is_restated: bool | None = None
    """Only those that late sales changed, or only the others."""
    is_late: bool | None = None
    """Only those that came late, or only the others."""

    def criteria(self) -> RunCriteria:
        """Return the filter as the services take it."""
        return RunCriteria(
            ids=_ids(self.ids),
            states=None if self.states is None else frozenset(self.states),
            schedule_id=None if self.schedule is None else named(self.schedule, "filter"),
            is_restated=self.is_restated,
            is_late=self.is_late,
        )


@input_type
class ReportRunSort:
    """How reports are sorted."""

    by: ReportRunOrder = ReportRunOrder.QUEUED_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


def named(text: str, where: str = "input") -> UUID:
    """Return an id.

    Raises:
        ReportNotFound: it is none.
    """
    try:
        return UUID(text)
    except ValueError as exc:
        raise ReportNotFound("no such report", field=[where, "id"], value=text[:60]) from exc


def _ids(given: list[ID] | None) -> tuple[UUID, ...] | None:
    return None if given is None else tuple(named(one, "filter") for one in given)
