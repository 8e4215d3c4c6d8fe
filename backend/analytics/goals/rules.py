"""What a goal is, and when it counts as reached. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from backend.analytics.goals.errors import InvalidGoal
from backend.analytics.goals.periods import Period
from backend.analytics.rules import SalesDimension
from backend.core.numbers import ZERO, money, quantity
from backend.core.texts import MOST_NAME, text

MOST_GOALS: Final = 20_000
"""Goals of an organisation."""


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
