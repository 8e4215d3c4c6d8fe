"""Types of devices and reads."""

from datetime import datetime
from typing import Any, Self

import strawberry
from strawberry.scalars import ID

from backend.core.scopes import Scope
from backend.devices import queries
from backend.devices.graphql.enums import ReadPointRole
from backend.devices.parked import ParkedFact
from backend.devices.rules import DeviceFact, Read
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.infra.api.results import (
    RowStatus,
    UserError,
    row_errors,
    row_status,
)
from backend.infra.api.scalars import Long
from backend.infra.batches import Row
from backend.locations import service as locations
from backend.locations.graphql import Location


@seen_with(Scope.DEVICES_READ)
@object_type
class ReadPoint:
    """A place at a device where codes are read."""

    code: str
    """Its name on the device."""
    role: ReadPointRole
    """What a read there means."""


@seen_with(Scope.DEVICES_READ)
@object_type
class Device:
    """A scanner, reader or till in a place."""

    id: ID
    """Identifies it."""
    code: str
    """Its own name, unique in the organisation."""
    name: str | None
    """What people call it."""
    last_read_at: datetime | None
    """When it last read anything."""
    clock_skew_ms: int | None
    """How far its clock was ahead of ours at its last word, in milliseconds."""
    updated_at: datetime
    """When it was last changed."""
    version: Long
    """Grows with every change."""
    location_id: strawberry.Private[Any]

    @strawberry.field
    async def location(self, info: Info) -> Location:
        """Where it is."""
        ref = await info.context.loader(_locations).load(self.location_id)
        return Location.from_ref(ref)

    @strawberry.field
    async def read_points(self, info: Info) -> list[ReadPoint]:
        """Where it reads, by code."""
        rows = await info.context.loader(queries.read_points_of).load(self.row_id)
        return [ReadPoint(code=row["code"], role=ReadPointRole(row["role"])) for row in rows]

    row_id: strawberry.Private[Any]

    @classmethod
    def of(cls, row: DeviceFact) -> Self:
        """Return a device as clients see it."""
        return cls(
            id=ID(str(row.id)),
            code=row.code,
            name=row.name,
            last_read_at=row.last_read_at,
            clock_skew_ms=row.clock_skew_ms,
            updated_at=row.updated_at,
            version=Long(row.version),
            location_id=row.location_id,
            row_id=row.id,
        )


@seen_with(Scope.DEVICES_READ)
@object_type
class ParkedCode:
    """A scanned code that nobody knew: it is kept until it is."""

    code: str
    """As it was scanned."""
    reason: str
    """Why it stands for nothing."""
    gtin: str | None
    """The GTIN it says, 14 digits, where only the product is missing: it disappears with one."""
    reads: Long
    """How often it was read."""
    device: str
    """Code of the device that read it last."""
    first_seen_at: datetime
    """When it was first read."""
    last_seen_at: datetime
    """When it was last read."""
    location_id: strawberry.Private[Any]

    @strawberry.field
    async def location(self, info: Info) -> Location:
        """Where it was read."""
        ref = await info.context.loader(_locations).load(self.location_id)
        return Location.from_ref(ref)

    @classmethod
    def of(cls, parked_code: ParkedFact) -> Self:
        """Return a parked code as clients see it."""
        return cls(
            code=parked_code.code,
            reason=parked_code.reason,
            gtin=parked_code.gtin,
            reads=Long(parked_code.reads),
            device=parked_code.device,
            first_seen_at=parked_code.first_seen_at,
            last_seen_at=parked_code.last_seen_at,
            location_id=parked_code.location_id,
        )


@seen_with(Scope.DEVICES_WRITE)
@object_type
class DeviceResult:
    """What became of one device."""

    code: str
    """Its code."""
    status: RowStatus
    """What became of it."""
    user_errors: list[UserError]
    """Why it was rejected."""


@seen_with(Scope.DEVICES_WRITE)
@object_type
class UpsertDevicesPayload:
    """What became of the devices."""

    accepted_count: int
    """Devices that are now as sent."""
    rejected_count: int
    """Devices left as they were."""
    results: list[DeviceResult]
    """One per device, in order."""


@seen_with(Scope.READS_WRITE)
@object_type
class ReadResult:
    """What became of one read."""

    key: ID
    """Its key."""
    status: RowStatus
    """ACCEPTED and DUPLICATE both mean: it is kept, do not send it again."""
    user_errors: list[UserError]
    """Why it was rejected; or UNDECODED, where it was accepted but nobody knows the code."""

    @classmethod
    def of(cls, row: Row[Read]) -> Self:
        """Return what became of a read."""
        return cls(key=ID(row.key), status=row_status(row), user_errors=read_errors(row))


@seen_with(Scope.READS_WRITE)
@object_type
class IngestReadsPayload:
    """What became of the reads."""

    accepted_count: int
    """Reads kept now."""
    duplicate_count: int
    """Reads that were kept before."""
    rejected_count: int
    """Reads that cannot be kept."""
    results: list[ReadResult]
    """One per read, in order."""


def read_errors(row: Row[Read]) -> list[UserError]:
    """Return why a read was rejected, or that it was kept though nobody knows its code."""
    if row.error is None and row.value and row.value.parked_reason:
        field = [*row.path, "code"]
        return [UserError(code="UNDECODED", message=row.value.parked_reason, field=field)]
    return row_errors(row)


async def _locations(work: Any, ids: list[Any]) -> list[Any]:
    found = await locations.locations_by_id(work, ids)
    return [found[id_] for id_ in ids]
