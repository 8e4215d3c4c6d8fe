"""What people allowed clients, in the schema."""

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry
from strawberry.scalars import ID

from backend.identity import clients
from backend.identity.errors import GrantNotFound
from backend.identity.graphql.people import User
from backend.identity.oauth import grants
from backend.identity.oauth.grants import GrantOrder
from backend.identity.people import accounts
from backend.infra.api.context import Info
from backend.infra.api.declared import public
from backend.infra.api.described import enum_type, input_type, object_type
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Cursor

enum_type(GrantOrder)


@public
@object_type
class Grant:
    """What a person allowed a client on the consent page."""

    id: ID
    """Identifies it."""
    client_id: str
    """The client."""
    scopes: list[str]
    """What was allowed at most."""
    created_at: datetime
    """When the person allowed it."""
    last_used_at: datetime
    """When the client last got tokens for it."""
    expires_at: datetime
    """When it ends unless the client uses it before."""
    ended_at: datetime | None
    """When it was taken back, or something of it was used twice."""
    user_id: strawberry.Private[UUID]

    @strawberry.field
    async def client_name(self, info: Info) -> str:
        """What the client calls itself."""
        return await info.context.loader(clients.client_names).load(self.client_id)

    @strawberry.field
    async def user(self, info: Info) -> User:
        """Who allowed it."""
        return User.of(await info.context.loader(accounts.users_by_id).load(self.user_id))

    @classmethod
    def of(cls, row: grants.Grant) -> Self:
        """Return a grant as clients see it."""
        return cls(
            id=ID(str(row.id)),
            client_id=row.client_id,
            scopes=list(row.scopes),
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            expires_at=row.expires_at,
            ended_at=row.ended_at,
            user_id=row.user_id,
        )


@input_type
class GrantFilter:
    """Which grants; what is left out does not limit."""

    is_open: bool | None = None
    """Only those that still work, or only the others."""


@input_type
class GrantSort:
    """How grants are sorted."""

    by: GrantOrder = GrantOrder.CREATED_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


@input_type
class EndGrantInput:
    """Names a grant."""

    id: ID
    """The grant."""


@public
@object_type
class EndGrantPayload:
    """What became of the grant."""

    ended_at: datetime
    """When it ended."""


@strawberry.type
class Query:
    """Questions about grants."""

    @strawberry.field
    async def grants(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: GrantFilter | None = None,  # noqa: A002 - the contract's name
        sort: GrantSort | None = None,
    ) -> Connection[Grant]:
        """What one allowed clients, for an administrator what everybody did; latest first."""
        sort = sort or GrantSort()
        page = await grants.page_of_grants(
            await info.context.reading(),
            sort.by,
            is_open=None if filter is None else filter.is_open,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, Grant.of)


@strawberry.type
class Mutation:
    """Changes of grants."""

    @strawberry.mutation
    async def end_grant(
        self,
        info: Info,
        input: EndGrantInput,  # noqa: A002 - the contract's name
    ) -> EndGrantPayload:
        """Takes back what was allowed a client: its tokens and sockets end within a second."""
        try:
            grant_id = UUID(input.id)
        except ValueError as exc:
            raise GrantNotFound("there is no such grant", field=["input", "id"]) from exc
        async with info.context.writing() as work:
            await grants.take_back(work, grant_id)
            return EndGrantPayload(ended_at=work.now)
