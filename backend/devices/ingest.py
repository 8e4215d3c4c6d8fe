"""The hot path of the edge.

A batch of reads becomes raw reads, movements and sales, each read once.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from backend.catalogue import service as catalogue
from backend.catalogue.rules import Packaged
from backend.core.identifiers import NO_LAYOUTS, InStoreLayouts
from backend.core.texts import is_storable
from backend.core.times import happened_at
from backend.devices import effects, statements
from backend.devices.effects import Cause
from backend.devices.errors import UnknownDevice
from backend.devices.rules import (
    BEYOND_MEASURE,
    DeviceRef,
    IngestDraft,
    Read,
    ReadDraft,
    ReadPointRole,
    counted,
    decode,
    first_seen,
    put_right,
    role_at,
    storable,
)
from backend.infra.batches import Row, claim_rows, read_rows
from backend.infra.effects import EffectKind
from backend.infra.work import Work
from backend.locations import service as locations
from backend.pieces.rules import Label
from backend.sales import retention as sales_retention

NO_PRODUCT: Final = "no product has this GTIN"
_NO_LABEL: Final = Label("", "", "")


async def ingest_reads(
    work: Work, batch: IngestDraft, in_store: InStoreLayouts = NO_LAYOUTS
) -> list[Row[Read]]:
    """Take in a batch of reads; the rows are in the order they were sent.

    Times are put right by the skew the device states. A code nobody knows is kept and parked: its
    row's value has a `parked_reason`.

    Raises:
        UnknownDevice: no device has this code.
    """
    device = await find_device(work, batch.device)
    skew = timedelta(milliseconds=batch.clock_skew_ms or 0)
    times = (put_right(draft.observed_at, skew) for draft in batch.reads)
    kept_from = await sales_retention.hold(work, times)

    def read(draft: ReadDraft, path: list[str]) -> Read:
        role = role_at(device, draft, path)
        observed_at = happened_at(
            put_right(draft.observed_at, skew),
            [*path, "observedAt"],
            now=work.now,
            horizon=work.horizon,
        )
        day = device.location.business_day(observed_at)
        sales_retention.check_kept(day, kept_from, [*path, "observedAt"])
        meaning = decode(draft, in_store)
        since = first_seen(draft, observed_at, skew)
        return Read(
            draft, device.id, role, observed_at, meaning, meaning.reason, first_seen_at=since
        )

    rows = read_rows(batch.reads, "reads", lambda draft: draft.key, read, key_name="key")
    known = await _known(work, rows)
    for row in rows:
        if row.value:
            row.value = _identified(row.value, known)
    new = await claim_rows(work, EffectKind.READ, rows, all_or_nothing=False)
    reads = [replace(row.value, id=row.effect_id) for row in new if row.value]
    await _keep(work, device, batch, reads)
    await effects.take(
        work,
        [
            Cause(
                id=read.id,
                key=read.draft.key,
                location=device.location,
                device=device.code,
                role=read.role,
                packaged=read.packaged,
                observed_at=read.observed_at,
                price=read.meaning.price,
                read_point=read.draft.read_point,
                label=read.meaning.label,
            )
            for read in reads
            if read.packaged
        ],
    )
    return rows


async def find_device(work: Work, code: str) -> DeviceRef:
    """Return a device with its place and read points.

    Raises:
        UnknownDevice: no device has this code, or who asks may not speak for it.
    """
    asked = (work.principal.org_id, code, work.principal.client_id)
    rows = await work.rows(statements.FIND_DEVICE, *asked) if is_storable(code) else []
    if not rows:
        raise UnknownDevice(f"no device {code[:60]!r}", field=["input", "device"], value=code[:60])
    places = await locations.locations_by_id(work, {rows[0]["location_id"]})
    return DeviceRef(
        id=rows[0]["id"],
        code=code,
        location=places[rows[0]["location_id"]],
        read_points={row["code"]: ReadPointRole(row["role"]) for row in rows if row["code"]},
    )


async def _known(work: Work, rows: Sequence[Row[Read]]) -> dict[str, Packaged]:
    """Return what the GTINs of a batch stand for.

    Once one is not known, nobody gives it to a product unnoticed until the batch is through.
    """
    wanted = {gtin for row in rows if row.value and (gtin := row.value.meaning.gtin)}
    known = await catalogue.resolve_gtins(work, wanted) if wanted else {}
    if len(known) < len(wanted):
        await work.rows(statements.SHARE_PARKING, str(work.principal.org_id))
        known |= await catalogue.resolve_gtins(work, wanted - known.keys())
    return known


def _identified(read: Read, known: dict[str, Packaged]) -> Read:
    meaning = read.meaning
    if meaning.gtin is None:
        return read
    packaged = known.get(meaning.gtin)
    if packaged is None:
        return replace(read, parked_reason=NO_PRODUCT)
    packaged = counted(packaged, meaning.units)
    return replace(read, packaged=packaged, parked_reason=None if packaged else BEYOND_MEASURE)


async def _keep(work: Work, device: DeviceRef, batch: IngestDraft, reads: Sequence[Read]) -> None:
    """Store the reads as they came, and park the codes that nobody knows."""
    if not reads:
        return
    drafts = [read.draft for read in reads]
    await work.rows(
        statements.INSERT_READS,
        work.principal.org_id,
        device.id,
        device.location.id,
        work.now,
        [read.id for read in reads],
        [draft.key for draft in drafts],
        [draft.read_point for draft in drafts],
        [storable(draft.code) for draft in drafts],
        [draft.symbology for draft in drafts],
        [read.observed_at for read in reads],
        [draft.seq for draft in drafts],
        [draft.count for draft in drafts],
        [draft.rssi for draft in drafts],
        [draft.antenna for draft in drafts],
        [read.packaged.product.id if read.packaged else None for read in reads],
        [read.units for read in reads],
        [read.parked_reason for read in reads],
        [read.meaning.gtin for read in reads],
        [read.meaning.serial for read in reads],
        [read.meaning.lot for read in reads],
        [read.meaning.expires_on for read in reads],
        max(read.observed_at for read in reads),
        batch.clock_skew_ms,
        [draft.presence or None for draft in drafts],
        [read.first_seen_at for read in reads],
    )
    parked = [read for read in reads if read.parked_reason]
    if parked:
        await _park(work, device, parked)


async def _park(work: Work, device: DeviceRef, reads: Sequence[Read]) -> None:
    by_code: dict[str, list[Read]] = defaultdict(list)
    for read in reads:
        by_code[storable(read.draft.code)].append(read)
    await work.rows(
        statements.PARK,
        work.principal.org_id,
        device.id,
        device.location.id,
        list(by_code),
        [same[-1].parked_reason for same in by_code.values()],
        [len(same) for same in by_code.values()],
        [min(read.observed_at for read in same) for same in by_code.values()],
        [max(read.observed_at for read in same) for same in by_code.values()],
        [_missing(same[-1]) for same in by_code.values()],
    )
    waiting = [read for read in reads if _missing(read)]
    labels = [read.meaning.label or _NO_LABEL for read in waiting]
    if waiting:
        await work.rows(
            statements.PARK_READS,
            work.principal.org_id,
            device.id,
            device.location.id,
            work.now,
            [read.id for read in waiting],
            [read.meaning.gtin for read in waiting],
            [read.draft.key for read in waiting],
            [read.role.value for read in waiting],
            [read.observed_at for read in waiting],
            [read.meaning.units for read in waiting],
            [read.meaning.price for read in waiting],
            [read.draft.read_point for read in waiting],
            [label.serial or None for label in labels],
            [label.epc or None for label in labels],
            [label.epc_hex for label in labels],
            [label.lot for label in labels],
            [label.expires_on for label in labels],
        )


def _missing(read: Read) -> str | None:
    """Return the GTIN that a product must get for a read to take effect; None where none helps."""
    return read.meaning.gtin if read.parked_reason == NO_PRODUCT else None
