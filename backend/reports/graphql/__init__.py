"""Reports as clients see them."""

from typing import Final

from backend.reports.graphql import boards, fields, mutations, pivots, saved_pivots

QUERIES: Final[tuple[type, ...]] = (
    fields.Query,
    pivots.Query,
    saved_pivots.Query,
    boards.Query,
)
MUTATIONS: Final[tuple[type, ...]] = (
    mutations.Mutation,
    saved_pivots.Mutation,
    boards.Mutation,
)

__all__ = ["MUTATIONS", "QUERIES"]
