"""Sessions, and one's own password, in the schema."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry.scalars import ID

from backend.identity.graphql.people import User, user_id_of
from backend.identity.people import accounts, lists
from backend.identity.people.errors import SessionNotFound
from backend.identity.people.lists import SessionCriteria, SessionOrder
from backend.identity.people.users import People
from backend.infra.api.context import Info
from backend.infra.api.declared import public
from backend.infra.api.described import enum_type, input_type, object_type
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Cursor

enum_type(SessionOrder)


@public
@object_type
class Session:
    """A browser's sign-in."""

    id: ID
    """Identifies it."""
    address: str
    """Where it was begun from."""
    agent: str
    """What the browser calls itself."""
    created_at: datetime
    """When the password was given."""
    last_seen_at: datetime
    """When it was last used, to the minute."""
    expires_at: datetime
    """When it ends at the latest."""
    ended_at: datetime | None
    """When it was ended before its time."""
    is_current: bool
    """Whether the access token came from it."""
    user_id: strawberry.Private[UUID]

    @strawberry.field
    async def user(self, info: Info) -> User:
        """Who signed in."""
        return User.of(await info.context.loader(accounts.users_by_id).load(self.user_id))


@input_type
class SessionFilter:
    """Which sessions; what is left out does not limit."""

    user: ID | None = None
    """Only of this person."""
    is_open: bool | None = None
    """Only those that still work, or only the others."""


@input_type
class SessionSort:
    """How sessions are sorted."""

    by: SessionOrder = SessionOrder.CREATED_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


@input_type
class ChangePasswordInput:
    """One's own password."""

    current_password: str
    """The present one."""
    new_password: str
    """12 to 200 characters, in no list of common ones, without one's name."""


@input_type
class EndSessionInput:
    """Names a session."""

    id: ID
    """The session."""


@input_type
class EndAllSessionsInput:
    """Names whose sessions."""

    user: ID | None = None
    """The person; null for oneself."""


@public
@object_type
class EndSessionsPayload:
    """What became of the sessions."""

    ended_count: int
    """How many were open and are over now."""


@public
@object_type
class ChangePasswordPayload:
    """The password was changed."""

    changed_at: datetime
    """When; all other sessions of the person ended then."""


@strawberry.type
class Query:
    """Questions about sessions."""

    @strawberry.field
    async def sessions(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: SessionFilter | None = None,  # noqa: A002 - the contract's name
        sort: SessionSort | None = None,
    ) -> Connection[Session]:
        """One's own sign-ins, for an administrator everybody's; latest first."""
        wanted, sort = filter or SessionFilter(), sort or SessionSort()
        user = None if wanted.user is None else user_id_of(wanted.user, "filter", "user")
        page = await lists.list_sessions(
            await info.context.reading(),
            SessionCriteria(user, wanted.is_open),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        current = info.context.principal.session_id
        return connect(page, lambda row: _session(row, current))


@strawberry.type
class Mutation:
    """Changes of sessions and of one's own password."""

    @strawberry.mutation
    async def change_password(
        self,
        info: Info,
        input: ChangePasswordInput,  # noqa: A002 - the contract's name
    ) -> ChangePasswordPayload:
        """Changes one's own password; all other sessions of one's own end."""
        context = info.context
        changed_at = await context.service(People).change_password(
            context.principal, input.current_password, input.new_password, context.address
        )
        return ChangePasswordPayload(changed_at=changed_at)

    @strawberry.mutation
    async def end_session(
        self,
        info: Info,
        input: EndSessionInput,  # noqa: A002 - the contract's name
    ) -> EndSessionsPayload:
        """Ends one session, one's own or as an administrator anybody's, and what came from it."""
        async with info.context.writing() as work:
            await accounts.end_session(work, _session_id(input.id))
        return EndSessionsPayload(ended_count=1)

    @strawberry.mutation
    async def end_all_sessions(
        self,
        info: Info,
        input: EndAllSessionsInput,  # noqa: A002 - the contract's name
    ) -> EndSessionsPayload:
        """Signs oneself out everywhere, or as an administrator anybody."""
        user = None if input.user is None else user_id_of(input.user, "input", "user")
        async with info.context.writing() as work:
            return EndSessionsPayload(ended_count=await accounts.end_all_sessions(work, user))


def _session(row: Any, current: UUID | None) -> Session:
    return Session(
        id=ID(str(row.id)),
        address=row.address,
        agent=row.agent,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        is_current=row.id == current,
        user_id=row.user_id,
    )


def _session_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as exc:
        raise SessionNotFound(
            "there is no such session", field=["input", "id"], value=text[:60]
        ) from exc
