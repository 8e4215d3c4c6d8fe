"""The verbs of OAuth clients: make, change, revoke, list."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from msgspec import UNSET

from backend.core.ids import new_id
from backend.core.roles import Role
from backend.core.scopes import InvalidScope, Scope
from backend.core.texts import is_storable
from backend.identity import rules, statements
from backend.identity.client_lists import details_of
from backend.identity.errors import ClientNotFound, InvalidClient
from backend.identity.events import AccessChanged, Change, Subject
from backend.identity.models import Client
from backend.identity.oauth.key_sets import check_key_set
from backend.identity.oauth.rules import check_redirect_uris
from backend.identity.people import accounts
from backend.identity.people.rules import Reach
from backend.identity.rules import (
    ClientDetails,
    ClientKind,
    ClientSecret,
    ClientTraits,
    LimitsChange,
)
from backend.infra.work import Work


async def create_client(
    work: Work,
    name: str,
    scopes: frozenset[Scope],
    locations: Iterable[UUID] | None = None,
    traits: ClientTraits | None = None,
) -> ClientSecret:
    """Make an OAuth client; its secret is shown this once.

    `locations` limits the client to these location ids; None gives it all of the organisation's,
    those to come too.

    Raises:
        InvalidClientName: the name is empty or too long.
        InvalidScope: no scope at all.
        InvalidRedirectUri: codes must not be sent there.
        InvalidKeySet: its keys are not public keys.
        InvalidClient: a public client has keys, or nowhere to return to.
        RoleTooHigh: above the role or the limits of who makes it.
    """
    traits = traits or ClientTraits()
    if not scopes:
        raise InvalidScope("a client needs at least one scope", field=["scope"])
    _check(traits)
    credentials = rules.new_credentials(secrets.token_bytes(10), secrets.token_bytes(32))
    has_secret = traits.kind is ClientKind.CONFIDENTIAL and traits.jwks is None
    client = Client(
        id=new_id(),
        org_id=work.principal.org_id,
        client_id=credentials.client_id,
        name=rules.client_name(name),
        secret_hash=_hash(credentials.client_secret) if has_secret else None,
        kind=traits.kind.value,
        redirect_uris=list(traits.redirect_uris),
        jwks=traits.jwks,
        is_first_party=traits.is_first_party,
        scopes=sorted(scopes),
        role=traits.role,
        location_ids=None if locations is None else sorted(set(locations)),
        distributor_id=traits.distributor_id,
        channel=traits.channel,
        created_at=work.now,
    )
    await client.save(using_db=work.tx, force_create=True)
    await _check_within_own(work, client.client_id)
    work.note("CLIENT_CREATED", client.client_id, name=client.name, scopes=sorted(scopes))
    return credentials if has_secret else ClientSecret(credentials.client_id, "")


async def update_client(
    work: Work,
    client_id: str,
    *,
    scopes: frozenset[Scope] | None = None,
    locations: Iterable[UUID] | None = None,
    all_locations: bool = False,
    name: str | None = None,
) -> None:
    """Change what a client may do; tokens it holds follow at once. None leaves a part as it is.

    Raises:
        ClientNotFound: there is none, or it was revoked.
        InvalidScope: no scope at all.
        InvalidClientName: the name is empty or too long.
        RoleTooHigh: it is, or would become, above who changes it.
    """
    if scopes is not None and not scopes:
        raise InvalidScope("a client needs at least one scope", field=["scope"])
    await _check_within_own(work, client_id)
    changed = await work.row(
        statements.UPDATE_CLIENT,
        _storable(client_id),
        None if scopes is None else sorted(scopes),
        None if locations is None else sorted(set(locations)),
        all_locations or locations is not None,
        None if name is None else rules.client_name(name),
        None,
    )
    if changed is None:
        raise ClientNotFound(client_id)
    await _check_within_own(work, client_id)
    work.note(
        "CLIENT_CHANGED",
        client_id,
        scopes=None if scopes is None else sorted(scopes),
        locations=all_locations or locations is not None,
        name=name,
    )
    work.gather([AccessChanged.of(Subject.CLIENT, client_id, Change.CHANGED, work.now)])


async def set_limits(work: Work, client_id: str, change: LimitsChange) -> None:
    """Change role, distributor and channel of a client; tokens it holds follow at once.

    Raises:
        ClientNotFound: there is none, or it was revoked.
        RoleTooHigh: it is, or would become, above who changes it.
    """
    await _check_within_own(work, client_id)
    given = (change.role, change.distributor_id, change.channel)
    columns = [(None, False) if value is UNSET else (value, True) for value in given]
    flat = [part for column in columns for part in column]
    changed = await work.row(statements.SET_CLIENT_LIMITS, client_id, *flat)
    if changed is None:
        raise ClientNotFound(client_id)
    await _check_within_own(work, client_id)
    work.note("CLIENT_CHANGED", client_id, **changed)
    work.gather([AccessChanged.of(Subject.CLIENT, client_id, Change.CHANGED, work.now)])


async def set_redirect_uris(work: Work, client_id: str, uris: Iterable[str]) -> None:
    """Replace the addresses to which a client's people return.

    Raises:
        ClientNotFound: there is none, or it was revoked.
        InvalidRedirectUri: codes must not be sent to one of them.
        RoleTooHigh: it is above who changes it.
    """
    await _check_within_own(work, client_id)
    kept = tuple(uris)
    found = await find_client(work, client_id)
    check_redirect_uris(kept, found.traits.kind)
    unchanged = (None, None, False, None)
    if await work.row(statements.UPDATE_CLIENT, client_id, *unchanged, list(kept)) is None:
        raise ClientNotFound(client_id)
    work.note("CLIENT_CHANGED", client_id, redirect_uris=kept)


async def rotate_client_secret(
    work: Work, client_id: str, *, grace: timedelta = timedelta(0)
) -> ClientSecret:
    """Give a client a new secret, shown this once; the old one is good for `grace` more.

    Raises:
        ClientNotFound: there is none, it was revoked, or it never had a secret.
        RoleTooHigh: it is above who asks.
    """
    await _check_within_own(work, client_id)
    made = rules.new_credentials(secrets.token_bytes(10), secrets.token_bytes(32)).client_secret
    until = work.now + grace
    row = await work.row(
        statements.ROTATE_SECRET, _storable(client_id), _hash(made), until, work.now
    )
    if row is None:
        raise ClientNotFound(client_id)
    work.note("CLIENT_SECRET_ROTATED", client_id, old_until=until)
    return ClientSecret(client_id, made)


async def revoke_client(work: Work, client_id: str) -> None:
    """End a client for good: the tokens it holds stop working within a second.

    Raises:
        ClientNotFound: there is none.
    """
    if await work.row(statements.REVOKE_CLIENT, _storable(client_id), work.now) is None:
        raise ClientNotFound(client_id)
    work.note("CLIENT_REVOKED", client_id)
    work.gather([AccessChanged.of(Subject.CLIENT, client_id, Change.REVOKED, work.now)])


async def list_clients(work: Work) -> list[ClientDetails]:
    """Return the organisation's clients, oldest first, revoked ones included."""
    rows = await Client.all().using_db(work.tx).order_by("created_at", "id")
    return [details_of(row) for row in rows]


async def find_client(work: Work, client_id: str) -> ClientDetails:
    """Return one client.

    Raises:
        ClientNotFound: there is none.
    """
    row = await Client.get_or_none(client_id=_storable(client_id), using_db=work.tx)
    if row is None:
        raise ClientNotFound(client_id)
    return details_of(row)


def _storable(client_id: str) -> str:
    if not is_storable(client_id):
        raise ClientNotFound(client_id)
    return client_id


async def client_names(work: Work, client_ids: list[str]) -> list[str]:
    """Return the names of clients, in order; a client that is gone goes by its id."""
    rows = await Client.filter(client_id__in=client_ids).using_db(work.tx)
    names = {row.client_id: row.name for row in rows}
    return [names.get(one, one) for one in client_ids]


async def _check_within_own(work: Work, client_id: str) -> None:
    """Refuse what a client is now, where whoever acts could not give it: its secret is theirs."""
    found = await find_client(work, client_id)
    places = None if found.location_ids is None else frozenset(found.location_ids)
    traits = found.traits
    # Without a role, what it may do is up to its scopes, `admin` among them.
    await accounts.check_may_touch(
        work, traits.role or Role.ADMIN, Reach(places, traits.distributor_id, traits.channel)
    )


def _check(traits: ClientTraits) -> None:
    check_redirect_uris(traits.redirect_uris, traits.kind)
    if traits.jwks is not None:
        check_key_set(traits.jwks)
    if traits.kind is ClientKind.PUBLIC:
        if traits.jwks is not None:
            raise InvalidClient("a public client proves itself with nothing", field=["keys"])
        if not traits.redirect_uris:
            raise InvalidClient("a public client acts for people: say where they return to")


def _hash(secret: str) -> str:
    return rules.hash_secret(secret, secrets.token_bytes(rules.SALT_BYTES))
