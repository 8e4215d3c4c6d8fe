"""What a goal is, and how far it is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from backend.analytics.goals.errors import InvalidGoal
from backend.analytics.goals.periods import Period
from backend.analytics.goals.season import SeasonBasis
from backend.analytics.rules import SalesDimension
from backend.core.numbers import ZERO, money, quantity, rounded
from backend.core.texts import MOST_NAME, text

MOST_GOALS: Final = 20_000
"""Goals of an organisation."""
LEAST_SHARE: Final = Decimal("0.05")
"""Part of a period's season that must have passed before a landing is projected."""


class GoalDimension(StrEnum):
    """The part of the business a goal is for."""

    ORGANISATION = "ORGANISATION"
    """All of it; without a member."""
    REGION = "REGION"
    """A sales region, as sales name it."""
    STATE = "STATE"
    """A state, as sales name it."""
    LOCATION = "LOCATION"
    """A location; its code."""
    CATEGORY = "CATEGORY"
    """A category of products; its name."""
    PRODUCT = "PRODUCT"
    """A product; its SKU."""
    DISTRIBUTOR = "DISTRIBUTOR"
    """Who sells, else supplies; its code."""
    SELLER = "SELLER"
    """Who sold, as sales name them."""

    @property
    def sales(self) -> SalesDimension:
        """The dimension of summaries with these members."""
        return SalesDimension(self.value)


class GoalMeasure(StrEnum):
    """The figure a goal is set for."""

    NET_SALES = "NET_SALES"
    """Sales after discounts and returns."""
    UNITS = "UNITS"
    """Units sold less units returned."""
    PROFIT = "PROFIT"
    """Net sales less cost, where cost is known; for who may know cost."""


class GoalStanding(StrEnum):
    """How a goal stands."""

    NOT_STARTED = "NOT_STARTED"
    """Its period has not begun."""
    REACHED = "REACHED"
    """The level that counts as reached is attained."""
    ON_TRACK = "ON_TRACK"
    """It will be reached, or nearly, if things go on as they do."""
    AT_RISK = "AT_RISK"
    """It will be missed if things go on as they do."""
    TOO_EARLY = "TOO_EARLY"
    """Too little of the period has passed to say."""
    MISSED = "MISSED"
    """Its period is over, and it was not reached."""


@dataclass(frozen=True, slots=True)
class GoalKey:
    """What a goal is for. `member` is empty for the whole organisation."""

    period: str
    dimension: GoalDimension
    member: str
    measure: GoalMeasure

    @property
    def name(self) -> str:
        """How alerts call it; no other goal of the organisation is called so."""
        part = self.dimension.value.capitalize()
        member = f" {self.member}" if self.member else ""
        return f"{self.period} {part}{member}, {self.measure.value.lower().replace('_', ' ')}"


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal as it stands. `version` counts its changes and grows for ever, deletion included."""

    id: UUID
    key: GoalKey
    period: Period
    amount: Decimal
    version: int
    location_id: UUID | None
    latched: GoalStanding | None
    """What alerts were told last: REACHED, AT_RISK or nothing."""
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True)
class GoalRules:
    """When a goal counts as reached, and when as about to be missed; both parts of the goal."""

    reached_at: Decimal = Decimal(1)
    missed_below: Decimal = Decimal("0.95")
    version: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a goal is on a day. Shares are parts of one."""

    goal: Goal
    attained: Decimal
    share: Decimal
    gap: Decimal
    """What is missing; negative: by how much it is exceeded."""
    gap_money: Decimal | None
    """The same in money; None for units of which none was sold."""
    expected: Decimal
    """What the plan, spread over its season, wanted by then."""
    elapsed: Decimal
    """The part of the season that has passed."""
    days_elapsed: Decimal
    days_left: Decimal
    run_rate: Decimal | None
    """Attained a day so far; None before the period."""
    needed_rate: Decimal | None
    """What is missing by the days left; None without any."""
    landing: Decimal | None
    """Where it will end; None while it is too early to say."""
    standing: GoalStanding
    season: SeasonBasis

    @property
    def pace(self) -> Decimal | None:
        """Attained as a part of what was expected by then; None before the period."""
        return ratio(self.attained, self.expected)


def check_amount(value: Decimal, measure: GoalMeasure, field: Sequence[str]) -> Decimal:
    """Return an amount above nothing.

    Raises:
        InvalidAmount, InvalidQuantity: no such figure has it.
        InvalidGoal: nothing, or less.
    """
    exact = quantity(value, field) if measure is GoalMeasure.UNITS else money(value, field)
    if exact <= ZERO:
        raise InvalidGoal("a goal is above 0; delete it instead", field=field, value=f"{value:f}")
    return exact


def check_member(dimension: GoalDimension, member: str | None, field: Sequence[str]) -> str:
    """Return the member of a dimension as goals keep it.

    Raises:
        InvalidGoal: the organisation with a member, or another dimension without.
        InvalidText: empty, too long or with control characters.
    """
    if dimension is GoalDimension.ORGANISATION:
        if member:
            raise InvalidGoal(
                "the organisation is one: leave the member out", field=field, value=member[:60]
            )
        return ""
    if member is None:
        raise InvalidGoal(f"say which {dimension.value.lower()}", field=field)
    return text(member, field, most=MOST_NAME)


def ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return a part of one with six decimals; None of nothing."""
    return (part / whole).quantize(Decimal("0.000001"), ROUND_HALF_EVEN) if whole else None


@dataclass(frozen=True, slots=True)
class Moment:
    """Until when sales count: `day`, of which `fraction` has passed."""

    day: date
    fraction: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Sold:
    """What was attained of a goal by then, and at which money a unit."""

    attained: Decimal
    money_a_unit: Decimal | None


def progress_of(
    goal: Goal, sold: Sold, weights: Sequence[int], basis: SeasonBasis, at: Moment, rules: GoalRules
) -> Progress:
    """Return how far a goal is; `weights` are those of the days of its period."""
    period, attained = goal.period, sold.attained
    whole = max(0, min((at.day - period.first).days, len(weights)))
    fraction = at.fraction if period.first <= at.day <= period.last else ZERO
    passed = Decimal(sum(weights[:whole])) + (weights[whole] * fraction if fraction else 0)
    elapsed = passed / sum(weights)
    days = whole + fraction
    left = len(weights) - days
    landing = None
    if left == 0:
        landing = attained
    elif elapsed >= LEAST_SHARE:
        landing = rounded(attained / elapsed)
    gap = goal.amount - attained
    in_money = goal.key.measure is not GoalMeasure.UNITS
    price = Decimal(1) if in_money else sold.money_a_unit
    return Progress(
        goal=goal,
        attained=attained,
        share=ratio(attained, goal.amount) or ZERO,
        gap=gap,
        gap_money=None if price is None else rounded(gap * price),
        expected=rounded(goal.amount * elapsed),
        elapsed=elapsed.quantize(Decimal("0.000001")),
        days_elapsed=days,
        days_left=left,
        run_rate=rounded(attained / days) if days else None,
        needed_rate=rounded(gap / left) if left else None,
        landing=landing,
        standing=_standing(goal, attained, landing, days=days, left=left, rules=rules),
        season=basis,
    )


def _standing(
    goal: Goal,
    attained: Decimal,
    landing: Decimal | None,
    *,
    days: Decimal,
    left: Decimal,
    rules: GoalRules,
) -> GoalStanding:
    if days == 0:
        return GoalStanding.NOT_STARTED
    if attained >= goal.amount * rules.reached_at:
        return GoalStanding.REACHED
    if left == 0:
        return GoalStanding.MISSED
    if landing is None:
        return GoalStanding.TOO_EARLY
    is_low = landing < goal.amount * rules.missed_below
    return GoalStanding.AT_RISK if is_low else GoalStanding.ON_TRACK
