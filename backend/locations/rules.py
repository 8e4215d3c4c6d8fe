"""What is known of a location."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from backend.core.places import Place


class LocationKind(StrEnum):
    """What sort of place it is."""

    STORE = "STORE"
    """People come in and buy."""
    WAREHOUSE = "WAREHOUSE"
    """Goods wait here; nobody buys."""
    WEB_SHOP = "WEB_SHOP"
    """Orders come over the network and are shipped."""


class SalesSource(StrEnum):
    """What counts as a sale there."""

    POS = "POS"
    """Recorded sales count; checkout reads only confirm them."""
    READS = "READS"
    """A checkout read is the sale."""


class Weekday(StrEnum):
    """A day of the week."""

    MONDAY = "MONDAY"
    """First day of the ISO week."""
    TUESDAY = "TUESDAY"
    """Second day."""
    WEDNESDAY = "WEDNESDAY"
    """Third day."""
    THURSDAY = "THURSDAY"
    """Fourth day."""
    FRIDAY = "FRIDAY"
    """Fifth day."""
    SATURDAY = "SATURDAY"
    """Sixth day."""
    SUNDAY = "SUNDAY"
    """Last day."""


class LocationRef(msgspec.Struct, frozen=True):
    """A location as it stands in sales, levels and events."""

    id: UUID
    code: str
    name: str
    kind: LocationKind
    timezone: str
    sales_source: SalesSource

    def business_day(self, moment: datetime) -> date:
        """Return the location's own local day of a moment."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def fact(self) -> dict[str, Any]:
        """Return what events store of it."""
        return {
            "id": str(self.id),
            "code": self.code,
            "name": self.name,
            "kind": self.kind.value,
            "timezone": self.timezone,
        }


@dataclass(frozen=True, slots=True)
class LocationDetail:
    """What a location is beyond its names."""

    ref: LocationRef
    place: Place
    opening_days: tuple[Weekday, ...]
    attributes: dict[str, object]
    updated_at: datetime
    version: int
