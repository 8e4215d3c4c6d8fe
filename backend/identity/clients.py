"""The verbs of OAuth clients: make, change, revoke, list."""

import secrets
from collections.abc import Iterable
from uuid import UUID

from backend.core.ids import new_id
from backend.core.scopes import InvalidScope, Scope
from backend.identity import rules, statements
from backend.identity.errors import ClientNotFound
from backend.identity.events import AccessChanged, Change, Subject
from backend.identity.models import Client
from backend.identity.rules import ClientDetails, ClientSecret
from backend.infra.work import Work


async def create_client(
    work: Work,
    name: str,
    scopes: frozenset[Scope],
    locations: Iterable[UUID] | None = None,
) -> ClientSecret:
    """Make an OAuth client; its secret is shown this once.

    `locations` limits the client to these location ids; None gives it all of the organisation's,
    those to come too.

    Raises:
        InvalidClientName: the name is empty or too long.
        InvalidScope: no scope at all.
    """
    if not scopes:
        raise InvalidScope("a client needs at least one scope", field=["scope"])
    credentials = rules.new_credentials(secrets.token_bytes(10), secrets.token_bytes(32))
    client = Client(
        id=new_id(),
        org_id=work.principal.org_id,
        client_id=credentials.client_id,
        name=rules.client_name(name),
        secret_hash=rules.hash_secret(
            credentials.client_secret, secrets.token_bytes(rules.SALT_BYTES)
        ),
        scopes=sorted(scopes),
        location_ids=None if locations is None else sorted(set(locations)),
        created_at=work.now,
    )
    await client.save(using_db=work.tx, force_create=True)
    return credentials


async def update_client(
    work: Work,
    client_id: str,
    *,
    scopes: frozenset[Scope] | None = None,
    locations: Iterable[UUID] | None = None,
    all_locations: bool = False,
) -> None:
    """Change what a client may do; tokens it holds follow at once. None leaves a part as it is.

    Raises:
        ClientNotFound: there is none, or it was revoked.
        InvalidScope: no scope at all.
    """
    if scopes is not None and not scopes:
        raise InvalidScope("a client needs at least one scope", field=["scope"])
    changed = await work.row(
        statements.UPDATE_CLIENT,
        client_id,
        None if scopes is None else sorted(scopes),
        None if locations is None else sorted(set(locations)),
        all_locations or locations is not None,
    )
    if changed is None:
        raise ClientNotFound(client_id)
    work.gather([AccessChanged.of(Subject.CLIENT, client_id, Change.CHANGED, work.now)])


async def revoke_client(work: Work, client_id: str) -> None:
    """End a client for good: the tokens it holds stop working within a second.

    Raises:
        ClientNotFound: there is none.
    """
    if await work.row(statements.REVOKE_CLIENT, client_id, work.now) is None:
        raise ClientNotFound(client_id)
    work.gather([AccessChanged.of(Subject.CLIENT, client_id, Change.REVOKED, work.now)])


async def list_clients(work: Work) -> list[ClientDetails]:
    """Return the organisation's clients, oldest first, revoked ones included."""
    return [
        ClientDetails(
            client_id=row["client_id"],
            name=row["name"],
            scopes=tuple(Scope(scope) for scope in row["scopes"]),
            location_ids=None if row["location_ids"] is None else tuple(row["location_ids"]),
            created_at=row["created_at"],
            last_used_at=row["last_used_at"],
            revoked_at=row["revoked_at"],
        )
        for row in await work.rows(statements.CLIENTS)
    ]
