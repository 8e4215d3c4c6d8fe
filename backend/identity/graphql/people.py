"""People in the schema."""

from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

import strawberry
from msgspec import UNSET
from strawberry.scalars import ID

from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.identity.people import accounts, lists, reach
from backend.identity.people.accounts import UserChange
from backend.identity.people.errors import UserNotFound
from backend.identity.people.lists import UserCriteria, UserOrder
from backend.identity.people.rules import UserDetails
from backend.identity.people.users import People
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.declared import public, seen_with
from backend.infra.api.described import enum_type, input_type, object_type
from backend.infra.api.inputs import given
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Cursor, Long

for _enum in (Role, UserOrder):
    enum_type(_enum)

MANAGES = Requires(Scope.ADMIN)


@enum_type
class UserState(StrEnum):
    """Whether somebody can sign in."""

    INVITED = "INVITED"
    """Not before they accept their invitation."""
    ACTIVE = "ACTIVE"
    """They can."""
    DISABLED = "DISABLED"
    """They were shut out."""


@public
@object_type
class User:
    """A person who may sign in; oneself, or for an administrator anybody of the organisation."""

    id: ID
    """Identifies the person."""
    email: str
    """The address they sign in with."""
    name: str
    """Their name."""
    role: Role
    """What they are to the retailer; it says what they may do at most."""
    state: UserState
    """Whether they can sign in."""
    channel: str | None
    """The only channel a partner sees; null for all."""
    created_at: datetime
    """When they were invited."""
    last_sign_in_at: datetime | None
    """When they last gave their password."""
    disabled_at: datetime | None
    """When they were shut out."""
    version: Long
    """Grows with every change."""
    details: strawberry.Private[UserDetails]

    @strawberry.field
    async def locations(self, info: Info) -> list[str] | None:
        """Codes of the only locations they see; null for all."""
        ids = self.details.reach.location_ids
        if ids is None:
            return None
        codes = await info.context.loader(reach.location_codes).load_many(sorted(ids))
        return sorted(code for code in codes if code is not None)

    @strawberry.field
    async def distributor(self, info: Info) -> str | None:
        """Code of the only distributor whose sales a partner sees; null for all."""
        one = self.details.reach.distributor_id
        return None if one is None else await info.context.loader(reach.distributor_codes).load(one)

    @classmethod
    def of(cls, user: UserDetails) -> Self:
        """Return the person as clients see them."""
        state = UserState.ACTIVE if user.has_password else UserState.INVITED
        return cls(
            id=ID(str(user.id)),
            email=user.email,
            name=user.name,
            role=user.role,
            state=UserState.DISABLED if user.disabled_at else state,
            channel=user.reach.channel,
            created_at=user.created_at,
            last_sign_in_at=user.last_sign_in_at,
            disabled_at=user.disabled_at,
            version=Long(user.version),
            details=user,
        )


@public
@object_type
class Me:
    """Whom the access token stands for, and what it is good for."""

    client_id: str
    """The client that uses it."""
    scopes: list[str]
    """What it may do at this moment."""
    session_id: ID | None
    """The sign-in it came from."""
    expires_at: datetime | None
    """When it ends."""
    user: User | None
    """The person; null where a program acts for itself."""


@input_type
class UserFilter:
    """Which people; what is left out does not limit."""

    roles: list[Role] | None = None
    """Only with one of these roles."""
    is_disabled: bool | None = None
    """Only those shut out, or only the others."""
    text: str | None = None
    """Part of a name or an e-mail address."""


@input_type
class UserSort:
    """How people are sorted."""

    by: UserOrder = UserOrder.NAME
    """By what."""
    direction: SortDirection = SortDirection.ASC
    """Which end first."""


@input_type
class InviteUserInput:
    """Whom to invite, and what they may do."""

    email: str
    """The address they will sign in with; nobody else has it."""
    name: str
    """Their name."""
    role: Role
    """Not above one's own."""
    locations: list[str] | None = None
    """Codes of the only locations they see; null for all."""
    distributor: str | None = None
    """Code of the only distributor whose sales a partner sees."""
    channel: str | None = None
    """The only channel a partner sees: ONLINE, IN_STORE or MARKETPLACE."""


@input_type
class UpdateUserInput:
    """What to change of a person; what is left out stays, null clears a limit."""

    id: ID
    """The person."""
    name: str | None = strawberry.UNSET
    """Their name."""
    role: Role | None = strawberry.UNSET
    """What they are."""
    locations: list[str] | None = strawberry.UNSET
    """Codes of the only locations they see; null for all."""
    distributor: str | None = strawberry.UNSET
    """Code of the only distributor whose sales a partner sees; null for none."""
    channel: str | None = strawberry.UNSET
    """The only channel a partner sees; null for none."""


@input_type
class UserInput:
    """Names a person."""

    id: ID
    """The person."""


@seen_with(Scope.ADMIN)
@object_type
class UserPayload:
    """The person after the change."""

    user: User
    """As they are now."""


@seen_with(Scope.ADMIN)
@object_type
class LinkPayload:
    """A person, and the link by which they choose a password."""

    user: User
    """Whom it is for."""
    link: str | None
    """Hand it over: it was not sent. Null where it was sent by mail."""
    link_expires_at: datetime
    """Until when it works; it works once."""


@strawberry.type
class Query:
    """Questions about people."""

    @strawberry.field
    async def me(self, info: Info) -> Me:
        """Whom the access token stands for."""
        who = info.context.principal
        user = None
        if who.user_id is not None:
            user = User.of(await accounts.find_user(await info.context.reading(), who.user_id))
        return Me(
            client_id=who.client_id,
            scopes=sorted(who.scopes),
            session_id=None if who.session_id is None else ID(str(who.session_id)),
            expires_at=who.expires_at,
            user=user,
        )

    @strawberry.field(extensions=[MANAGES])
    async def users(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: UserFilter | None = None,  # noqa: A002 - the contract's name
        sort: UserSort | None = None,
    ) -> Connection[User]:
        """The people of the organisation, by name unless sorted otherwise."""
        wanted, sort = filter or UserFilter(), sort or UserSort()
        page = await lists.list_users(
            await info.context.reading(),
            UserCriteria(
                None if wanted.roles is None else frozenset(wanted.roles),
                wanted.is_disabled,
                wanted.text,
            ),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, lambda row: User.of(accounts.user_of(row)))


@strawberry.type
class Mutation:
    """Changes of people."""

    @strawberry.mutation(extensions=[MANAGES])
    async def invite_user(
        self,
        info: Info,
        input: InviteUserInput,  # noqa: A002 - the contract's name
    ) -> LinkPayload:
        """Adds a person and sends them a link by which they choose their password."""
        people = info.context.service(People)
        async with info.context.writing() as work:
            user, link = await accounts.invite(
                work,
                input.email,
                input.name,
                input.role,
                await reach.resolve_reach(work, input.locations, input.distributor, input.channel),
                lifetime=people.settings.invitation_lifetime,
            )
        return LinkPayload(
            user=User.of(user),
            link=await people.letters.deliver(link),
            link_expires_at=link.expires_at,
        )

    @strawberry.mutation(extensions=[MANAGES])
    async def update_user(
        self,
        info: Info,
        input: UpdateUserInput,  # noqa: A002 - the contract's name
    ) -> UserPayload:
        """Changes what somebody is and sees; what they hold open follows at once."""
        user_id = user_id_of(input.id)
        sent = given(input)
        async with info.context.writing() as work:
            if "locations" in sent:
                sent["locations"] = await reach.location_ids(work, sent["locations"])
            if "distributor" in sent:
                sent["distributor"] = await reach.distributor_id(work, sent["distributor"])
            if "channel" in sent:
                sent["channel"] = reach.check_channel(sent["channel"])
            change = UserChange(
                # A name or a role cannot be cleared: null leaves it.
                name=UNSET if sent.get("name") is None else sent["name"],
                role=UNSET if sent.get("role") is None else sent["role"],
                locations=sent.get("locations", UNSET),
                distributor=sent.get("distributor", UNSET),
                channel=sent.get("channel", UNSET),
            )
            return UserPayload(user=User.of(await accounts.change_user(work, user_id, change)))

    @strawberry.mutation(extensions=[MANAGES])
    async def disable_user(
        self,
        info: Info,
        input: UserInput,  # noqa: A002 - the contract's name
    ) -> UserPayload:
        """Shuts somebody out: their sessions, tokens and sockets end within a second."""
        async with info.context.writing() as work:
            return UserPayload(
                user=User.of(await accounts.disable_user(work, user_id_of(input.id)))
            )

    @strawberry.mutation(extensions=[MANAGES])
    async def enable_user(
        self,
        info: Info,
        input: UserInput,  # noqa: A002 - the contract's name
    ) -> UserPayload:
        """Lets somebody in again who was shut out."""
        async with info.context.writing() as work:
            return UserPayload(user=User.of(await accounts.enable_user(work, user_id_of(input.id))))

    @strawberry.mutation(extensions=[MANAGES])
    async def reset_password(
        self,
        info: Info,
        input: UserInput,  # noqa: A002 - the contract's name
    ) -> LinkPayload:
        """Sends somebody a link by which they choose a new password; the old one works until then.

        Who has not accepted their invitation gets a new one.
        """
        people = info.context.service(People)
        user_id = user_id_of(input.id)
        async with info.context.writing() as work:
            user = await accounts.find_user(work, user_id)
            lifetime = people.settings.reset_lifetime
            if not user.has_password:
                lifetime = people.settings.invitation_lifetime
            link = await accounts.make_reset_link(work, user_id, lifetime=lifetime)
        return LinkPayload(
            user=User.of(user),
            link=await people.letters.deliver(link),
            link_expires_at=link.expires_at,
        )


def user_id_of(text: str, *path: str) -> UUID:
    """Return a person's id; `path` is the field it stands in, `input.id` by default.

    Raises:
        UserNotFound: it is none.
    """
    try:
        return UUID(text)
    except ValueError as exc:
        field = list(path) or ["input", "id"]
        raise UserNotFound("there is no such person", field=field, value=text[:60]) from exc
