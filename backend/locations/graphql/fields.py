"""Root fields of the locations."""

import strawberry

from backend.core.scopes import Scope
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import (
    ErrorPolicy,
    RowStatus,
    SortDirection,
    UserError,
    check_batch,
)
from backend.infra.api.scalars import Cursor
from backend.infra.api.upserts import outcome, tally
from backend.locations import service
from backend.locations.graphql.inputs import (
    LocationFilter,
    LocationSort,
    UpsertLocationsInput,
)
from backend.locations.graphql.types import Location

READS = Requires(Scope.LOCATIONS_READ)


@seen_with(Scope.LOCATIONS_WRITE)
@object_type
class LocationResult:
    """What became of one location."""

    code: str
    """Its code."""
    status: RowStatus
    """ACCEPTED also where it was as sent already."""
    location: Location | None
    """The location as it is now; null if rejected."""
    user_errors: list[UserError]
    """Why it was rejected."""


@seen_with(Scope.LOCATIONS_WRITE)
@object_type
class UpsertLocationsPayload:
    """What became of the locations."""

    accepted_count: int
    """Locations that are now as sent."""
    rejected_count: int
    """Locations left as they were."""
    results: list[LocationResult]
    """One per row, in order."""


@strawberry.type
class Query:
    """Root fields."""

    @strawberry.field(extensions=[READS])
    async def locations(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: LocationFilter | None = None,  # noqa: A002 - the contract's name
        sort: LocationSort | None = None,
    ) -> Connection[Location]:
        """Locations that may be seen, by code unless sorted otherwise."""
        sort = sort or LocationSort()
        page = await service.list_locations(
            await info.context.reading(),
            (filter or LocationFilter()).criteria(),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, Location.of)

    @strawberry.field(extensions=[READS])
    async def location(self, info: Info, code: str) -> Location | None:
        """The location with this code; null if there is none that may be seen."""
        found = await service.find_location(await info.context.reading(), code)
        return Location.of(found) if found else None


@strawberry.type
class Mutation:
    """Root fields."""

    @strawberry.mutation(extensions=[Requires(Scope.LOCATIONS_WRITE)])
    async def upsert_locations(
        self,
        info: Info,
        input: UpsertLocationsInput,  # noqa: A002 - the contract's name
    ) -> UpsertLocationsPayload:
        """Makes locations or changes them, by code. The same call twice changes nothing more."""
        check_batch(info.context, input.locations, "locations")
        async with info.context.writing() as work:
            done = await service.upsert_locations(
                work,
                [one.draft() for one in input.locations],
                all_or_nothing=input.error_policy is ErrorPolicy.REJECT_EVERYTHING,
            )
        results = [
            LocationResult(
                code=row.code, location=Location.of(made) if made else None, **outcome(row)
            )
            for row, made in done
        ]
        return UpsertLocationsPayload(results=results, **tally(results))
