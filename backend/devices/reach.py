"""Which devices a client may speak for, and what whoever speaks for them has to know."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from backend.core.texts import is_storable
from backend.devices.rules import ReadPointRole
from backend.infra.work import Work

# A device without read points is there all the same: its points are null.
_AT: Final = """
select d.id, d.code, d.name, p.code as point, p.role
  from devices d left join read_points p on p.org_id = d.org_id and p.device_id = d.id
 where d.org_id = $1 and d.location_id = $2
 order by d.code, p.code
"""
_PLACES: Final = "select code, location_id from devices where org_id = $1 and code = any($2)"
_LIMIT: Final = """
insert into client_devices (org_id, client_id, device_id) select $1, $2, unnest($3::uuid[])
"""


@dataclass(frozen=True, slots=True)
class DeviceSetup:
    """A device with its read points, by code."""

    id: UUID
    code: str
    name: str | None
    read_points: dict[str, ReadPointRole]


async def devices_at(work: Work, location_id: UUID) -> list[DeviceSetup]:
    """Return the devices of a location, by code."""
    found: dict[UUID, DeviceSetup] = {}
    for row in await work.rows(_AT, work.principal.org_id, location_id):
        device = found.setdefault(row["id"], DeviceSetup(row["id"], row["code"], row["name"], {}))
        if row["point"] is not None:
            device.read_points[row["point"]] = ReadPointRole(row["role"])
    return list(found.values())


async def places_of(work: Work, codes: Iterable[str]) -> dict[str, UUID]:
    """Return the ids of the locations of these devices; those unknown, or not seen, are absent."""
    wanted = [code for code in dict.fromkeys(codes) if is_storable(code)]
    rows = await work.rows(_PLACES, work.principal.org_id, wanted) if wanted else []
    return {row["code"]: row["location_id"] for row in rows}


async def limit_client(work: Work, client_id: str, device_ids: Sequence[UUID]) -> None:
    """Let a client speak for these devices and no others; it must not be limited yet."""
    await work.rows(_LIMIT, work.principal.org_id, client_id, list(device_ids))
