"""What happens to locations."""

from datetime import datetime
from typing import Any, ClassVar

from backend.core.events import Event, Topic
from backend.locations.rules import LocationRef


class LocationChanged(Event, frozen=True):
    """A location was made or changed; `changed` names what, as clients spell it."""

    kind: ClassVar[str] = "LocationChanged"
    topic: ClassVar[Topic] = Topic.LOCATIONS

    location: LocationRef
    changed: tuple[str, ...]
    version: int
    occurred_at: datetime

    def fact(self) -> dict[str, Any]:
        """Return the location's names as they became, and what changed."""
        return {
            "key": str(self.location.id),
            "occurredAt": self.occurred_at,
            "version": self.version,
            "changed": list(self.changed),
            "location": self.location.fact(),
        }
