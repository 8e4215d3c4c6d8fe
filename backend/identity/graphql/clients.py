"""OAuth clients in the schema."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

import strawberry
from msgspec import UNSET

from backend.core.errors import Invalid
from backend.core.roles import Role
from backend.core.scopes import Scope, parse_scopes
from backend.identity import client_lists, clients
from backend.identity.client_lists import ClientCriteria, ClientOrder
from backend.identity.graphql.people import MANAGES
from backend.identity.people import reach
from backend.identity.rules import (
    ClientDetails,
    ClientKind,
    ClientSecret,
    ClientTraits,
    LimitsChange,
)
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import enum_type, input_type, object_type
from backend.infra.api.inputs import given
from backend.infra.api.relay import Connection, connect
from backend.infra.api.results import SortDirection
from backend.infra.api.scalars import Cursor
from backend.infra.work import Work

for _enum in (ClientKind, ClientOrder):
    enum_type(_enum)

_LONGEST_GRACE: Final = 7 * 24 * 3600


class InvalidGrace(Invalid):
    """A replaced secret is good for a week more at most."""

    code = "INVALID_GRACE"


@seen_with(Scope.ADMIN)
@object_type
class Client:
    """A program that may act for the organisation or, where it returns somewhere, for people."""

    client_id: str
    """Identifies it to the authorization server."""
    name: str
    """Who it is; people read this when it asks them for access."""
    kind: ClientKind
    """Whether it can keep a secret."""
    scopes: list[str]
    """What it may do at most."""
    role: Role | None
    """What it is to the retailer, which limits it further; null does not."""
    redirect_uris: list[str]
    """Where people return to after they gave it access."""
    is_first_party: bool
    """Whether it is our own: then people are not asked for consent."""
    channel: str | None
    """The only channel whose sales it sees; null for all."""
    created_at: datetime
    """When it was made."""
    last_used_at: datetime | None
    """When it last got a token for itself, to the minute."""
    revoked_at: datetime | None
    """When it was ended for good."""
    details: strawberry.Private[ClientDetails]

    @strawberry.field
    async def locations(self, info: Info) -> list[str] | None:
        """Codes of the only locations it sees; null for all."""
        ids = self.details.location_ids
        if ids is None:
            return None
        codes = await info.context.loader(reach.location_codes).load_many(sorted(ids))
        return sorted(code for code in codes if code is not None)

    @strawberry.field
    async def distributor(self, info: Info) -> str | None:
        """Code of the only distributor whose sales it sees; null for all."""
        wanted = self.details.traits.distributor_id
        if wanted is None:
            return None
        return await info.context.loader(reach.distributor_codes).load(wanted)

    @classmethod
    def of(cls, details: ClientDetails) -> Self:
        """Return a client as clients see it."""
        traits = details.traits
        return cls(
            client_id=details.client_id,
            name=details.name,
            kind=traits.kind,
            scopes=[scope.value for scope in details.scopes],
            role=traits.role,
            redirect_uris=list(traits.redirect_uris),
            is_first_party=traits.is_first_party,
            channel=traits.channel,
            created_at=details.created_at,
            last_used_at=details.last_used_at,
            revoked_at=details.revoked_at,
            details=details,
        )


@input_type
class ClientFilter:
    """Which clients; what is left out does not limit."""

    is_revoked: bool | None = None
    """Only those that were ended, or only the others."""
    text: str | None = None
    """Only with this in the name."""


@input_type
class ClientSort:
    """How clients are sorted."""

    by: ClientOrder = ClientOrder.CREATED_AT
    """By what."""
    direction: SortDirection = SortDirection.DESC
    """Which end first."""


@input_type
class CreateClientInput:
    """A new client."""

    name: str
    """Who it is: 1 to 100 characters."""
    scopes: list[str]
    """What it may do at most."""
    kind: ClientKind = ClientKind.CONFIDENTIAL
    """Whether it can keep a secret."""
    redirect_uris: list[str] = strawberry.field(default_factory=list)
    """Where people return to: https, an app's own scheme, or http on its own machine."""
    keys: strawberry.scalars.JSON | None = None
    """A JWK set of public keys with which it proves itself instead of with a secret."""
    role: Role | None = None
    """What it is to the retailer, which limits it further."""
    locations: list[str] | None = None
    """Codes of the only locations it sees; null for all."""
    distributor: str | None = None
    """Code of the only distributor whose sales it sees."""
    channel: str | None = None
    """The only channel whose sales it sees."""


@input_type
class UpdateClientInput:
    """Changes of a client; what is left out stays."""

    client_id: str
    """The client."""
    name: str | None = strawberry.UNSET
    """Who it is."""
    scopes: list[str] | None = strawberry.UNSET
    """What it may do at most."""
    redirect_uris: list[str] | None = strawberry.UNSET
    """Where people return to, all of them."""
    locations: list[str] | None = strawberry.UNSET
    """Codes of the only locations it sees; null for all."""
    role: Role | None = strawberry.UNSET
    """What it is to the retailer, which limits it further; null does not. None above your own."""
    distributor: str | None = strawberry.UNSET
    """Code of the only distributor whose sales it sees; null for all."""
    channel: str | None = strawberry.UNSET
    """The only channel whose sales it sees; null for all."""


@input_type
class RotateClientSecretInput:
    """Names the client that gets a new secret."""

    client_id: str
    """The client."""
    grace_seconds: int = 0
    """How long the old secret is good for still: at most a week."""


@input_type
class RevokeClientInput:
    """Names the client that is ended for good."""

    client_id: str
    """The client."""


@seen_with(Scope.ADMIN)
@object_type
class ClientPayload:
    """A client as it is now."""

    client: Client
    """The client."""


@seen_with(Scope.ADMIN)
@object_type
class ClientSecretPayload:
    """A client with its secret, which nobody can ever read again."""

    client: Client
    """The client."""
    client_secret: str | None
    """The secret; null where it has none."""


@strawberry.type
class Query:
    """Questions about clients."""

    @strawberry.field(extensions=[MANAGES])
    async def clients(
        self,
        info: Info,
        first: int = 50,
        after: Cursor | None = None,
        filter: ClientFilter | None = None,  # noqa: A002 - the contract's name
        sort: ClientSort | None = None,
    ) -> Connection[Client]:
        """OAuth clients, revoked ones included; latest first unless sorted otherwise."""
        wanted, sort = filter or ClientFilter(), sort or ClientSort()
        page = await client_lists.page_of_clients(
            await info.context.reading(),
            ClientCriteria(wanted.is_revoked, wanted.text),
            sort.by,
            descending=sort.direction is SortDirection.DESC,
            first=first,
            after=after,
        )
        return connect(page, lambda row: Client.of(client_lists.details_of(row)))


@strawberry.type
class Mutation:
    """Changes of clients."""

    @strawberry.mutation(extensions=[MANAGES])
    async def create_client(
        self,
        info: Info,
        input: CreateClientInput,  # noqa: A002 - the contract's name
    ) -> ClientSecretPayload:
        """Makes a client; its secret is shown this once."""
        async with info.context.writing() as work:
            limits = await reach.resolve_reach(
                work, input.locations, input.distributor, input.channel
            )
            made = await clients.create_client(
                work,
                input.name,
                parse_scopes(input.scopes),
                limits.location_ids,
                ClientTraits(
                    kind=input.kind,
                    redirect_uris=tuple(input.redirect_uris),
                    jwks=_key_set(input.keys),
                    role=input.role,
                    distributor_id=limits.distributor_id,
                    channel=limits.channel,
                ),
            )
            return _with_secret(made, await clients.find_client(work, made.client_id))

    @strawberry.mutation(extensions=[MANAGES])
    async def update_client(
        self,
        info: Info,
        input: UpdateClientInput,  # noqa: A002 - the contract's name
    ) -> ClientPayload:
        """Changes what a client may do; the tokens it holds follow at once."""
        sent = given(input)
        scopes, uris = sent.get("scopes"), sent.get("redirect_uris")
        async with info.context.writing() as work:
            await clients.update_client(
                work,
                input.client_id,
                scopes=None if scopes is None else parse_scopes(scopes),
                locations=await reach.location_ids(work, sent.get("locations")),
                all_locations="locations" in sent,
                name=sent.get("name"),
            )
            limits = await _limits_change(work, sent)
            if limits != LimitsChange():
                await clients.set_limits(work, input.client_id, limits)
            if uris is not None:
                await clients.set_redirect_uris(work, input.client_id, uris)
            return ClientPayload(client=Client.of(await clients.find_client(work, input.client_id)))

    @strawberry.mutation(extensions=[MANAGES])
    async def rotate_client_secret(
        self,
        info: Info,
        input: RotateClientSecretInput,  # noqa: A002 - the contract's name
    ) -> ClientSecretPayload:
        """Gives a client a new secret, shown this once."""
        if not 0 <= input.grace_seconds <= _LONGEST_GRACE:
            raise InvalidGrace(
                f"graceSeconds is 0 to {_LONGEST_GRACE}", field=["input", "graceSeconds"]
            )
        grace = timedelta(seconds=input.grace_seconds)
        async with info.context.writing() as work:
            made = await clients.rotate_client_secret(work, input.client_id, grace=grace)
            return _with_secret(made, await clients.find_client(work, input.client_id))

    @strawberry.mutation(extensions=[MANAGES])
    async def revoke_client(
        self,
        info: Info,
        input: RevokeClientInput,  # noqa: A002 - the contract's name
    ) -> ClientPayload:
        """Ends a client for good: its tokens stop working and its sockets close within a second."""
        async with info.context.writing() as work:
            await clients.revoke_client(work, input.client_id)
            return ClientPayload(client=Client.of(await clients.find_client(work, input.client_id)))


async def _limits_change(work: Work, sent: dict[str, Any]) -> LimitsChange:
    change = LimitsChange(role=sent.get("role", UNSET))
    if "distributor" in sent:
        wanted = await reach.distributor_id(work, sent["distributor"])
        change = replace(change, distributor_id=wanted)
    if "channel" in sent:
        change = replace(change, channel=reach.check_channel(sent["channel"]))
    return change


def _key_set(keys: object) -> dict[str, object] | None:
    """Return a JWK set as the service takes it; what it checks there needs an object."""
    if keys is None or isinstance(keys, dict):
        return keys
    return {}


def _with_secret(made: ClientSecret, details: ClientDetails) -> ClientSecretPayload:
    return ClientSecretPayload(client=Client.of(details), client_secret=made.client_secret or None)
