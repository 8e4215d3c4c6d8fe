"""The organisation one acts for."""

from base64 import b64decode, b64encode
from datetime import datetime

import strawberry

from backend.core.scopes import Scope
from backend.identity import closing, organisations
from backend.identity.closing import FiscalCalendar, FiscalYearEnd, OrganisationChange
from backend.identity.logos import service as logos
from backend.identity.logos.rules import InvalidLogo
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.declared import public, seen_with
from backend.infra.api.described import enum_type, input_type, object_type
from backend.infra.work import Work

enum_type(FiscalCalendar)
enum_type(FiscalYearEnd)


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
    fiscal_year_start: int
    """The month, 1 to 12, in which its business year begins."""
    fiscal_calendar: FiscalCalendar
    """How its business year is divided."""
    fiscal_year_end: FiscalYearEnd
    """On which Saturday a business year of weeks ends."""
    is_demo: bool
    """Whether all figures are made up."""
    closed_at: datetime | None
    """When it was closed; its data are deleted after a while."""
    server_time: datetime
    """The server's time when this was answered."""

    @strawberry.field
    async def logo(self, info: Info) -> str | None:
        """Its own logo, a PNG or SVG, as a `data:` address; null where it has none."""
        logo = await logos.find_logo(await info.context.reading())
        if logo is None:
            return None
        return f"data:{logo.media_type};base64,{b64encode(logo.content).decode()}"


@input_type
class UpdateOrganisationInput:
    """What to change; what is left out, or null, stays."""

    name: str | None = None
    """Its name."""
    currency: str | None = None
    """ISO 4217 code; it stays once there are sales."""
    timezone: str | None = None
    """IANA time zone of its head office."""
    fiscal_year_start: int | None = None
    """The month, 1 to 12, in which its business year begins."""
    fiscal_calendar: FiscalCalendar | None = None
    """How its business year is divided."""
    fiscal_year_end: FiscalYearEnd | None = None
    """On which Saturday a business year of weeks ends."""


@input_type
class ChangeLogoInput:
    """The logo that stands on reports."""

    content: str | None
    """The file, a PNG or SVG of at most 200 kB, in base64; null: none of one's own any more."""


@input_type
class CloseOrganisationInput:
    """Shows that closing is meant."""

    code: str
    """The organisation's own code."""


@seen_with(Scope.ADMIN)
@object_type
class OrganisationPayload:
    """The organisation after the change."""

    organisation: Organisation
    """As it is now."""


@strawberry.type
class Query:
    """Questions about who one is."""

    @strawberry.field(description="The organisation the access token belongs to.")
    async def organisation(self, info: Info) -> Organisation:
        """Return the organisation of the access token."""
        return await _present(await info.context.reading())


@strawberry.type
class Mutation:
    """Changes of the organisation."""

    @strawberry.mutation(extensions=[Requires(Scope.ADMIN)])
    async def update_organisation(
        self,
        info: Info,
        input: UpdateOrganisationInput,  # noqa: A002 - the contract's name
    ) -> OrganisationPayload:
        """Changes the organisation's settings."""
        sent = {name: value for name, value in vars(input).items() if value is not None}
        async with info.context.writing() as work:
            await closing.update_organisation(work, OrganisationChange(**sent))
            return OrganisationPayload(organisation=await _present(work))

    @strawberry.mutation(extensions=[Requires(Scope.ADMIN)])
    async def change_logo(
        self,
        info: Info,
        input: ChangeLogoInput,  # noqa: A002 - the contract's name
    ) -> OrganisationPayload:
        """Keeps the organisation's logo: what of a PNG or SVG only draws."""
        try:
            content = None if input.content is None else b64decode(input.content, validate=True)
        except ValueError as exc:
            raise InvalidLogo("content is base64") from exc
        async with info.context.writing() as work:
            await logos.change_logo(work, content)
            return OrganisationPayload(organisation=await _present(work))

    @strawberry.mutation(extensions=[Requires(Scope.ADMIN)])
    async def close_organisation(
        self,
        info: Info,
        input: CloseOrganisationInput,  # noqa: A002 - the contract's name
    ) -> OrganisationPayload:
        """Closes the organisation: everybody is out at once, its data are deleted after a while.

        Only an owner can, and should export the data before.
        """
        async with info.context.writing() as work:
            await closing.close_organisation(work, input.code)
            return OrganisationPayload(organisation=await _present(work))


async def _present(work: Work) -> Organisation:
    found = await organisations.describe(work)
    return Organisation(
        id=strawberry.ID(str(found.id)),
        code=found.code,
        name=found.name,
        currency=found.currency,
        timezone=found.timezone,
        fiscal_year_start=found.fiscal_year_start,
        fiscal_calendar=FiscalCalendar(found.fiscal_calendar),
        fiscal_year_end=FiscalYearEnd(found.fiscal_year_end),
        is_demo=found.is_demo,
        closed_at=found.closed_at,
        server_time=found.server_time,
    )
