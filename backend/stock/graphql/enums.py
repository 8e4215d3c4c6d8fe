"""Enums of the ledger, described before any type uses them."""

from backend.infra.api.described import enum_type
from backend.stock.queries import LevelOrder, MovementOrder
from backend.stock.rules import MovementReason

enum_type(LevelOrder)
enum_type(MovementOrder)
enum_type(MovementReason)

__all__ = ["LevelOrder", "MovementOrder", "MovementReason"]
