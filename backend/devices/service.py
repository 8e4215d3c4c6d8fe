"""Verbs of devices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec

from backend.core.drafts import Draft
from backend.core.errors import ShelfcastError
from backend.core.ids import new_id
from backend.devices import statements
from backend.devices.errors import InvalidDevice, UnknownLocation
from backend.devices.events import DeviceChanged
from backend.devices.rules import MOST_TEXT, ReadPointRole
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef

MOST_READ_POINTS: Final = 64


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
        work.note_all("DEVICES_UPSERTED", list(good))
        for outcome in outcomes:
            outcome.id = None if outcome.error else ids[outcome.code]
    return outcomes


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
            statements.DEVICE_NAMES,
            org,
            [draft.code for draft in kept],
        )
        names |= {row["code"]: row["name"] for row in rows if row["name"] is not None}
    changed = await work.rows(
        statements.UPSERT_DEVICES,
        org,
        [new_id() for _ in drafts],
        codes,
        [names.get(code) for code in codes],
        [places[draft.location].id for draft in drafts],
        work.now,
    )
    rows = await work.rows(statements.DEVICE_IDS, org, codes)
    ids = {row["code"]: row["id"] for row in rows}
    points = [(ids[draft.code], point) for draft in drafts for point in draft.read_points]
    owners, point_codes = [id_ for id_, _ in points], [point.code for _, point in points]
    await work.rows(statements.DROP_READ_POINTS, org, list(ids.values()), owners, point_codes)
    roles = [point.role.value for _, point in points]
    await work.rows(statements.PUT_READ_POINTS, org, owners, point_codes, roles)
    work.gather(
        DeviceChanged(
            places[draft.location].id, row["id"], row["code"], row["name"], row["version"], work.now
        )
        for row in changed
        for draft in drafts
        if draft.code == row["code"]
    )
    return ids
