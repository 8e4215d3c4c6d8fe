"""What limits people and clients, between the codes that are spoken and the ids that are kept."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from backend.core.texts import is_storable, printable
from backend.identity.people import statements
from backend.identity.people.errors import InvalidReach
from backend.identity.people.rules import Reach
from backend.infra.work import Work

CHANNELS: Final = ("ONLINE", "IN_STORE", "MARKETPLACE")
"""As sales names them, which lies above."""


async def resolve_reach(
    work: Work, locations: Iterable[str] | None, distributor: str | None, channel: str | None
) -> Reach:
    """Return the limits that codes stand for; None does not limit.

    Raises:
        InvalidReach: a code nobody has, or no location at all.
    """
    return Reach(
        location_ids=await location_ids(work, locations),
        distributor_id=await distributor_id(work, distributor),
        channel=check_channel(channel),
    )


async def location_ids(work: Work, codes: Iterable[str] | None) -> frozenset[UUID] | None:
    """Return the ids of locations, None (all) for None.

    Raises:
        InvalidReach: a code nobody has, or no location at all.
    """
    if codes is None:
        return None
    wanted = list(dict.fromkeys(codes))
    if not wanted:
        raise InvalidReach("name a location, or null for all", field=["input", "locations"])
    return frozenset(await _ids(work, "locations", wanted))


async def distributor_id(work: Work, code: str | None) -> UUID | None:
    """Return the id of a distributor, None for None.

    Raises:
        InvalidReach: nobody has that code.
    """
    return None if code is None else (await _ids(work, "distributor", [code]))[0]


def check_channel(channel: str | None) -> str | None:
    """Return a channel that there is, None for None.

    Raises:
        InvalidReach: there is none of that name.
    """
    if channel not in (None, *CHANNELS):
        names = ", ".join(CHANNELS)
        raise InvalidReach(f"channel is one of {names}", field=["input", "channel"])
    return channel


async def location_codes(work: Work, ids: list[UUID]) -> list[str | None]:
    """Return the codes of locations, None for one that is gone."""
    rows = await work.rows(statements.LOCATIONS_BY_ID, ids)
    found = {row["id"]: row["code"] for row in rows}
    return [found.get(one) for one in ids]


async def distributor_codes(work: Work, ids: list[UUID]) -> list[str | None]:
    """Return the codes of distributors, None for one that is gone."""
    rows = await work.rows(statements.DISTRIBUTORS_BY_ID, ids)
    found = {row["id"]: row["code"] for row in rows}
    return [found.get(one) for one in ids]


async def _ids(work: Work, field: str, codes: list[str]) -> list[UUID]:
    statement = (
        statements.LOCATIONS_BY_CODE if field == "locations" else statements.DISTRIBUTORS_BY_CODE
    )
    rows = await work.rows(statement, [code for code in codes if is_storable(code)])
    found = {row["code"]: row["id"] for row in rows}
    for code in codes:
        if code not in found:
            raise InvalidReach(
                f"nothing has the code {printable(code)!r}",
                field=["input", field],
                value=printable(code),
            )
    return [found[code] for code in codes]
