"""Changes of reports."""

from collections.abc import Sequence
from uuid import UUID

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.scalars import ID

from backend.core.scopes import Scope
from backend.core.settings import BackendSettings
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.infra.work import Work
from backend.reports import asking, restating, runs, schedules
from backend.reports.errors import ReportNotReady
from backend.reports.graphql.inputs import (
    CreateReportScheduleInput,
    ReportRunIdInput,
    ReportScheduleIdInput,
    RunReportInput,
    UpdateReportScheduleInput,
    named,
)
from backend.reports.graphql.types import ReportRun, ReportSchedule
from backend.reports.runs import RunCriteria, distinct
from backend.reports.schedules import Kept, ReportScheduleOrder, ScheduleCriteria

WRITES: list[FieldExtension] = [Requires(Scope.REPORTS_WRITE)]


@seen_with(Scope.REPORTS_WRITE)
@object_type
class WebhookSecret:
    """What a receiver checks signatures with (Standard Webhooks); it is told only once."""

    url: str
    """The receiver."""
    secret: str
    """whsec_ and its key in Base64."""


@seen_with(Scope.REPORTS_WRITE)
@object_type
class ReportSchedulePayload:
    """A schedule as it is now."""

    schedule: ReportSchedule
    """The schedule."""
    webhook_secrets: list[WebhookSecret]
    """The secrets of webhooks that were not there before."""


@seen_with(Scope.REPORTS_WRITE)
@object_type
class DeleteReportSchedulePayload:
    """A schedule that is gone."""

    id: ID
    """Which."""


@seen_with(Scope.REPORTS_WRITE)
@object_type
class ReportRunPayload:
    """A report as it is now."""

    run: ReportRun
    """The report."""


@seen_with(Scope.REPORTS_WRITE)
@object_type
class ReportRunsPayload:
    """Reports as they are now."""

    runs: list[ReportRun]
    """The reports, one for each recipient."""


@strawberry.type
class Mutation:
    """Changes of reports."""

    @strawberry.mutation(extensions=WRITES)
    async def create_report_schedule(
        self,
        info: Info,
        input: CreateReportScheduleInput,  # noqa: A002 - the contract's name
    ) -> ReportSchedulePayload:
        """Lets a report come by itself from now on."""
        plan, hosts = input.plan(), _private_hosts(info)
        async with info.context.writing() as work:
            return await _kept(work, await schedules.create(work, plan, hosts))

    @strawberry.mutation(extensions=WRITES)
    async def update_report_schedule(
        self,
        info: Info,
        input: UpdateReportScheduleInput,  # noqa: A002 - the contract's name
    ) -> ReportSchedulePayload:
        """Puts another plan in the place of a schedule's; webhooks see then what you see."""
        plan, hosts = input.plan(), _private_hosts(info)
        async with info.context.writing() as work:
            return await _kept(work, await schedules.update(work, named(input.id), plan, hosts))

    @strawberry.mutation(extensions=WRITES)
    async def delete_report_schedule(
        self,
        info: Info,
        input: ReportScheduleIdInput,  # noqa: A002 - the contract's name
    ) -> DeleteReportSchedulePayload:
        """Ends a schedule; what was sent stays."""
        async with info.context.writing() as work:
            await schedules.delete(work, named(input.id))
        return DeleteReportSchedulePayload(id=input.id)

    @strawberry.mutation(extensions=WRITES)
    async def run_report_schedule(
        self,
        info: Info,
        input: ReportScheduleIdInput,  # noqa: A002 - the contract's name
    ) -> ReportRunsPayload:
        """Sends a schedule's report to every recipient now, about the last whole period."""
        async with info.context.writing() as work:
            made = await schedules.send_now(work, named(input.id), is_sample=False)
            return ReportRunsPayload(runs=await _runs(work, made))

    @strawberry.mutation(extensions=WRITES)
    async def send_report_sample(
        self,
        info: Info,
        input: ReportScheduleIdInput,  # noqa: A002 - the contract's name
    ) -> ReportRunPayload:
        """Sends a schedule's report to you alone, marked as a sample."""
        async with info.context.writing() as work:
            made = await schedules.send_now(work, named(input.id), is_sample=True)
            return ReportRunPayload(run=(await _runs(work, made))[0])

    @strawberry.mutation(extensions=WRITES)
    async def run_report(
        self,
        info: Info,
        input: RunReportInput,  # noqa: A002 - the contract's name
    ) -> ReportRunPayload:
        """Makes a report now, for you."""
        wish = asking.Wish(
            content=input.content.content(),
            formats=distinct(input.formats),
            channel=input.channel,
            name=input.name,
            timezone=input.timezone,
        )
        async with info.context.writing() as work:
            made = await asking.ask(work, wish)
            return ReportRunPayload(run=(await _runs(work, [made]))[0])

    @strawberry.mutation(extensions=WRITES)
    async def retry_report(
        self,
        info: Info,
        input: ReportRunIdInput,  # noqa: A002 - the contract's name
    ) -> ReportRunPayload:
        """Tries a report again that failed."""
        run_id = named(input.id)
        async with info.context.writing() as work:
            await runs.retry(work, run_id)
            return ReportRunPayload(run=(await _runs(work, [run_id]))[0])

    @strawberry.mutation(extensions=WRITES)
    async def resend_report(
        self,
        info: Info,
        input: ReportRunIdInput,  # noqa: A002 - the contract's name
    ) -> ReportRunPayload:
        """Makes a report anew that late sales changed, and sends it to the same reader."""
        async with info.context.writing() as work:
            made = await restating.resend(work, named(input.id))
            if made is None:
                raise ReportNotReady("it was sent anew already", field=["input", "id"])
            return ReportRunPayload(run=(await _runs(work, [made]))[0])


def _private_hosts(info: Info) -> Sequence[str]:
    return info.context.service(BackendSettings).private_hosts


async def _kept(work: Work, kept: Kept) -> ReportSchedulePayload:
    page = await schedules.list_schedules(
        work,
        ScheduleCriteria(ids=(kept.schedule_id,)),
        ReportScheduleOrder.NAME,
        descending=False,
        first=1,
        after=None,
    )
    secrets = [WebhookSecret(url=url, secret=one) for url, one in kept.secrets.items()]
    return ReportSchedulePayload(
        schedule=ReportSchedule.of(page.rows[0][1]), webhook_secrets=secrets
    )


async def _runs(work: Work, ids: Sequence[UUID]) -> list[ReportRun]:
    page = await runs.list_runs(
        work, RunCriteria(ids=tuple(ids)), descending=False, first=len(ids), after=None
    )
    return [ReportRun.of(row) for _, row in page.rows]
