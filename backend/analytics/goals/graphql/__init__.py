"""Goals as clients see them."""

from backend.analytics.goals.graphql.fields import Mutation, Query

__all__ = ["Mutation", "Query"]
