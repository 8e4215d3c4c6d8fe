"""Locations as clients see them."""

from backend.locations.graphql.types import Location, LocationChanged

__all__ = ["Location", "LocationChanged"]
