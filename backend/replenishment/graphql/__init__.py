"""Orders, transfers and markdowns as clients see them."""

from backend.replenishment.graphql.fields import Mutation, Query

__all__ = ["Mutation", "Query"]
