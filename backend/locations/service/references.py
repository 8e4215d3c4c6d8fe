"""What codes and ids stand for: one statement per call, whatever the number of keys."""

from collections.abc import Iterable
from uuid import UUID

from backend.core.texts import is_storable
from backend.infra.work import Work
from backend.locations import statements
from backend.locations.loaders import ref_of
from backend.locations.rules import LocationRef


async def resolve_locations(work: Work, codes: Iterable[str]) -> dict[str, LocationRef]:
    """Return the locations with these codes; those unknown, or not to be seen, are absent."""
    # What PostgreSQL cannot hold as text is unknown, not an error.
    wanted = [code for code in dict.fromkeys(codes) if is_storable(code)]
    if not wanted:
        return {}
    rows = await work.rows(statements.LOCATIONS_BY_CODE, work.principal.org_id, wanted)
    return {row["code"]: ref_of(row) for row in rows if work.principal.sees(row["id"])}


async def locations_by_id(work: Work, ids: Iterable[UUID]) -> dict[UUID, LocationRef]:
    """Return the locations with these ids, whoever asks: an id comes from a row that was seen.

    Unknown ones are absent.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    rows = await work.rows(statements.LOCATIONS_BY_ID, work.principal.org_id, wanted)
    return {row["id"]: ref_of(row) for row in rows}


async def all_locations(work: Work) -> list[LocationRef]:
    """Return every location that may be seen, by code."""
    rows = await work.rows(statements.ALL_LOCATIONS, work.principal.org_id)
    return [ref_of(row) for row in rows if work.principal.sees(row["id"])]
