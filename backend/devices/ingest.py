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
from backend.core.texts import is_storable
from backend.core.times import happened_at
from backend.devices import statements
from backend.devices.errors import UnknownDevice
from backend.devices.rules import (
    DeviceRef,
    Effect,
    IngestDraft,
    Read,
    ReadDraft,
    ReadPointRole,
    decode,
    effect_of,
    put_right,
    role_at,
    storable,
)
from backend.infra.batches import Row, claim_rows, read_rows
from backend.infra.effects import EffectKind
from backend.infra.work import Work
from backend.locations import service as locations
from backend.sales import read_sales
from backend.sales.read_sales import CheckoutRead
from backend.stock import service as stock
from backend.stock.rules import Movement, MovementReason

NO_PRODUCT: Final = "no product has this GTIN"


async def ingest_reads(work: Work, batch: IngestDraft) -> list[Row[Read]]:
    """Take in a batch of reads; the rows are in the order they were sent.

    Times are put right by the skew the device states. A code nobody knows is kept and parked: its
    row's value has a `parked_reason`.

    Raises:
        UnknownDevice: no device has this code.
    """
    device = await find_device(work, batch.device)
    skew = timedelta(milliseconds=batch.clock_skew_ms or 0)

    def read(draft: ReadDraft, path: list[str]) -> Read:
        role = role_at(device, draft, path)
        observed_at = happened_at(
            put_right(draft.observed_at, skew),
            [*path, "observedAt"],
            now=work.now,
            horizon=work.horizon,
        )
        gtin, parked_reason = decode(draft)
        return Read(draft, device.id, role, observed_at, gtin, parked_reason)

    rows = read_rows(batch.reads, "reads", lambda draft: draft.key, read, key_name="key")
    gtins = {row.value.gtin for row in rows if row.value and row.value.gtin}
    known = await catalogue.resolve_gtins(work, gtins) if gtins else {}
    for row in rows:
        if row.value:
            row.value = _identified(row.value, known)
    new = await claim_rows(work, EffectKind.READ, rows, all_or_nothing=False)
    reads = [replace(row.value, id=row.effect_id) for row in new if row.value]
    await _keep(work, device, batch, reads)
    await _take_effect(work, device, reads)
    return rows


async def find_device(work: Work, code: str) -> DeviceRef:
    """Return a device with its place and read points.

    Raises:
        UnknownDevice: no device has this code.
    """
    org_id = work.principal.org_id
    rows = await work.rows(statements.FIND_DEVICE, org_id, code) if is_storable(code) else []
    if not rows:
        raise UnknownDevice(f"no device {code[:60]!r}", field=["input", "device"], value=code[:60])
    places = await locations.locations_by_id(work, {rows[0]["location_id"]})
    return DeviceRef(
        id=rows[0]["id"],
        code=code,
        location=places[rows[0]["location_id"]],
        read_points={row["code"]: ReadPointRole(row["role"]) for row in rows if row["code"]},
    )


def _identified(read: Read, known: dict[str, Packaged]) -> Read:
    if read.gtin is None:
        return read
    packaged = known.get(read.gtin)
    return replace(read, packaged=packaged, parked_reason=None if packaged else NO_PRODUCT)


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
        max(read.observed_at for read in reads),
        batch.clock_skew_ms,
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
    )


async def _take_effect(work: Work, device: DeviceRef, reads: Sequence[Read]) -> None:
    """Receive and sell what the roles of the read points say, all levels locked in one go."""
    received: list[Movement] = []
    sold: list[CheckoutRead] = []
    effects = {role: effect_of(role, device.location) for role in ReadPointRole}
    for read in reads:
        if read.packaged is None:
            continue
        effect = effects[read.role]
        if effect is Effect.RECEIVE:
            received.append(_receipt(device, read, read.packaged))
        elif effect is Effect.SELL:
            sold.append(CheckoutRead(read.id, read.draft.key, read.packaged, read.observed_at))
    if sold:
        await read_sales.record(work, device.location, device.code, sold, received)
    else:
        await stock.post(work, received)


def _receipt(device: DeviceRef, read: Read, packaged: Packaged) -> Movement:
    return Movement(
        product=packaged.product,
        location=device.location,
        quantity=packaged.units,
        reason=MovementReason.RECEIVED,
        reference=f"read:{read.id}",
        occurred_at=read.observed_at,
    )
