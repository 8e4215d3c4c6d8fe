"""Enums of goals, described before any type uses them."""

from enum import StrEnum

from backend.analytics.goals.copying import GoalCopyBasis
from backend.analytics.goals.periods import GoalPeriodKind
from backend.analytics.goals.planning import GoalOrigin
from backend.analytics.goals.progress import LandingBasis
from backend.analytics.goals.proposal import ProposalBasis
from backend.analytics.goals.rules import GoalDimension, GoalMeasure, GoalStanding
from backend.analytics.goals.season import SeasonBasis
from backend.analytics.goals.service import GoalOrder
from backend.infra.api.described import enum_type


class OpportunityBasis(StrEnum):
    """What attained sales are compared with."""

    GOAL = "GOAL"
    """The whole goal."""
    TO_DATE = "TO_DATE"
    """What the plan wanted by that day."""


for _enum in (
    GoalCopyBasis,
    GoalDimension,
    GoalMeasure,
    GoalOrder,
    GoalStanding,
    OpportunityBasis,
    GoalOrigin,
    GoalPeriodKind,
    LandingBasis,
    ProposalBasis,
    SeasonBasis,
):
    enum_type(_enum)
