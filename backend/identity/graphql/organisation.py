"""The organisation one acts for."""

from datetime import datetime

import strawberry

from backend.identity import organisations
from backend.infra.api.context import Info
from backend.infra.api.declared import public
from backend.infra.api.described import object_type


@public
@object_type
class Organisation:
    """The retailer whose data this is."""

    id: strawberry.ID
    """Its identifier."""
    code: str
    """Its short name, for command lines and addresses."""
    name: str
    """Its name."""
    currency: str
    """ISO 4217 code of the currency that sums are in."""
    timezone: str
    """IANA time zone of its head office; a location has its own."""
    is_demo: bool
    """Whether all figures are made up."""
    server_time: datetime
    """The server's time when this was answered."""


@strawberry.type
class Query:
    """Questions about who one is."""

    @strawberry.field(description="The organisation the access token belongs to.")
    async def organisation(self, info: Info) -> Organisation:
        """Return the organisation of the access token."""
        found = await organisations.describe(await info.context.reading())
        return Organisation(
            id=strawberry.ID(str(found.id)),
            code=found.code,
            name=found.name,
            currency=found.currency,
            timezone=found.timezone,
            is_demo=found.is_demo,
            server_time=found.server_time,
        )
