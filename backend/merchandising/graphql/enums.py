"""Enums of shelves, described before any type uses them."""

from enum import StrEnum

from backend.infra.api.described import enum_type
from backend.merchandising.demand import DemandSource
from backend.merchandising.drafts import ShareKind
from backend.merchandising.picture import PictureTheme
from backend.merchandising.rules import MinimumReason, PlanMethod
from backend.merchandising.shelves import ShelfOrder
from backend.merchandising.situations import CostState, SizeState


class ShelfMoment(StrEnum):
    """Which state of a shelf is drawn."""

    PLANNED = "PLANNED"
    """As the plan has it."""
    NOW = "NOW"
    """As it stands now."""


for _enum, _name in (
    (DemandSource, "DemandSource"),
    (CostState, "CostState"),
    (MinimumReason, "MinimumReason"),
    (PictureTheme, "PictureTheme"),
    (PlanMethod, "ShelfPlanMethod"),
    (ShareKind, "ShelfShareKind"),
    (ShelfMoment, "ShelfMoment"),
    (ShelfOrder, "ShelfOrder"),
    (SizeState, "SizeState"),
):
    enum_type(_enum, _name)

__all__ = [
    "CostState",
    "DemandSource",
    "MinimumReason",
    "PictureTheme",
    "PlanMethod",
    "ShareKind",
    "ShelfMoment",
    "ShelfOrder",
    "SizeState",
]
