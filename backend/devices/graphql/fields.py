"""Root fields of devices."""

import msgspec
import strawberry
from strawberry import UNSET
from strawberry.extensions import FieldExtension

from backend.core.identifiers import InStoreLayouts
from backend.core.scopes import Scope
from backend.devices import ingest, parked, queries, service
from backend.devices.graphql.inputs import (
    DeviceFilter,
    DeviceInput,
    DeviceSort,
    IngestReadsInput,
    ParkedCodeFilter,
    ParkedCodeSort,
    ReadInput,
    UpsertDevicesInput,
)
from backend.devices.graphql.types import (
    Device,
    DeviceResult,
    IngestReadsPayload,
    ParkedCode,
    ReadResult,
    UpsertDevicesPayload,
)
from backend.devices.parked import ParkedCriteria
from backend.devices.queries import DeviceCriteria
from backend.devices.rules import IngestDraft, ReadDraft
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import (
    RowStatus,
    SortDirection,
    Tally,
    check_batch,
    user_error,
)
from backend.infra.api.scalars import Cursor

READS: list[FieldExtension] = [Requires(Scope.DEVICES_READ)]


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
        sort: DeviceSort | None = None,
    ) -> Connection[Device]:
        """Devices, by code unless sorted otherwise."""
        sort = sort or DeviceSort()
        page = await queries.list_devices(
            await info.context.reading(),
            filter.criteria() if filter else DeviceCriteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, Device.of)

    @strawberry.field(extensions=READS)
    async def parked_codes(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: ParkedCodeFilter | None = None,  # noqa: A002 - the contract's name
        sort: ParkedCodeSort | None = None,
    ) -> Connection[ParkedCode]:
        """Scanned codes that nobody knew, last seen first unless sorted otherwise."""
        sort = sort or ParkedCodeSort()
        page = await parked.parked_codes(
            await info.context.reading(),
            filter.criteria() if filter else ParkedCriteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, ParkedCode.of)


@strawberry.type
class Mutation:
    """Root fields."""

    @strawberry.mutation(extensions=[Requires(Scope.DEVICES_WRITE)])
    async def upsert_devices(self, info: Info, input: UpsertDevicesInput) -> UpsertDevicesPayload:  # noqa: A002
        """Makes devices or changes them, by code."""
        check_batch(info.context, input.devices, "devices")
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
        check_batch(info.context, input.reads, "reads")
        draft = IngestDraft(
            device=input.device,
            reads=[_read_draft(read) for read in input.reads],
            sent_at=input.sent_at,
            clock_skew_ms=input.clock_skew_ms,
        )
        in_store = info.context.service(InStoreLayouts)
        async with info.context.writing() as work:
            rows = await ingest.ingest_reads(work, draft, in_store)
        results = [ReadResult.of(row) for row in rows]
        return IngestReadsPayload(**Tally(rows).counts(), results=results)


def _read_draft(given: ReadInput) -> ReadDraft:
    sent = {name: value for name, value in vars(given).items() if value is not UNSET}
    return ReadDraft(**sent)


def _device_draft(given: DeviceInput) -> service.DeviceDraft:
    return service.DeviceDraft(
        code=given.code,
        name=msgspec.UNSET if given.name is UNSET else given.name,
        location=given.location,
        read_points=[
            service.ReadPointDraft(code=point.code, role=point.role) for point in given.read_points
        ],
    )
