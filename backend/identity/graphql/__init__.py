"""Identity in the schema: the organisation one acts for, and who may do what in it."""

from backend.identity.graphql.organisation import Query

__all__ = ["Query"]
