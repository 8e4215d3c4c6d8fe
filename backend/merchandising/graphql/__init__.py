"""Shelves as clients see them."""

from backend.merchandising.graphql.fields import Mutation, Query

__all__ = ["Mutation", "Query"]
