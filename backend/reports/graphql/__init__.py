"""Reports as clients see them."""

from typing import Final

from backend.reports.graphql import pivots, saved_pivots

QUERIES: Final[tuple[type, ...]] = (pivots.Query, saved_pivots.Query)
MUTATIONS: Final[tuple[type, ...]] = (saved_pivots.Mutation,)

__all__ = ["MUTATIONS", "QUERIES"]
