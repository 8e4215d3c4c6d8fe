"""Pieces as clients see them."""

from backend.pieces.graphql.fields import Query
from backend.pieces.graphql.types import Piece, PieceChanged, TagsSeen

__all__ = ["Piece", "PieceChanged", "Query", "TagsSeen"]
