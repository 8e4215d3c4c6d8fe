"""Enums of replenishment, described before any type uses them."""

from backend.infra.api.described import enum_type
from backend.replenishment.expecting import DemandBasis
from backend.replenishment.markdowns import MarkdownCause
from backend.replenishment.reasons import Figure
from backend.replenishment.suggesting import Urgency
from backend.replenishment.supply import TermsOrder
from backend.replenishment.terms import Origin
from backend.replenishment.trying import ReorderPolicy

enum_type(DemandBasis)
enum_type(Figure, name="ReorderFigure")
enum_type(Urgency, name="ReorderUrgency")
enum_type(Origin, name="SupplyOrigin")
enum_type(MarkdownCause)
enum_type(ReorderPolicy)
enum_type(TermsOrder, name="SupplyTermsOrder")

__all__ = [
    "DemandBasis",
    "Figure",
    "MarkdownCause",
    "Origin",
    "ReorderPolicy",
    "TermsOrder",
    "Urgency",
]
