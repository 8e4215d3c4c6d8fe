"""What clients send about goals."""

from datetime import date
from decimal import Decimal
from typing import TypeVar

import strawberry
from strawberry.scalars import ID

from backend.analytics.goals.graphql.enums import (
    GoalCopyBasis,
    GoalDimension,
    GoalMeasure,
    GoalOrder,
    GoalPeriodKind,
)
from backend.analytics.goals.service import GoalCriteria
from backend.core.errors import TooMuch
from backend.infra.api.described import input_type
from backend.infra.api.results import ErrorPolicy, SortDirection
from backend.infra.api.scalars import Long
from backend.sales.filters import MOST_VALUES

T = TypeVar("T", bound=str)


@input_type
class GoalFilter:
    """Which goals; what is left out does not limit."""

    periods: list[str] | None = None
    """Only of these periods."""
    kinds: list[GoalPeriodKind] | None = None
    """Only of these kinds of periods."""
    dimensions: list[GoalDimension] | None = None
    """Only for these parts of the business."""
    members: list[str] | None = None
    """Only of these members."""
    measures: list[GoalMeasure] | None = None
    """Only of these figures."""
    from_: date | None = strawberry.field(
        name="from", default=None, description="Only whose period touches days from here on."
    )
    to: date | None = None
    """Only whose period touches days up to here, inclusive."""

    def criteria(self) -> GoalCriteria:
        """Return the filter as the service takes it.

        Raises:
            InvalidRange: it ends before it begins.
            TooMuch: too many values in one list.
        """
        return GoalCriteria(
            periods=_set("periods", self.periods),
            kinds=_set("kinds", self.kinds),
            dimensions=_set("dimensions", self.dimensions),
            members=_set("members", self.members),
            measures=_set("measures", self.measures),
            first_day=self.from_,
            last_day=self.to,
        )


def _set(name: str, values: list[T] | None) -> frozenset[T] | None:
    if values is None:
        return None
    if len(values) > MOST_VALUES:
        raise TooMuch(f"at most {MOST_VALUES} values to choose from", field=["filter", name])
    return frozenset(one for one in values if "\x00" not in one)


@input_type
class GoalSort:
    """How goals are sorted."""

    by: GoalOrder = GoalOrder.PERIOD
    """By what."""
    direction: SortDirection = SortDirection.ASC
    """Which end first."""


@input_type
class GoalInput:
    """One goal."""

    period: str
    """2018, 2018-Q1, 2018-03; in the organisation's business year FY2018, FY2018-Q1, FY2018-P02."""
    dimension: GoalDimension = GoalDimension.ORGANISATION
    """For which part of the business."""
    member: str | None = None
    """Which of these parts; left out for the organisation."""
    measure: GoalMeasure = GoalMeasure.NET_SALES
    """The figure."""
    amount: Decimal
    """Above 0; money in the organisation's currency."""
    version: Long | None = None
    """The version that was looked at, 0 where there was none; left out: whatever it is now."""


@input_type
class SetGoalsInput:
    """Goals to set, at most as many as a batch may have."""

    goals: list[GoalInput]
    """The goals."""
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS
    """What happens to the others when one is rejected."""


@input_type
class GoalReference:
    """A goal as it was looked at."""

    id: ID
    """The goal."""
    version: Long | None = None
    """The version that was looked at; left out: whatever it is now."""


@input_type
class DeleteGoalsInput:
    """Goals to delete."""

    goals: list[GoalReference]
    """Which."""


@input_type
class CopyGoalsInput:
    """Makes the goals of a year of those, or of the sales, of another."""

    from_year: str
    """2017, or FY2017."""
    to_year: str
    """2018, or FY2018."""
    kind: GoalPeriodKind = GoalPeriodKind.QUARTER
    """For periods of which kind."""
    dimension: GoalDimension = GoalDimension.ORGANISATION
    """For which part of the business: one goal for each that sold, or had one."""
    measure: GoalMeasure = GoalMeasure.NET_SALES
    """The figure."""
    basis: GoalCopyBasis = GoalCopyBasis.SALES
    """Of what they are made."""
    growth: Decimal = Decimal(0)
    """A part of one on top: 0.05 is five percent more; negative: less."""
    overwrite: bool = False
    """Whether goals that are planned already change, too."""


@input_type
class SetGoalRulesInput:
    """When goals count as reached, and when as about to be missed."""

    reached_at: Decimal
    """Part of a goal at which it counts as reached: 1 is all of it."""
    missed_below: Decimal
    """Part of a goal below which a projected landing counts as missing it."""
    version: Long | None = None
    """The version that was looked at; left out: whatever it is now."""


@input_type
class GoalColumn:
    """Which column of a file is what."""

    field: str
    """period, dimension, member, measure or amount."""
    column: str
    """What the column is called."""


@input_type
class ImportGoalsInput:
    """A file of goals: CSV, or the first sheet of an Excel file.

    A row a goal, with columns for period, amount and what it is for; or a row a member, with a
    column a period. A column called like a dimension (Region, Location …) holds its members.
    """

    content: str
    """The file in base64, at most 2 MB and 10,000 goals."""
    columns: list[GoalColumn] | None = None
    """Columns that are called otherwise."""
    dimension: GoalDimension | None = None
    """What the members are, where no column says so."""
    measure: GoalMeasure = GoalMeasure.NET_SALES
    """The figure, where no column says so."""
    decimal_comma: bool = False
    """Whether 1.234,5 is how amounts are written."""
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS
    """What happens to the other goals when one is rejected."""
    dry_run: bool = False
    """Tells what would happen and changes nothing."""
