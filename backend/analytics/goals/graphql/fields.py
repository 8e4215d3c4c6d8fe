"""Root fields of goals."""

from base64 import b64decode
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.scalars import ID

from backend.analytics import pricing
from backend.analytics.goals import (
    copying,
    importing,
    measuring,
    opportunity,
    planning,
    progress,
    rules,
    service,
)
from backend.analytics.goals.errors import UnreadablePlan
from backend.analytics.goals.graphql.enums import GoalOrigin, OpportunityBasis
from backend.analytics.goals.graphql.inputs import (
    CopyGoalsInput,
    DeleteGoalsInput,
    GoalFilter,
    GoalSort,
    ImportGoalsInput,
    SetGoalRulesInput,
    SetGoalsInput,
)
from backend.analytics.goals.graphql.types import (
    CopyGoalsPayload,
    DeleteGoalsPayload,
    Goal,
    GoalChange,
    GoalDay,
    GoalDetail,
    GoalProblem,
    GoalProgress,
    GoalReport,
    GoalResult,
    GoalRules,
    GoalRulesPayload,
    ImportGoalsPayload,
    SetGoalsPayload,
)
from backend.analytics.goals.importing import PlanMapping
from backend.analytics.goals.outlook import Outlooks
from backend.analytics.goals.planning import GoalDraft, GoalRow
from backend.analytics.goals.season import spread
from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.cost import COST, Arguments
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import (
    ErrorPolicy,
    RowStatus,
    SortDirection,
    check_batch,
    user_error,
)
from backend.infra.api.scalars import Cursor, Long
from backend.infra.work import Work

READS: list[FieldExtension] = [Requires(Scope.SALES_READ)]
WRITES: list[FieldExtension] = [Requires(Scope.GOALS_WRITE, Scope.SALES_READ)]
PASSES: Final = 6
"""What progress is charged for: its summaries are short, and as many as there are dimensions."""
MOST_PROBLEMS: Final = 500
NO_ID: Final = UUID(int=0)


def price(_: Arguments) -> int:
    """Return what it costs to measure goals."""
    return pricing.PER_PASS * PASSES


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=READS)
    async def goals(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: GoalFilter | None = None,  # noqa: A002 - the contract's name
        sort: GoalSort | None = None,
    ) -> Connection[Goal]:
        """What is planned; goals of profit only for who may know cost."""
        sort = sort or GoalSort()
        page = await service.list_goals(
            await info.context.reading(),
            _criteria(filter),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, Goal.of)

    @strawberry.field(extensions=READS, metadata={COST: price})
    async def goal(self, info: Info, id: ID) -> GoalDetail | None:  # noqa: A002
        """A goal day by day, and what it was before; null where there is none, or not for you."""
        work = await info.context.reading()
        found = await service.find_goal(work, _id(id))
        return None if found is None else await _detail(work, found)

    @strawberry.field(extensions=READS, metadata={COST: price})
    async def goal_progress(
        self,
        info: Info,
        filter: GoalFilter | None = None,  # noqa: A002 - the contract's name
        on: date | None = None,
    ) -> GoalReport:
        """How far goals are, current ones unless the filter says when.

        `on` is the last business day that counts, to its end; left out: up to now.
        """
        work = await info.context.reading()
        report = await _measured(info, work, filter, on)
        return _report(work, report, report.rows)

    @strawberry.field(extensions=READS, metadata={COST: price})
    async def opportunities(
        self,
        info: Info,
        filter: GoalFilter | None = None,  # noqa: A002 - the contract's name
        on: date | None = None,
        lower: Decimal = opportunity.LOWER,
        upper: Decimal = opportunity.UPPER,
        basis: OpportunityBasis = OpportunityBasis.GOAL,
    ) -> GoalReport:
        """Goals that are attained between two parts of one, both inclusive: little is missing.

        The largest gap in money comes first.
        """
        work = await info.context.reading()
        report = await _measured(info, work, filter, on)
        is_to_date = basis is OpportunityBasis.TO_DATE
        rows = opportunity.opportunities(report.rows, lower, upper, is_to_date=is_to_date)
        return _report(work, report, rows)


@strawberry.type
class Mutation:
    """Root fields."""

    @strawberry.mutation(extensions=WRITES)
    async def set_goals(self, info: Info, input: SetGoalsInput) -> SetGoalsPayload:  # noqa: A002
        """Sets goals, each unless it changed since it was looked at."""
        check_batch(info.context, input.goals, "goals")
        drafts = [GoalDraft(**vars(one)) for one in input.goals]
        everything = input.error_policy is ErrorPolicy.REJECT_EVERYTHING
        async with info.context.writing() as work:
            rows = await planning.set_goals(work, drafts, all_or_nothing=everything)
        return SetGoalsPayload(**_payload([_result(row) for row in rows]))

    @strawberry.mutation(extensions=WRITES)
    async def copy_goals(self, info: Info, input: CopyGoalsInput) -> CopyGoalsPayload:  # noqa: A002
        """Makes the goals of a year of those, or of the sales, of another, with growth."""
        sent = dict(vars(input))
        order = copying.CopyOrder(overwrites=sent.pop("overwrite"), **sent)
        async with info.context.writing() as work:
            found = await copying.copy_goals(work, order)
        good = [row for row in found.rows if row.error is None]
        changed = [Goal.of(row.goal) for row in good if row.is_changed and row.goal]
        return CopyGoalsPayload(
            set_count=len(changed),
            same_count=len(good) - len(changed),
            kept_count=found.kept,
            rejected_count=len(found.rows) - len(good),
            goals=changed,
        )

    @strawberry.mutation(extensions=WRITES)
    async def delete_goals(
        self,
        info: Info,
        input: DeleteGoalsInput,  # noqa: A002 - the contract's name
    ) -> DeleteGoalsPayload:
        """Deletes goals, each unless it changed since it was looked at."""
        check_batch(info.context, input.goals, "goals")
        wanted = [(_id(one.id), one.version) for one in input.goals]
        async with info.context.writing() as work:
            rows = await planning.delete_goals(work, wanted)
        return DeleteGoalsPayload(**_payload([_result(row, is_done=True) for row in rows]))

    @strawberry.mutation(extensions=WRITES, metadata={COST: price})
    async def import_goals(
        self,
        info: Info,
        input: ImportGoalsInput,  # noqa: A002 - the contract's name
    ) -> ImportGoalsPayload:
        """Sets the goals of a file, whatever version they have."""
        try:
            content = b64decode(input.content, validate=True)
        except ValueError as exc:
            raise UnreadablePlan("content is base64", field=["input", "content"]) from exc
        mapping = PlanMapping(
            columns={one.field: one.column for one in input.columns or []},
            dimension=input.dimension,
            measure=input.measure,
            decimal_comma=input.decimal_comma,
        )
        everything = input.error_policy is ErrorPolicy.REJECT_EVERYTHING
        async with info.context.writing() as work:
            found = await importing.import_goals(
                work, content, mapping, all_or_nothing=everything, is_dry_run=input.dry_run
            )
        return _imported(found)

    @strawberry.mutation(extensions=WRITES)
    async def set_goal_rules(
        self,
        info: Info,
        input: SetGoalRulesInput,  # noqa: A002 - the contract's name
    ) -> GoalRulesPayload:
        """Settles when goals count as reached and as about to be missed; alerts follow it."""
        async with info.context.writing() as work:
            found = await service.set_goal_rules(
                work, input.reached_at, input.missed_below, input.version
            )
        return GoalRulesPayload(rules=GoalRules.of(found))


def _imported(found: importing.Imported) -> ImportGoalsPayload:
    return ImportGoalsPayload(
        found_count=found.found,
        set_count=found.changed,
        same_count=found.same,
        rejected_count=found.found - found.changed - found.same,
        problems=[
            GoalProblem(
                line=one.line,
                column=one.column,
                value=one.value,
                code=one.error.code,
                message=one.error.message,
            )
            for one in found.problems[:MOST_PROBLEMS]
        ],
        is_dry_run=not found.is_kept,
    )


async def _measured(
    info: Info, work: Work, chosen: GoalFilter | None, on: date | None
) -> measuring.Report:
    outlooks = info.context.service(Outlooks)
    return await measuring.progress(work, _criteria(chosen), on, outlooks)


def _criteria(chosen: GoalFilter | None) -> service.GoalCriteria:
    return chosen.criteria() if chosen else service.GoalCriteria()


async def _detail(work: Work, goal: rules.Goal) -> GoalDetail:
    season = await measuring.season_for(work, goal)
    days = goal.period.days
    amounts = spread(goal.amount, season.weights(days))
    return GoalDetail(
        goal=Goal.of(goal),
        season=season.basis,
        days=[GoalDay(day=day, amount=one) for day, one in zip(days, amounts, strict=True)],
        changes=[
            GoalChange(
                version=Long(one.version),
                amount=one.amount,
                origin=GoalOrigin(one.origin),
                changed_at=one.changed_at,
                changed_by=one.changed_by,
            )
            for one in await service.changes_of(work, goal)
        ],
    )


def _report(
    work: Work, report: measuring.Report, rows: tuple[progress.Progress, ...]
) -> GoalReport:
    return GoalReport(
        as_of=report.as_of,
        on=report.at.day,
        is_partial=report.at.fraction < 1,
        currency=work.currency,
        rules=GoalRules.of(report.rules),
        rows=[GoalProgress.of(one) for one in rows],
    )


def _result(row: GoalRow, *, is_done: bool = False) -> GoalResult:
    status = RowStatus.ACCEPTED if row.is_changed or is_done else RowStatus.DUPLICATE
    return GoalResult(
        status=RowStatus.REJECTED if row.error else status,
        goal=Goal.of(row.goal) if row.goal else None,
        user_errors=[user_error(row.error)] if row.error else [],
    )


def _payload(results: list[GoalResult]) -> dict[str, Any]:
    statuses = [one.status for one in results]
    return {
        "accepted_count": statuses.count(RowStatus.ACCEPTED),
        "duplicate_count": statuses.count(RowStatus.DUPLICATE),
        "rejected_count": statuses.count(RowStatus.REJECTED),
        "results": results,
    }


def _id(text: str) -> UUID:
    """Return the id a text stands for; one that is nobody's where it stands for none."""
    try:
        return UUID(text)
    except ValueError:
        return NO_ID
