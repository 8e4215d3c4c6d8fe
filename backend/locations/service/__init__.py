"""Verbs of the locations: what a code or an id stands for, and their changes."""

from backend.locations.service.references import (
    all_locations,
    locations_by_id,
    resolve_locations,
)

__all__ = [
    "all_locations",
    "locations_by_id",
    "resolve_locations",
]
