"""Lists of locations."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from tortoise.expressions import Q

from backend.infra.api.relay import Ordering, Page, fetch_page
from backend.infra.work import Work
from backend.locations import loaders
from backend.locations.models import Location
from backend.locations.rules import LocationDetail, LocationKind
from backend.locations.service.references import resolve_locations


class LocationOrder(StrEnum):
    """By what locations are sorted."""

    CODE = "CODE"
    """By code."""
    NAME = "NAME"
    """By name."""


_COLUMNS: Final = {LocationOrder.CODE: ("code", "id"), LocationOrder.NAME: ("name", "id")}


@dataclass(frozen=True, slots=True)
class LocationCriteria:
    """Which locations; None does not limit.

    `search` is part of a code, name or city, in any case.
    """

    codes: tuple[str, ...] | None = None
    kinds: tuple[LocationKind, ...] | None = None
    states: tuple[str, ...] | None = None
    countries: tuple[str, ...] | None = None
    regions: tuple[str, ...] | None = None
    search: str | None = None


async def list_locations(
    work: Work,
    criteria: LocationCriteria,
    order: LocationOrder,
    *,
    descending: bool,
    first: int,
    after: str | None,
) -> Page[LocationDetail]:
    """Return a page of the locations that may be seen, loaded, in two statements."""
    ordering = Ordering(f"locations-{order}", _COLUMNS[order], (str, UUID), descending)
    query = Location.filter(_condition(work, criteria))
    page = await fetch_page(work, query, ordering, first, after)
    found = await loaders.location_details(work, [row.id for _, row in page.rows])
    rows = [(cursor, one) for (cursor, _), one in zip(page.rows, found, strict=True) if one]
    return replace(page, rows=rows)


async def find_location(work: Work, code: str) -> LocationDetail | None:
    """Return the location with this code, loaded; None where there is none to be seen."""
    ref = (await resolve_locations(work, [code])).get(code)
    return (await loaders.location_details(work, [ref.id]))[0] if ref else None


def _condition(work: Work, criteria: LocationCriteria) -> Q:
    condition = Q()
    search = criteria.search
    if search is not None:
        condition &= (
            Q(code__icontains=search) | Q(name__icontains=search) | Q(city__icontains=search)
        )
    for column, values in (
        ("code", criteria.codes),
        ("kind", criteria.kinds),
        ("state", criteria.states),
        ("country", criteria.countries),
        ("region", criteria.regions),
    ):
        if values is not None:
            wanted: dict[str, Any] = {f"{column}__in": [str(value) for value in values]}
            condition &= Q(**wanted)
    if work.principal.locations is not None:
        condition &= Q(id__in=list(work.principal.locations))
    return condition
