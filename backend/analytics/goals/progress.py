"""How far a goal is, where it will land, and how likely it is reached. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from backend.analytics.goals.chances import A_MONTH, Spread, chance_of
from backend.analytics.goals.proposal import Proposal
from backend.analytics.goals.rules import Goal, GoalMeasure, GoalRules, GoalStanding, ratio
from backend.analytics.goals.season import SeasonBasis
from backend.core.numbers import ZERO, rounded

LEAST_SHARE: Final = Decimal("0.05")
"""Part of a period's season that must have passed before a landing is projected."""
_TENTHOUSANDTH: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Moment:
    """Until when sales count: `day`, of which `fraction` has passed."""

    day: date
    fraction: Decimal = Decimal(1)


class LandingBasis(StrEnum):
    """From what a landing is told."""

    FORECAST = "FORECAST"
    """From the forecast, carried on by the season beyond the days it reaches."""
    RUN_RATE = "RUN_RATE"
    """From what was attained, as the season is usually spread."""
    SOLD = "SOLD"
    """The period is over."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a goal's days are expected to be like; `weights` are those of the days of its period.

    `spread` is how far things usually go otherwise, None where the past is too short to say;
    `foreseen` what a weight of 1 is forecast to bring, None where nothing is forecast.
    """

    weights: Sequence[int]
    basis: SeasonBasis
    spread: Spread | None
    foreseen: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sold:
    """What was attained of a goal by then, and at which money a unit."""

    attained: Decimal
    money_a_unit: Decimal | None


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
    landing_basis: LandingBasis | None
    landing_low: Decimal | None
    landing_high: Decimal | None
    """Between these nine in ten landings lie; None where the past is too short to say."""
    probability: Decimal | None
    """How likely what counts as reached is reached; None as with the band."""
    standing: GoalStanding
    season: SeasonBasis
    proposal: Proposal | None = None
    """What may be planned for the period after this one."""

    @property
    def pace(self) -> Decimal | None:
        """Attained as a part of what was expected by then; None before the period."""
        return ratio(self.attained, self.expected)


def progress_of(goal: Goal, sold: Sold, pattern: Pattern, at: Moment, rules: GoalRules) -> Progress:
    """Return how far a goal is."""
    period, attained, weights = goal.period, sold.attained, pattern.weights
    whole = max(0, min((at.day - period.first).days, len(weights)))
    fraction = at.fraction if period.first <= at.day <= period.last else ZERO
    passed = Decimal(sum(weights[:whole])) + (weights[whole] * fraction if fraction else 0)
    elapsed = passed / sum(weights)
    days = whole + fraction
    left = len(weights) - days
    landing, lands_by = None, None
    if left == 0:
        landing, lands_by = attained, LandingBasis.SOLD
    elif pattern.foreseen is not None and days:
        landing = rounded(attained + pattern.foreseen * (sum(weights) - passed))
        lands_by = LandingBasis.FORECAST
    elif elapsed >= LEAST_SHARE:
        landing, lands_by = rounded(attained / elapsed), LandingBasis.RUN_RATE
    low, high, probability = _chance(goal, attained, landing, pattern, days=days, rules=rules)
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
        landing_basis=lands_by,
        landing_low=low,
        landing_high=high,
        probability=probability,
        standing=_standing(goal, attained, landing, days=days, left=left, rules=rules),
        season=pattern.basis,
    )


def _chance(
    goal: Goal,
    attained: Decimal,
    landing: Decimal | None,
    pattern: Pattern,
    *,
    days: Decimal,
    rules: GoalRules,
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Return the band of a landing, and how likely the goal counts as reached in the end."""
    needed, left = goal.amount * rules.reached_at - attained, len(pattern.weights) - days
    if landing is not None and left == 0:
        return landing, landing, Decimal(int(needed <= ZERO))
    if landing is None or pattern.spread is None or landing <= attained:
        return None, None, None
    # A forecast knows its level from before the period, too.
    known = float(days) if pattern.foreseen is None else max(float(days), A_MONTH)
    deviation = pattern.spread.deviation(known, float(left))
    found = chance_of(float(landing - attained), float(needed), deviation)
    return (
        rounded(attained + Decimal(found.low)),
        rounded(attained + Decimal(found.high)),
        Decimal(found.probability).quantize(_TENTHOUSANDTH),
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
