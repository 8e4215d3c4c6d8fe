"""Agents as clients see them."""

from typing import Final

from backend.fleet.graphql import agents, enrolment

QUERIES: Final[tuple[type, ...]] = (agents.Query, enrolment.Query)
MUTATIONS: Final[tuple[type, ...]] = (agents.Mutation, enrolment.Mutation)

__all__ = ["MUTATIONS", "QUERIES"]
