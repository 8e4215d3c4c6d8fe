"""Locations."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.declared import comes_along, seen_with
from backend.infra.api.described import object_type
from backend.infra.api.scalars import Long
from backend.locations import loaders
from backend.locations.graphql.enums import LocationKind, SalesSource, Weekday
from backend.locations.rules import (
    LocationDetail,
    LocationRef,
)

READS = Requires(Scope.LOCATIONS_READ)


@comes_along
@object_type
class Location:
    """A store, a warehouse or a web shop."""

    id: strawberry.ID
    """Identifies the location."""
    code: str
    """The retailer's own code for it."""
    name: str
    """Name for people."""
    kind: LocationKind
    """What sort of place it is."""
    timezone: str
    """IANA time zone: its business day is its own local day."""
    detail: strawberry.Private[LocationDetail | None] = None

    @strawberry.field(extensions=[READS])
    async def latitude(self, info: Info) -> float | None:
        """Degrees north."""
        return (await self._detail(info)).place.latitude

    @strawberry.field(extensions=[READS])
    async def longitude(self, info: Info) -> float | None:
        """Degrees east."""
        return (await self._detail(info)).place.longitude

    @strawberry.field(extensions=[READS])
    async def city(self, info: Info) -> str | None:
        """City."""
        return (await self._detail(info)).place.city

    @strawberry.field(extensions=[READS])
    async def state(self, info: Info) -> str | None:
        """State or province."""
        return (await self._detail(info)).place.state

    @strawberry.field(extensions=[READS])
    async def postal_code(self, info: Info) -> str | None:
        """Postal code."""
        return (await self._detail(info)).place.postal_code

    @strawberry.field(extensions=[READS])
    async def region(self, info: Info) -> str | None:
        """The retailer's own region."""
        return (await self._detail(info)).place.region

    @strawberry.field(extensions=[READS])
    async def country(self, info: Info) -> str | None:
        """Country."""
        return (await self._detail(info)).place.country

    @strawberry.field(extensions=[READS])
    async def sales_source(self, info: Info) -> SalesSource:
        """What counts as a sale there."""
        return (await self._detail(info)).ref.sales_source

    @strawberry.field(extensions=[READS])
    async def opening_days(self, info: Info) -> list[Weekday]:
        """Days on which it is open."""
        return list((await self._detail(info)).opening_days)

    @strawberry.field(extensions=[READS])
    async def attributes(self, info: Info) -> JSON | None:
        """What has no field of its own."""
        return JSON((await self._detail(info)).attributes)

    @strawberry.field(extensions=[READS])
    async def updated_at(self, info: Info) -> datetime:
        """When it last changed."""
        return (await self._detail(info)).updated_at

    @strawberry.field(extensions=[READS])
    async def version(self, info: Info) -> Long:
        """Grows with every change."""
        return Long((await self._detail(info)).version)

    @classmethod
    def from_ref(cls, ref: LocationRef) -> Self:
        """Return a location whose other fields load when asked for."""
        return cls(
            id=strawberry.ID(str(ref.id)),
            code=ref.code,
            name=ref.name,
            kind=ref.kind,
            timezone=ref.timezone,
        )

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the location of a stored fact, with the names it had then."""
        return cls(
            id=strawberry.ID(fact["id"]),
            code=fact["code"],
            name=fact["name"],
            kind=LocationKind(fact["kind"]),
            timezone=fact["timezone"],
        )

    @classmethod
    def of(cls, detail: LocationDetail) -> Self:
        """Return a location that is loaded already."""
        location = cls.from_ref(detail.ref)
        location.detail = detail
        return location

    async def _detail(self, info: Info) -> LocationDetail:
        if self.detail is None:
            loader = info.context.loader(loaders.location_details)
            self.detail = await loader.load(UUID(self.id))
        assert self.detail is not None  # locations are never deleted
        return self.detail


@seen_with(Scope.LOCATIONS_READ)
@object_type
class LocationChanged:
    """A location was made or changed."""

    location: Location
    """The location, with the names it got."""
    changed: list[str]
    """Names of the fields that changed."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the change of a stored fact."""
        return cls(location=Location.from_fact(fact["location"]), changed=fact["changed"])
