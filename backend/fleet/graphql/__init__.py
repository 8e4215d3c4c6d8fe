"""Agents as clients see them."""

from typing import Final

from backend.fleet.graphql import agents, configurations, enrolment, rollouts

QUERIES: Final[tuple[type, ...]] = (
    agents.Query,
    enrolment.Query,
    configurations.Query,
    rollouts.Query,
)
MUTATIONS: Final[tuple[type, ...]] = (agents.Mutation, enrolment.Mutation, rollouts.Mutation)

__all__ = ["MUTATIONS", "QUERIES"]
