"""Locations as clients see them."""

from backend.locations.graphql.fields import Mutation, Query
from backend.locations.graphql.types import Location, LocationChanged

__all__ = ["Location", "LocationChanged", "Mutation", "Query"]
