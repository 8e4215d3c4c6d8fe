"""Inputs of devices and reads."""

from datetime import datetime

from strawberry import UNSET
from strawberry.scalars import ID

from backend.devices.graphql.enums import DeviceOrder, ParkedOrder, ReadPointRole, TagPresence
from backend.devices.parked import ParkedCriteria
from backend.devices.queries import DeviceCriteria
from backend.infra.api.described import input_type
from backend.infra.api.results import (
    SortDirection,
)
from backend.infra.api.scalars import Long


@input_type
class DeviceFilter:
    """Which devices; what is left out does not limit."""

    codes: list[str] | None = None
    """Only these."""
    locations: list[str] | None = None
    """Only at the locations with these codes."""

    def criteria(self) -> DeviceCriteria:
        """Return the filter as the service takes it."""
        return DeviceCriteria(_tuple(self.codes), _tuple(self.locations))


@input_type
class DeviceSort:
    """How devices are sorted."""

    by: DeviceOrder = DeviceOrder.CODE
    """By what."""
    direction: SortDirection = SortDirection.ASC
    """Which end first."""


@input_type
class ParkedCodeFilter:
    """Which parked codes; what is left out does not limit."""

    locations: list[str] | None = None
    """Only those last read at the locations with these codes."""
    lacks_product: bool | None = None
    """Whether only the product is missing, or the code itself cannot be read."""

    def criteria(self) -> ParkedCriteria:
        """Return the filter as the service takes it."""
        return ParkedCriteria(_tuple(self.locations), self.lacks_product)


@input_type
class ParkedCodeSort:
    """How parked codes are sorted."""

    by: ParkedOrder = ParkedOrder.LAST_SEEN_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


@input_type
class ReadPointInput:
    """A place at a device where codes are read."""

    code: str
    """Its name on the device."""
    role: ReadPointRole
    """What a read there means."""


@input_type
class DeviceInput:
    """A device, named by its code."""

    code: str
    """Its own name, unique in the organisation."""
    name: str | None = UNSET
    """What people call it; left out: unchanged, null: none."""
    location: str
    """Code of the location where it is."""
    read_points: list[ReadPointInput]
    """All of its read points: those not named are removed."""


@input_type
class UpsertDevicesInput:
    """Devices to make or change."""

    devices: list[DeviceInput]
    """At most 500."""


@input_type
class ReadInput:
    """One read as the device saw it."""

    key: ID
    """Made once by the device: sending it again has no further effect."""
    read_point: str
    """Code of the read point."""
    code: str
    """Exactly what was read: scanned characters, or an EPC in hexadecimal."""
    symbology: str | None = None
    """AIM symbology identifier, such as `]E0`, where the device knows it; `EPC` for the EPC of a
    tag."""
    observed_at: datetime
    """When it was read, by the device's clock."""
    seq: Long | None = None
    """Counts the device's reads."""
    count: int | None = None
    """How often it was seen; does not multiply its effect."""
    rssi: float | None = None
    """Signal strength in dBm."""
    antenna: int | None = None
    """Number of the antenna."""
    presence: TagPresence | None = UNSET
    """Of a tag: whether it came, is still there, or was last seen."""
    first_seen_at: datetime | None = UNSET
    """Of a tag: since when it has been there, by the device's clock."""


@input_type
class IngestReadsInput:
    """Reads of one device."""

    device: str
    """Code of the device."""
    reads: list[ReadInput]
    """At most 500."""
    sent_at: datetime | None = None
    """When the batch was sent, by the device's clock."""
    clock_skew_ms: int | None = None
    """How far the device's clock is ahead of the server's, in milliseconds, where it knows."""


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
