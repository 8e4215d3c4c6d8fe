"""How an agent gets in: a code that a person makes, and what the agent gets for it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.core.ids import new_id
from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.core.texts import printable, text
from backend.devices import reach
from backend.devices.reach import DeviceSetup
from backend.fleet import statements
from backend.fleet.codes import CODE_BYTES, code_of, digest_of, typed
from backend.fleet.errors import EnrolmentCodeNotFound, EnrolmentCodeUsed, InvalidEnrolment
from backend.identity import clients
from backend.identity.rules import ClientTraits
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef

PURPOSE: Final = "enrolment"
"""Of the key under which codes are kept."""
MOST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code, shown this once."""

    id: UUID
    code: str = field(repr=False)
    location: LocationRef
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An agent that was let in: its client, its place, the devices it may speak for."""

    client_id: str
    name: str
    location: LocationRef
    devices: list[DeviceSetup]
    enrolled_at: datetime


async def make_code(
    work: Work,
    location: str,
    devices: Sequence[str] | None,
    name: str | None,
    *,
    lifetime: timedelta,
) -> NewCode:
    """Make a code with which one agent gets in at a location, for all its devices or some.

    Raises:
        InvalidEnrolment: no such location, no such device there, or none at all.
        InvalidText: the name is empty or too long.
    """
    place = await _place(work, location)
    device_ids = None if devices is None else await _device_ids(work, place, devices)
    called = None if name is None else text(name, ["input", "name"], most=MOST_NAME)
    code = code_of(secrets.token_bytes(CODE_BYTES))
    made = NewCode(new_id(), code, place, work.now + lifetime)
    who = work.principal
    await work.rows(
        statements.ADD_CODE,
        who.org_id,
        made.id,
        _digest(work, code),
        called,
        place.id,
        device_ids,
        work.now,
        str(who.user_id or who.client_id),
        made.expires_at,
    )
    work.note(
        "ENROLMENT_CODE_MADE", made.id, location=location, devices=devices, until=made.expires_at
    )
    return made


async def withdraw_code(work: Work, code_id: UUID) -> None:
    """Make a code worth nothing.

    Raises:
        EnrolmentCodeNotFound: there is none of that id.
        EnrolmentCodeUsed: it let an agent in already.
    """
    org_id, path = work.principal.org_id, ["input", "id"]
    if await work.row(statements.WITHDRAW_CODE, org_id, code_id, work.now) is None:
        if await work.row(statements.FIND_CODE_BY_ID, org_id, code_id) is None:
            raise EnrolmentCodeNotFound("no such code", field=path, value=str(code_id))
        raise EnrolmentCodeUsed("this code let an agent in", field=path, value=str(code_id))
    work.note("ENROLMENT_CODE_WITHDRAWN", code_id)


async def is_known(work: Work, digest: bytes) -> bool:
    """Tell whether a code lets an agent in now, or did: it has not expired."""
    found = await work.row(statements.IS_KNOWN, work.principal.org_id, digest, work.now)
    return found is not None


async def enrol(work: Work, digest: bytes, name: str, key: dict[str, Any]) -> Enrolled | None:
    """Use up a code and let in the agent that has the key; None where the code is not good.

    The agent gets a client of its own that can do nothing but hand in reads at the code's location.
    `name` is what it calls itself: the one that the code was made with goes before. Who comes again
    with the same key did not hear the answer, and gets the same one.
    """
    org_id = work.principal.org_id
    used = await work.row(statements.USE_CODE, org_id, digest, work.now)
    if used is None:
        proof = (digest, work.now, key["x"], key["y"])
        again = await work.row(statements.USED_BY, org_id, *proof)
        return None if again is None else await _enrolled(work, again)
    called = used["name"] or name
    made = await clients.create_client(
        work,
        called,
        frozenset({Scope.READS_WRITE}),
        [used["location_id"]],
        ClientTraits(jwks={"keys": [key]}, role=Role.DEVICE),
    )
    await work.rows(statements.BIND_CODE, org_id, used["id"], made.client_id)
    if used["device_ids"] is not None:
        await reach.limit_client(work, made.client_id, used["device_ids"])
    await add_agent(work, made.client_id, called, [used["location_id"]], by=used["made_by"])
    enrolled = await _enrolled(work, used | {"client_id": made.client_id, "name": called})
    work.note(
        "AGENT_ENROLLED",
        made.client_id,
        location=enrolled.location.code,
        code=str(used["id"]),
        made_by=used["made_by"],
    )
    return enrolled


async def _enrolled(work: Work, used: dict[str, Any]) -> Enrolled:
    place_id = used["location_id"]
    place = (await locations.locations_by_id(work, [place_id]))[place_id]
    devices = await reach.devices_at(work, place_id)
    if used["device_ids"] is not None:
        devices = [device for device in devices if device.id in used["device_ids"]]
    return Enrolled(used["client_id"], used["name"], place, devices, used["used_at"])


async def add_agent(
    work: Work, client_id: str, name: str, places: Sequence[UUID], *, by: str | None
) -> None:
    """Let a client be an agent; where another has its name, the client's id tells them apart."""
    for called in (name, f"{name} {client_id[-6:]}"):
        values = (work.principal.org_id, new_id(), client_id, called, list(places), work.now, by)
        if await work.row(statements.ADD_AGENT, *values) is not None:
            return


def digest_typed(code: str, key: bytes) -> bytes | None:
    """Return the digest of a code as it was typed; None where it cannot be one."""
    letters = typed(code)
    return None if letters is None else digest_of(letters, key)


async def purge(work: Work, before: datetime) -> None:
    """Forget codes that expired before that moment."""
    await work.rows(statements.PURGE_CODES, before)


async def _place(work: Work, code: str) -> LocationRef:
    found = await locations.resolve_locations(work, [code])
    if code not in found:
        shown = printable(code)
        raise InvalidEnrolment(f"no location {shown!r}", field=["input", "location"], value=shown)
    return found[code]


async def _device_ids(work: Work, place: LocationRef, codes: Sequence[str]) -> list[UUID]:
    there = {device.code: device.id for device in await reach.devices_at(work, place.id)}
    path = ["input", "devices"]
    if not codes:
        raise InvalidEnrolment("name a device, or null for all of them", field=path)
    for code in codes:
        if code not in there:
            shown = printable(code)
            raise InvalidEnrolment(f"no device {shown!r} at {place.code}", field=path, value=shown)
    return [there[code] for code in dict.fromkeys(codes)]


def _digest(work: Work, code: str) -> bytes:
    digest = digest_typed(code, work.derived_key(PURPOSE))
    assert digest is not None, "a code we made"
    return digest
