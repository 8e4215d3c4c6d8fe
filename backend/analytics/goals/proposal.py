"""What may be planned for the period after a goal's: last year's sales with growth. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from backend.analytics.goals.periods import Period
from backend.core.numbers import ZERO, rounded

LEAST_GROWTH: Final = Decimal("0.5")
MOST_GROWTH: Final = Decimal(2)
"""What lies beyond is no growth that goes on."""
_HUNDREDTHOUSANDTH: Final = Decimal("0.00001")


class ProposalBasis(StrEnum):
    """Of what a proposed plan is made."""

    FORECAST = "FORECAST"
    """Of the forecast of its days."""
    LAST_YEAR = "LAST_YEAR"
    """Of what was sold in that period a year before, with growth."""
    RUN_RATE = "RUN_RATE"
    """Of where this period will land, by the season: there was no such period a year before."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed plan; `growth` is the factor on last year's sales, None where none was used."""

    period: Period
    amount: Decimal
    basis: ProposalBasis
    growth: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """What was sold a year before: in the goal's period, and in the one that follows it.

    None: not all of it was recorded, or it is not over.
    """

    same: Decimal | None
    following: Decimal | None


def propose(
    following: Period, landing: Decimal | None, before: Before, weight: Decimal
) -> Proposal | None:
    """Return what may be planned for the following period; None where nothing tells.

    `landing` is where the goal's own period ends, `weight` what the following period usually sells
    as a part of it.
    """
    if before.following is not None and before.following > ZERO:
        growth = _growth(landing, before.same)
        amount = rounded(before.following * (1 if growth is None else growth))
        return Proposal(following, amount, ProposalBasis.LAST_YEAR, growth)
    if landing is None or landing <= ZERO:
        return None
    return Proposal(following, rounded(landing * weight), ProposalBasis.RUN_RATE)


def _growth(landing: Decimal | None, same: Decimal | None) -> Decimal | None:
    """Return by how much this year's period is more than last year's, within bounds."""
    if landing is None or same is None or same <= ZERO:
        return None
    growth = (landing / same).quantize(_HUNDREDTHOUSANDTH)
    return max(LEAST_GROWTH, min(growth, MOST_GROWTH))
