"""What happened, as the log keeps it."""

from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import msgspec


class Topic(StrEnum):
    """What a subscriber to the feed can choose from."""

    SALES = "SALES"
    """Sales and returns."""
    STOCK = "STOCK"
    """Movements and levels."""
    ALERTS = "ALERTS"
    """Alerts."""
    CATALOGUE = "CATALOGUE"
    """Products."""
    LOCATIONS = "LOCATIONS"
    """Locations."""
    DEVICES = "DEVICES"
    """Devices."""
    TAGS = "TAGS"
    """Pieces, and how many tags are read."""
    REPORTS = "REPORTS"
    """Reports, boards, kept pivots, and jobs that failed."""
    ACCESS = "ACCESS"
    """Clients and what they may do."""
    GOALS = "GOALS"
    """Goals."""
    FORECASTS = "FORECASTS"
    """Forecasts, and the runs that make them."""
    SHELVES = "SHELVES"
    """Shelves."""


class Event(msgspec.Struct, frozen=True):
    """A fact in the past tense; every domain derives its own in `events.py`.

    `location_id` is the place it belongs to (None: the whole organisation): who may not see the
    place does not see the event. The organisation's own id is no place that anybody is limited to:
    such an event is for those who see the whole.
    """

    kind: ClassVar[str]
    topic: ClassVar[Topic]
    schema_version: ClassVar[int] = 1

    location_id: UUID | None

    def fact(self) -> dict[str, Any] | msgspec.Struct:
        """Return what is stored for ever, as msgspec writes it in JSON.

        With `key`, `occurredAt` and, for state, `version`. A struct costs a quarter of a dict.
        """
        raise NotImplementedError
