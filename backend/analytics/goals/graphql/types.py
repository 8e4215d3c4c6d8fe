"""Goals, their progress and what came of changing them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

import strawberry
from strawberry.scalars import ID

from backend.analytics.goals import progress, proposal, rules
from backend.analytics.goals.graphql.enums import (
    GoalDimension,
    GoalMeasure,
    GoalOrigin,
    GoalPeriodKind,
    GoalStanding,
    LandingBasis,
    ProposalBasis,
    SeasonBasis,
)
from backend.core.scopes import Scope
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.infra.api.results import RowStatus, UserError
from backend.infra.api.scalars import Long


@seen_with(Scope.SALES_READ)
@object_type
class GoalDay:
    """The part of a plan that falls on a day."""

    day: date
    """Business day."""
    amount: Decimal
    """Planned for it; the days of a goal add up to it exactly."""


@seen_with(Scope.SALES_READ)
@object_type
class GoalChange:
    """One change of a goal."""

    version: Long
    """The version it made."""
    amount: Decimal | None
    """The amount from then on; null: it was deleted."""
    origin: GoalOrigin
    """Where the amount came from."""
    changed_at: datetime
    """When."""
    changed_by: str
    """Who: a user's id or a client's."""


@seen_with(Scope.SALES_READ)
@object_type
class Goal:
    """An amount planned for a period and a part of the business."""

    id: ID
    """Identifies it."""
    period: str
    """Its period, as summaries write it: 2018, 2018-Q1, 2018-03, FY2018-P02."""
    kind: GoalPeriodKind
    """How long that is, and by whose calendar."""
    from_: date = strawberry.field(name="from", description="First day of its period.")
    to: date
    """Last day of its period, inclusive."""
    dimension: GoalDimension
    """For which part of the business it is."""
    member: str | None
    """Which of these parts: a code, a SKU or a name; null for the organisation."""
    measure: GoalMeasure
    """The figure it is set for."""
    amount: Decimal
    """What is planned; money in the organisation's currency."""
    version: Long
    """Grows with every change: send it along to change what was looked at."""
    updated_at: datetime
    """When it was last changed."""
    updated_by: str
    """Who did: a user's id or a client's."""

    @classmethod
    def of(cls, goal: rules.Goal) -> Self:
        """Return a goal as clients see it."""
        return cls(
            id=ID(str(goal.id)),
            period=goal.key.period,
            kind=goal.period.kind,
            from_=goal.period.first,
            to=goal.period.last,
            dimension=goal.key.dimension,
            member=goal.key.member or None,
            measure=goal.key.measure,
            amount=goal.amount,
            version=Long(goal.version),
            updated_at=goal.updated_at,
            updated_by=goal.updated_by,
        )


@seen_with(Scope.SALES_READ)
@object_type
class GoalDetail:
    """A goal day by day, and what it was before."""

    goal: Goal
    """The goal."""
    season: SeasonBasis
    """From what the plan is spread over its days."""
    days: list[GoalDay]
    """All days of its period: the plan as weekdays and times of year usually sell."""
    changes: list[GoalChange]
    """Its last 50 changes, the latest first."""


@seen_with(Scope.SALES_READ)
@object_type
class GoalProposal:
    """What may be planned for the period after a goal's."""

    period: str
    """The period that follows."""
    amount: Decimal
    """What is proposed for it, in the goal's own figure."""
    basis: ProposalBasis
    """Of what it is made."""
    growth: Decimal | None
    """The factor on last year's sales; null where none was used."""

    @classmethod
    def of(cls, one: proposal.Proposal) -> Self:
        """Return a proposal as clients see it."""
        return cls(period=one.period.id, amount=one.amount, basis=one.basis, growth=one.growth)


@seen_with(Scope.SALES_READ)
@object_type
class GoalProgress:
    """How far a goal is. Shares are parts of one."""

    goal: Goal
    """The goal."""
    attained: Decimal
    """What was sold by then."""
    share: Decimal
    """Attained ÷ goal."""
    gap: Decimal
    """Goal − attained; negative: by how much it is exceeded."""
    gap_money: Decimal | None
    """The same in money: units at their net sales a unit; null where none was sold."""
    expected: Decimal
    """What the plan, spread over its season, wanted by then."""
    pace: Decimal | None
    """Attained ÷ expected; null before the period begins."""
    elapsed: Decimal
    """Part of the period's season that has passed."""
    days_elapsed: Decimal
    """Days that have passed, today in part."""
    days_left: Decimal
    """Days to come, the rest of today included."""
    run_rate: Decimal | None
    """Attained a day so far; null before the period begins."""
    needed_rate: Decimal | None
    """Gap by the days left; null when the period is over."""
    landing: Decimal | None
    """Where it ends: attained and what is forecast, else attained ÷ elapsed.

    Without a forecast null before a twentieth has passed.
    """
    landing_basis: LandingBasis | None
    """From what the landing is told; null without one."""
    landing_share: Decimal | None
    """Landing ÷ goal."""
    landing_low: Decimal | None
    """Nine in ten landings lie from here …"""
    landing_high: Decimal | None
    """… to here; both null with no landing, or where the past is too short to say."""
    probability: Decimal | None
    """How likely it counts as reached in the end; null as with the band."""
    proposed_plan: GoalProposal | None
    """What may be planned for the period after it; null where nothing tells."""
    standing: GoalStanding
    """How it stands."""
    season: SeasonBasis
    """From what its spread is taken."""

    @classmethod
    def of(cls, one: progress.Progress) -> Self:
        """Return progress as clients see it."""
        landing = one.landing
        return cls(
            goal=Goal.of(one.goal),
            attained=one.attained,
            share=one.share,
            gap=one.gap,
            gap_money=one.gap_money,
            expected=one.expected,
            pace=one.pace,
            elapsed=one.elapsed,
            days_elapsed=one.days_elapsed.quantize(Decimal("0.0001")),
            days_left=one.days_left.quantize(Decimal("0.0001")),
            run_rate=one.run_rate,
            needed_rate=one.needed_rate,
            landing=landing,
            landing_basis=one.landing_basis,
            landing_share=None if landing is None else rules.ratio(landing, one.goal.amount),
            landing_low=one.landing_low,
            landing_high=one.landing_high,
            probability=one.probability,
            proposed_plan=GoalProposal.of(one.proposal) if one.proposal else None,
            standing=one.standing,
            season=one.season,
        )


@seen_with(Scope.SALES_READ)
@object_type
class GoalRules:
    """When goals count as reached, and when as about to be missed."""

    reached_at: Decimal
    """The part of a goal at which it counts as reached."""
    missed_below: Decimal
    """The part of a goal below which a projected landing counts as missing it."""
    version: Long
    """Grows with every change; 0 as long as nobody changed them."""

    @classmethod
    def of(cls, one: rules.GoalRules) -> Self:
        """Return the rules as clients see them."""
        return cls(
            reached_at=one.reached_at, missed_below=one.missed_below, version=Long(one.version)
        )


@seen_with(Scope.SALES_READ)
@object_type
class GoalReport:
    """The progress of goals."""

    as_of: datetime
    """Everything recorded up to here is in it."""
    on: date
    """Last business day that counts."""
    is_partial: bool
    """That day is not over."""
    currency: str
    """ISO 4217 code of all money in it."""
    rules: GoalRules
    """When goals count as reached and as about to be missed."""
    rows: list[GoalProgress]
    """By period, dimension and member; opportunities by what is missing, the most first."""


@seen_with(Scope.SALES_READ)
@object_type
class GoalResult:
    """What became of one goal of a batch."""

    status: RowStatus
    """DUPLICATE: it was that amount already."""
    goal: Goal | None
    """As it stands now; null where there is none."""
    user_errors: list[UserError]
    """Why it was rejected."""


@seen_with(Scope.SALES_READ)
@object_type
class SetGoalsPayload:
    """What became of a batch of goals."""

    accepted_count: int
    """Set or changed."""
    duplicate_count: int
    """Already of that amount."""
    rejected_count: int
    """Refused."""
    results: list[GoalResult]
    """One per goal, in the order sent."""


@seen_with(Scope.SALES_READ)
@object_type
class DeleteGoalsPayload:
    """What became of goals to delete."""

    accepted_count: int
    """Deleted."""
    duplicate_count: int
    """Always 0: what is gone is unknown."""
    rejected_count: int
    """Refused."""
    results: list[GoalResult]
    """One per goal, in the order sent; as it stood last."""


@seen_with(Scope.SALES_READ)
@object_type
class CopyGoalsPayload:
    """What a copy made."""

    set_count: int
    """Goals set or changed."""
    same_count: int
    """Goals that had that amount already."""
    kept_count: int
    """Goals that were planned otherwise and stay."""
    rejected_count: int
    """Goals that could not be set: their part of the business is unknown or out of reach."""
    goals: list[Goal]
    """Those set or changed."""


@seen_with(Scope.SALES_READ)
@object_type
class GoalRulesPayload:
    """The rules after the change."""

    rules: GoalRules
    """As they are now."""


@seen_with(Scope.SALES_READ)
@object_type
class GoalProblem:
    """What is wrong with a cell of a file."""

    line: int
    """Its line, the first being 1."""
    column: str
    """What its column is called."""
    value: str
    """The beginning of what stands there."""
    code: str
    """Stable code for programs."""
    message: str
    """Sentence for people."""


@seen_with(Scope.SALES_READ)
@object_type
class ImportGoalsPayload:
    """What became of a file of goals."""

    found_count: int
    """Goals in the file."""
    set_count: int
    """Set or changed; in a dry run: would be."""
    same_count: int
    """Of that amount already."""
    rejected_count: int
    """Refused."""
    problems: list[GoalProblem]
    """Why, by line; the first 500."""
    is_dry_run: bool
    """Nothing was changed."""


@seen_with(Scope.SALES_READ)
@object_type
class GoalChanged:
    """A goal was set, changed or deleted: ask `goals` for it."""

    id: ID
    """Identifies the goal."""
    period: str
    """Its period."""
    dimension: GoalDimension
    """The part of the business it is for."""
    is_deleted: bool
    """It is gone."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        goal = fact["goal"]
        return cls(
            id=ID(goal["id"]),
            period=goal["period"],
            dimension=GoalDimension(goal["dimension"]),
            is_deleted=goal["isDeleted"],
        )
