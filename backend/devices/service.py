"""Verbs of devices: make and change them, list them and the codes nobody knew."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final
from uuid import UUID

import msgspec

from backend.core.drafts import Draft
from backend.core.errors import ShelfcastError
from backend.core.ids import new_id
from backend.devices.errors import InvalidDevice, UnknownLocation
from backend.devices.events import DeviceChanged
from backend.devices.models import Device
from backend.devices.rules import MOST_TEXT, DeviceFact, ReadPointRole
from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef

MOST_READ_POINTS: Final = 64
_BY_CODE: Final = Ordering("devices", ("code", "id"), (str, UUID))

_UPSERT: Final = """
insert into devices as d (org_id, id, code, name, location_id, updated_at)
select $1, id, code, name, location_id, $6
  from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[]) as n (id, code, name, location_id)
 order by code
on conflict (org_id, code) do update
   set name = excluded.name, location_id = excluded.location_id, updated_at = excluded.updated_at,
       version = d.version + 1
 where (d.name, d.location_id) is distinct from (excluded.name, excluded.location_id)
returning id, code, name, version
"""
_IDS: Final = "select id, code, version from devices where org_id = $1 and code = any($2::text[])"
_READ_POINTS: Final = """
select device_id, code, role from read_points where org_id = $1 and device_id = any($2::uuid[])
 order by device_id, code
"""
_DROP_READ_POINTS: Final = """
delete from read_points p where org_id = $1 and device_id = any($2::uuid[])
   and not exists (select 1 from unnest($3::uuid[], $4::text[]) as w (device_id, code)
                    where w.device_id = p.device_id and w.code = p.code)
"""
_PUT_READ_POINTS: Final = """
insert into read_points (org_id, device_id, code, role)
select $1, * from unnest($2::uuid[], $3::text[], $4::text[])
on conflict (org_id, device_id, code) do update set role = excluded.role
"""


class ReadPointDraft(Draft, frozen=True, kw_only=True):
    """A read point as sent."""

    code: str
    role: ReadPointRole


class DeviceDraft(Draft, frozen=True, kw_only=True):
    """A device as sent. Its read points replace those it had; `name` UNSET leaves it as it is."""

    code: str
    name: str | msgspec.UnsetType | None = msgspec.UNSET
    location: str
    read_points: list[ReadPointDraft]


@dataclass(slots=True)
class DeviceOutcome:
    """What became of one device: an error, or its id."""

    code: str
    id: UUID | None = None
    error: ShelfcastError | None = None


async def upsert_devices(work: Work, drafts: Sequence[DeviceDraft]) -> list[DeviceOutcome]:
    """Make or change devices by code; the outcomes are in the order of `drafts`.

    The last of two equal codes wins.
    """
    places = await locations.resolve_locations(work, {draft.location for draft in drafts})
    outcomes: list[DeviceOutcome] = []
    good: dict[str, DeviceDraft] = {}
    for index, draft in enumerate(drafts):
        outcome = DeviceOutcome(draft.code)
        try:
            _check(draft, places, ["input", "devices", str(index)])
            good[draft.code] = draft
        except ShelfcastError as error:
            outcome.error = error
        outcomes.append(outcome)
    if good:
        ids = await _store(work, list(good.values()), places)
        for outcome in outcomes:
            outcome.id = None if outcome.error else ids[outcome.code]
    return outcomes


async def list_devices(
    work: Work,
    codes: Sequence[str] | None,
    places: Sequence[str] | None,
    first: int,
    after: str | None,
) -> Page[DeviceFact]:
    """Return a page of devices by code; None does not limit."""
    query = Device.all()
    if codes is not None:
        query = query.filter(code__in=list(codes))
    if places is not None:
        query = query.filter(location__code__in=list(places))
    page = await fetch_page(work, query, _BY_CODE, first, after)
    return replace(page, rows=[(cursor, _fact(row)) for cursor, row in page.rows])


async def read_points_of(work: Work, device_ids: list[UUID]) -> list[list[dict[str, Any]]]:
    """Return the read points of each device, by code."""
    rows = await work.rows(_READ_POINTS, work.principal.org_id, device_ids)
    return [[row for row in rows if row["device_id"] == device_id] for device_id in device_ids]


def _fact(row: Device) -> DeviceFact:
    values = vars(row)
    return DeviceFact(**{one.name: values[one.name] for one in fields(DeviceFact)})


def _check(draft: DeviceDraft, places: dict[str, LocationRef], path: list[str]) -> None:
    texts = [("code", draft.code)]
    if isinstance(draft.name, str):
        texts.append(("name", draft.name))
    for name, value in texts:
        if not value.strip() or len(value) > MOST_TEXT or "\x00" in value:
            raise InvalidDevice(
                f"{name} has 1 to {MOST_TEXT} characters", field=[*path, name], value=value[:60]
            )
    if draft.location not in places:
        raise UnknownLocation(
            f"no location {draft.location[:60]!r}",
            field=[*path, "location"],
            value=draft.location[:60],
        )
    codes = [point.code for point in draft.read_points]
    if len(codes) > MOST_READ_POINTS or len(set(codes)) < len(codes):
        raise InvalidDevice(
            f"a device has up to {MOST_READ_POINTS} read points with different codes",
            field=[*path, "readPoints"],
        )
    for index, code in enumerate(codes):
        if not code.strip() or len(code) > MOST_TEXT or "\x00" in code:
            raise InvalidDevice(
                f"a code has 1 to {MOST_TEXT} characters",
                field=[*path, "readPoints", str(index), "code"],
                value=code[:60],
            )


async def _store(
    work: Work, drafts: list[DeviceDraft], places: dict[str, LocationRef]
) -> dict[str, UUID]:
    org, codes = work.principal.org_id, [draft.code for draft in drafts]
    kept = [draft for draft in drafts if draft.name is msgspec.UNSET]
    names = {draft.code: draft.name for draft in drafts if isinstance(draft.name, str)}
    if kept:
        rows = await work.rows(
            "select code, name from devices where org_id = $1 and code = any($2::text[])",
            org,
            [draft.code for draft in kept],
        )
        names |= {row["code"]: row["name"] for row in rows if row["name"] is not None}
    changed = await work.rows(
        _UPSERT,
        org,
        [new_id() for _ in drafts],
        codes,
        [names.get(code) for code in codes],
        [places[draft.location].id for draft in drafts],
        work.now,
    )
    rows = await work.rows(_IDS, org, codes)
    ids = {row["code"]: row["id"] for row in rows}
    points = [(ids[draft.code], point) for draft in drafts for point in draft.read_points]
    owners, point_codes = [id_ for id_, _ in points], [point.code for _, point in points]
    await work.rows(_DROP_READ_POINTS, org, list(ids.values()), owners, point_codes)
    roles = [point.role.value for _, point in points]
    await work.rows(_PUT_READ_POINTS, org, owners, point_codes, roles)
    work.gather(
        DeviceChanged(
            places[draft.location].id, row["id"], row["code"], row["name"], row["version"], work.now
        )
        for row in changed
        for draft in drafts
        if draft.code == row["code"]
    )
    return ids
