"""Reports as clients see them."""

from typing import Final

from backend.reports.graphql import boards, pivots, saved_pivots

QUERIES: Final[tuple[type, ...]] = (pivots.Query, saved_pivots.Query, boards.Query)
MUTATIONS: Final[tuple[type, ...]] = (saved_pivots.Mutation, boards.Mutation)

__all__ = ["MUTATIONS", "QUERIES"]
