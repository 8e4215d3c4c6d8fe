"""Questions about reports."""

import strawberry

from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Cursor
from backend.reports import runs, schedules
from backend.reports.contents.catalogue import KINDS
from backend.reports.graphql.inputs import (
    ReportRunFilter,
    ReportRunSort,
    ReportScheduleFilter,
    ReportScheduleSort,
)
from backend.reports.graphql.types import ReportCatalogueEntry, ReportRun, ReportSchedule


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=[Requires(Scope.REPORTS_READ)])
    async def report_catalogue(self, info: Info) -> list[ReportCatalogueEntry]:
        """Tells what can be reported to you."""
        work = await info.context.reading()
        entries = [one for kind in KINDS.values() for one in await kind.entries(work)]
        return list(map(ReportCatalogueEntry.of, entries))

    @strawberry.field(extensions=[Requires(Scope.REPORTS_READ)])
    async def report_schedules(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: ReportScheduleFilter | None = None,  # noqa: A002 - the contract's name
        sort: ReportScheduleSort | None = None,
    ) -> Connection[ReportSchedule]:
        """Your schedules of reports, by name unless sorted otherwise; admins see everybody's."""
        sort = sort or ReportScheduleSort()
        page = await schedules.list_schedules(
            await info.context.reading(),
            (filter or ReportScheduleFilter()).criteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, ReportSchedule.of)

    @strawberry.field(extensions=[Requires(Scope.REPORTS_READ)])
    async def report_runs(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: ReportRunFilter | None = None,  # noqa: A002 - the contract's name
        sort: ReportRunSort | None = None,
    ) -> Connection[ReportRun]:
        """Reports to you and of your schedules, latest first unless sorted otherwise."""
        sort = sort or ReportRunSort()
        page = await runs.list_runs(
            await info.context.reading(),
            (filter or ReportRunFilter()).criteria(),
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, ReportRun.of)
