"""Enums of pieces, described before any type uses them."""

from backend.infra.api.described import enum_type
from backend.pieces.queries import PieceOrder
from backend.pieces.rules import PieceState, TagPresence

enum_type(PieceOrder)
enum_type(PieceState)
enum_type(TagPresence)

__all__ = ["PieceOrder", "PieceState", "TagPresence"]
