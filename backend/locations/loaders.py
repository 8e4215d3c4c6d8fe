"""What a list of locations needs beyond its rows, in one statement whatever the number of rows."""

from typing import Any
from uuid import UUID

from backend.core import attributes
from backend.core.places import Place
from backend.infra.work import Work
from backend.locations import statements
from backend.locations.rules import (
    LocationDetail,
    LocationKind,
    LocationRef,
    SalesSource,
    Weekday,
)


async def location_details(work: Work, ids: list[UUID]) -> list[LocationDetail | None]:
    """Return what locations are beyond their names, in the order of `ids`; None: unknown."""
    rows = await work.rows(statements.LOCATION_DETAILS, work.principal.org_id, ids)
    found = {row["id"]: detail_of(row) for row in rows}
    return [found.get(id_) for id_ in ids]


def ref_of(row: dict[str, Any]) -> LocationRef:
    """Return the location of a database row."""
    return LocationRef(
        row["id"],
        row["code"],
        row["name"],
        LocationKind(row["kind"]),
        row["timezone"],
        SalesSource(row["sales_source"]),
    )


def detail_of(row: dict[str, Any]) -> LocationDetail:
    """Return the location of a database row with everything beyond its names."""
    return LocationDetail(
        ref_of(row),
        Place(
            row["latitude"],
            row["longitude"],
            row["city"],
            row["state"],
            row["postal_code"],
            row["region"],
            row["country"],
        ),
        tuple(Weekday(day) for day in row["opening_days"]),
        attributes.decode(row["attributes"]),
        row["updated_at"],
        row["version"],
    )
