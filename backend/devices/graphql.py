"""Devices and reads as clients see them."""

from datetime import datetime
from typing import Any, Self

import msgspec
import strawberry
from strawberry import UNSET
from strawberry.extensions import FieldExtension
from strawberry.scalars import ID

from backend.core.scopes import Scope
from backend.devices import ingest, parked, service
from backend.devices.rules import DeviceFact, IngestDraft, Read, ReadDraft, ReadPointRole
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.described import enum_type, input_type, object_type
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import (
    RowStatus,
    Tally,
    UserError,
    check_batch,
    row_errors,
    row_status,
    user_error,
)
from backend.infra.api.scalars import Cursor, Long
from backend.infra.batches import Row
from backend.locations import service as locations
from backend.locations.graphql import Location

READS: list[FieldExtension] = [Requires(Scope.DEVICES_READ)]

enum_type(ReadPointRole)


@object_type
class ReadPoint:
    """A place at a device where codes are read."""

    code: str
    """Its name on the device."""
    role: ReadPointRole
    """What a read there means."""


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
        rows = await info.context.loader(service.read_points_of).load(self.row_id)
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


@object_type
class ParkedCode:
    """A scanned code that nobody knew: it is kept until it is."""

    code: str
    """As it was scanned."""
    reason: str
    """Why it stands for nothing."""
    reads: Long
    """How often it was read."""
    device: str
    """Code of the device that read it last."""
    first_seen_at: datetime
    """When it was first read."""
    last_seen_at: datetime
    """When it was last read."""


@input_type
class DeviceFilter:
    """Which devices; what is left out does not limit."""

    codes: list[str] | None = None
    """Only these."""
    locations: list[str] | None = None
    """Only at the locations with these codes."""


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


@object_type
class DeviceResult:
    """What became of one device."""

    code: str
    """Its code."""
    status: RowStatus
    """What became of it."""
    user_errors: list[UserError]
    """Why it was rejected."""


@object_type
class UpsertDevicesPayload:
    """What became of the devices."""

    accepted_count: int
    """Devices that are now as sent."""
    rejected_count: int
    """Devices left as they were."""
    results: list[DeviceResult]
    """One per device, in order."""


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
    """AIM symbology identifier, such as `]E0`, where the device knows it."""
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


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=READS)
    async def devices(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: DeviceFilter | None = None,  # noqa: A002 - the contract's name
    ) -> Connection[Device]:
        """Devices by code."""
        chosen = filter or DeviceFilter()
        work = await info.context.reading()
        page = await service.list_devices(work, chosen.codes, chosen.locations, first, after)
        return connect(page, Device.of)

    @strawberry.field(extensions=READS)
    async def parked_codes(
        self, info: Info, first: int = 50, after: Cursor | None = None
    ) -> Connection[ParkedCode]:
        """Scanned codes that nobody knew, last seen first."""
        page = await parked.parked_codes(await info.context.reading(), first, after)
        return connect(page, _parked)


@strawberry.type
class Mutation:
    """Root fields."""

    @strawberry.mutation(extensions=[Requires(Scope.DEVICES_WRITE)])
    async def upsert_devices(self, info: Info, input: UpsertDevicesInput) -> UpsertDevicesPayload:  # noqa: A002
        """Makes devices or changes them, by code."""
        check_batch(input.devices, 500, "devices")
        drafts = [_device_draft(one) for one in input.devices]
        async with info.context.writing() as work:
            outcomes = await service.upsert_devices(work, drafts)
        results = [
            DeviceResult(
                code=one.code,
                status=RowStatus.REJECTED if one.error else RowStatus.ACCEPTED,
                user_errors=[user_error(one.error)] if one.error else [],
            )
            for one in outcomes
        ]
        rejected = sum(one.status is RowStatus.REJECTED for one in results)
        return UpsertDevicesPayload(
            accepted_count=len(results) - rejected, rejected_count=rejected, results=results
        )

    @strawberry.mutation(extensions=[Requires(Scope.READS_WRITE)])
    async def ingest_reads(self, info: Info, input: IngestReadsInput) -> IngestReadsPayload:  # noqa: A002
        """Takes in what a device read. Each read takes effect once, however often it is sent."""
        check_batch(input.reads, 500, "reads")
        draft = IngestDraft(
            device=input.device,
            reads=[ReadDraft(**vars(read)) for read in input.reads],
            sent_at=input.sent_at,
            clock_skew_ms=input.clock_skew_ms,
        )
        async with info.context.writing() as work:
            rows = await ingest.ingest_reads(work, draft)
        results = [ReadResult.of(row) for row in rows]
        return IngestReadsPayload(**Tally(rows).counts(), results=results)


def read_errors(row: Row[Read]) -> list[UserError]:
    """Return why a read was rejected, or that it was kept though nobody knows its code."""
    if row.error is None and row.value and row.value.parked_reason:
        field = [*row.path, "code"]
        return [UserError(code="UNDECODED", message=row.value.parked_reason, field=field)]
    return row_errors(row)


def _device_draft(given: DeviceInput) -> service.DeviceDraft:
    return service.DeviceDraft(
        code=given.code,
        name=msgspec.UNSET if given.name is UNSET else given.name,
        location=given.location,
        read_points=[
            service.ReadPointDraft(code=point.code, role=point.role) for point in given.read_points
        ],
    )


def _parked(row: dict[str, Any]) -> ParkedCode:
    return ParkedCode(
        code=row["code"],
        reason=row["reason"],
        reads=Long(row["reads"]),
        device=row["device"],
        first_seen_at=row["first_seen_at"],
        last_seen_at=row["last_seen_at"],
    )


async def _locations(work: Any, ids: list[Any]) -> list[Any]:
    found = await locations.locations_by_id(work, ids)
    return [found[id_] for id_ in ids]
