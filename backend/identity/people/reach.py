"""What limits people and clients, between the codes that are spoken and the ids that are kept."""

from collections.abc import Iterable
from uuid import UUID

from backend.core.texts import is_storable, printable
from backend.identity.people import statements
from backend.identity.people.errors import InvalidReach
from backend.identity.people.rules import Reach
from backend.infra.work import Work


async def resolve_reach(
    work: Work, locations: Iterable[str] | None, distributor: str | None, channel: str | None
) -> Reach:
    """Return the limits that codes stand for; None does not limit.

    Raises:
        InvalidReach: a code nobody has, or no location at all.
    """
    codes = None if locations is None else list(dict.fromkeys(locations))
    if codes is not None and not codes:
        raise InvalidReach("name a location, or null for all", field=["locations"])
    places = None if codes is None else await _ids(work, "locations", codes)
    sellers = None if distributor is None else await _ids(work, "distributor", [distributor])
    return Reach(
        location_ids=None if places is None else frozenset(places),
        distributor_id=None if sellers is None else sellers[0],
        channel=channel,
    )


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
                f"nothing has the code {printable(code)!r}", field=[field], value=printable(code)
            )
    return [found[code] for code in codes]
