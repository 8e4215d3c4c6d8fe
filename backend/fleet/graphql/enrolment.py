"""Enrolment codes in the schema."""

from datetime import UTC, datetime
from enum import Enum
from typing import Any, Self
from uuid import UUID

import strawberry
from strawberry.scalars import ID

from backend.core.scopes import Scope
from backend.core.settings import BackendSettings
from backend.fleet import enrolment, lists
from backend.fleet.errors import EnrolmentCodeNotFound
from backend.fleet.graphql.enums import EnrolmentCodeOrder
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import enum_type, input_type, object_type
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Cursor
from backend.locations import service as locations
from backend.locations.graphql import Location


@enum_type
class EnrolmentCodeState(Enum):
    """What an enrolment code is worth."""

    OPEN = "OPEN"
    """It lets an agent in."""
    USED = "USED"
    """It let one in."""
    EXPIRED = "EXPIRED"
    """Nobody used it in time."""
    WITHDRAWN = "WITHDRAWN"
    """Somebody took it back."""


@seen_with(Scope.DEVICES_READ)
@object_type
class EnrolmentCode:
    """A code that lets one agent in, once. Itself it is shown when it is made, and never again."""

    id: ID
    """Identifies it."""
    name: str | None
    """What the agent will be called; null: what it calls itself."""
    state: EnrolmentCodeState
    """What it is worth."""
    made_at: datetime
    """When it was made."""
    made_by: str
    """Id of who made it."""
    expires_at: datetime
    """Until when it can be used."""
    used_at: datetime | None
    """When it was used."""
    location_id: strawberry.Private[Any]

    @strawberry.field
    async def location(self, info: Info) -> Location:
        """Where the agent will be."""
        return Location.from_ref(await info.context.loader(_locations).load(self.location_id))

    @classmethod
    def of(cls, row: Any) -> Self:
        """Return a stored code as clients see it."""
        return cls(
            id=ID(str(row.id)),
            name=row.name,
            state=_state(row),
            made_at=row.made_at,
            made_by=row.made_by,
            expires_at=row.expires_at,
            used_at=row.used_at,
            location_id=row.location_id,
        )


@input_type
class EnrolmentCodeFilter:
    """Which enrolment codes; what is left out does not limit."""

    locations: list[str] | None = None
    """Only for the locations with these codes."""


@input_type
class EnrolmentCodeSort:
    """How enrolment codes are sorted."""

    by: EnrolmentCodeOrder = EnrolmentCodeOrder.MADE_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


@input_type
class CreateEnrolmentCodeInput:
    """For which agent a code is."""

    location: str
    """Code of the location where it will be."""
    devices: list[str] | None = None
    """Codes of the only devices it may speak for; null: all at the location, those to come too."""
    name: str | None = None
    """What it will be called, at most 80 characters; null: what it calls itself."""


@input_type
class WithdrawEnrolmentCodeInput:
    """Names the code that is taken back."""

    id: ID
    """The code."""


@seen_with(Scope.DEVICES_WRITE)
@object_type
class CreateEnrolmentCodePayload:
    """A new code, which nobody can ever read again."""

    id: ID
    """Identifies it."""
    code: str
    """What is typed at the agent's machine; case and dashes do not matter."""
    expires_at: datetime
    """Until when it can be used."""
    url: str
    """Where the agent takes it: the address of this backend."""


@seen_with(Scope.DEVICES_WRITE)
@object_type
class WithdrawEnrolmentCodePayload:
    """The code that was taken back."""

    id: ID
    """Its id."""


@strawberry.type
class Query:
    """Questions about enrolment codes."""

    @strawberry.field(extensions=[Requires(Scope.DEVICES_READ)])
    async def enrolment_codes(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: EnrolmentCodeFilter | None = None,  # noqa: A002 - the contract's name
        sort: EnrolmentCodeSort | None = None,
    ) -> Connection[EnrolmentCode]:
        """Codes that let agents in, latest first unless sorted otherwise.

        Expired ones are forgotten after an hour.
        """
        sort = sort or EnrolmentCodeSort()
        page = await lists.list_codes(
            await info.context.reading(),
            filter.locations if filter else None,
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, EnrolmentCode.of)


@strawberry.type
class Mutation:
    """Changes of enrolment codes."""

    @strawberry.mutation(extensions=[Requires(Scope.DEVICES_WRITE)])
    async def create_enrolment_code(
        self,
        info: Info,
        input: CreateEnrolmentCodeInput,  # noqa: A002 - the contract's name
    ) -> CreateEnrolmentCodePayload:
        """Makes a code that lets one agent in, once, and soon; it is shown this once."""
        settings = info.context.service(BackendSettings)
        async with info.context.writing() as work:
            made = await enrolment.make_code(
                work,
                input.location,
                input.devices,
                input.name,
                lifetime=settings.enrolment_lifetime,
            )
        return CreateEnrolmentCodePayload(
            id=ID(str(made.id)), code=made.code, expires_at=made.expires_at, url=settings.origin
        )

    @strawberry.mutation(extensions=[Requires(Scope.DEVICES_WRITE)])
    async def withdraw_enrolment_code(
        self,
        info: Info,
        input: WithdrawEnrolmentCodeInput,  # noqa: A002 - the contract's name
    ) -> WithdrawEnrolmentCodePayload:
        """Takes a code back that nobody has used."""
        async with info.context.writing() as work:
            await enrolment.withdraw_code(work, _code_id(input.id))
        return WithdrawEnrolmentCodePayload(id=input.id)


def _code_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as exc:
        raise EnrolmentCodeNotFound("no such code", field=["input", "id"], value=text[:60]) from exc


def _state(row: Any) -> EnrolmentCodeState:
    if row.used_at is not None:
        return EnrolmentCodeState.USED
    if row.withdrawn_at is not None:
        return EnrolmentCodeState.WITHDRAWN
    is_over = row.expires_at <= datetime.now(UTC)
    return EnrolmentCodeState.EXPIRED if is_over else EnrolmentCodeState.OPEN


async def _locations(work: Any, ids: list[Any]) -> list[Any]:
    found = await locations.locations_by_id(work, ids)
    return [found[id_] for id_ in ids]
