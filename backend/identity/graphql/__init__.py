"""Identity in the schema: the organisation one acts for, and who may do what in it."""

from typing import Final

from backend.identity.graphql import (
    audit,
    clients,
    documents,
    grants,
    organisation,
    people,
    sessions,
)

QUERIES: Final[tuple[type, ...]] = (
    organisation.Query,
    people.Query,
    sessions.Query,
    clients.Query,
    grants.Query,
    audit.Query,
)
MUTATIONS: Final[tuple[type, ...]] = (
    organisation.Mutation,
    documents.Mutation,
    people.Mutation,
    sessions.Mutation,
    clients.Mutation,
    grants.Mutation,
)

__all__ = ["MUTATIONS", "QUERIES"]
