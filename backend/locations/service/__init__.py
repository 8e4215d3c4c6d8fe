"""Verbs of the locations: what a code or an id stands for, and their changes."""

from backend.locations.drafts import LocationDraft
from backend.locations.loaders import location_details
from backend.locations.service.changes import upsert_locations
from backend.locations.service.lists import (
    LocationCriteria,
    LocationOrder,
    find_location,
    list_locations,
)
from backend.locations.service.references import (
    all_locations,
    locations_by_id,
    resolve_locations,
)

__all__ = [
    "LocationCriteria",
    "LocationDraft",
    "LocationOrder",
    "all_locations",
    "find_location",
    "list_locations",
    "location_details",
    "locations_by_id",
    "resolve_locations",
    "upsert_locations",
]
