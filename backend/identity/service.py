"""The verbs of identity: clients, tokens, and who a bearer of one is."""

import secrets
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, TypeVar
from uuid import UUID

from backend.core.ids import new_id
from backend.core.principal import Principal, program
from backend.core.scopes import InvalidScope, Scope
from backend.core.settings import BackendSettings
from backend.identity import rules, statements, tokens
from backend.identity.errors import (
    ClientNotFound,
    InvalidToken,
    TokenRefused,
)
from backend.identity.events import Change, ClientChanged
from backend.identity.keys import KeyRing
from backend.identity.models import Client
from backend.identity.rules import (
    AccessToken,
    Claims,
    ClientDetails,
    ClientSecret,
    ClientState,
    OrganisationDetails,
)
from backend.identity.throttle import Throttle
from backend.infra.database import Database
from backend.infra.secret_key import secret_key
from backend.infra.work import Work

_STATE_LIFE: Final = timedelta(seconds=1)
"""How long a client is believed unchanged: revocation is live even when the feed is not."""
_MOST_CACHED: Final = 10_000

K = TypeVar("K")
V = TypeVar("V")


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
    work.gather([ClientChanged(None, client_id, Change.CHANGED, work.now)])


async def revoke_client(work: Work, client_id: str) -> None:
    """End a client for good: the tokens it holds stop working within a second.

    Raises:
        ClientNotFound: there is none.
    """
    if await work.row(statements.REVOKE_CLIENT, client_id, work.now) is None:
        raise ClientNotFound(client_id)
    work.gather([ClientChanged(None, client_id, Change.REVOKED, work.now)])


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


async def organisation(work: Work) -> OrganisationDetails:
    """Return the organisation the work belongs to."""
    row = await work.row(statements.ORGANISATION, work.principal.org_id)
    assert row is not None, "a unit of work belongs to an organisation that exists"
    return OrganisationDetails(**row)


class Identity:
    """Gives out access tokens and says who bears one. One per process."""

    def __init__(self, database: Database, settings: BackendSettings) -> None:
        self.database = database
        self._issuer = settings.origin
        self._token_lifetime = settings.token_lifetime
        self.keys = KeyRing(database, secret_key(settings))
        self._clients: OrderedDict[str, tuple[datetime, ClientState | None]] = OrderedDict()
        self._verified: OrderedDict[bytes, Claims] = OrderedDict()
        # Guessing one client's secret from one place; trying many clients from one place.
        self._client_failures = Throttle(most=10, per_seconds=60)
        self._address_failures = Throttle(most=60, per_seconds=60)

    async def issue_token(
        self, client_id: str, secret: str, scope: str | None, address: str
    ) -> AccessToken:
        """Return an access token for a client that proves itself (RFC 6749 §4.4).

        `scope` asks for fewer scopes than the client has; None for all. `address` is where the
        request came from.

        Raises:
            TokenRefused: wrong credentials, a scope the client does not have, or too many failures.
        """
        now = datetime.now(UTC)
        self._slow_down(client_id, address, now)
        state = await self._client(client_id, now, fresh=True)
        if state is None or state.revoked_at or not rules.is_secret(secret, state.secret_hash):
            self._client_failures.note_failure((client_id, address), now.timestamp())
            self._address_failures.note_failure(address, now.timestamp())
            raise TokenRefused("invalid_client", "unknown client or wrong secret", status=401)
        try:
            scopes = rules.granted_scopes(scope, state.scopes)
        except InvalidScope as exc:
            raise TokenRefused("invalid_scope", exc.message) from exc
        return await self._issue(state, scopes, now)

    async def authenticate(self, bearer: str) -> Principal:
        """Return who bears this access token, with what it may do at this moment.

        Raises:
            InvalidToken: not ours, not for us, expired, or its client was revoked.
        """
        now = datetime.now(UTC)
        claims = await self._verify(bearer, now)
        state = await self._client(claims.client_id, now, org_id=claims.org_id)
        if state is None or state.revoked_at is not None or state.org_id != claims.org_id:
            raise InvalidToken("this client's access was revoked")
        return Principal(
            org_id=claims.org_id,
            client_id=claims.client_id,
            scopes=rules.effective_scopes(claims.scopes, state.scopes),
            locations=state.location_ids,
            expires_at=claims.expires_at,
            token_id=claims.token_id,
        )

    def forget_client(self, client_id: str) -> None:
        """Drop what is remembered of a client: the feed calls this for every ClientChanged."""
        self._clients.pop(client_id, None)

    async def _issue(
        self, state: ClientState, scopes: frozenset[Scope], now: datetime
    ) -> AccessToken:
        claims = Claims(
            org_id=state.org_id,
            client_id=state.client_id,
            scopes=scopes,
            token_id=secrets.token_urlsafe(16),
            expires_at=now + self._token_lifetime,
        )
        key = await self.keys.signing_key()
        token = tokens.sign(claims, key, issuer=self._issuer, now=now)
        async with self.database.work(program(state.org_id, "identity")) as work:
            await work.rows(statements.NOTE_USE, state.client_id, now)
        return AccessToken(token, int(self._token_lifetime.total_seconds()), scopes)

    def _slow_down(self, client_id: str, address: str, now: datetime) -> None:
        moment = now.timestamp()
        wait = max(
            self._client_failures.wait_of((client_id, address), moment),
            self._address_failures.wait_of(address, moment),
        )
        if wait > 0:
            raise TokenRefused(
                "temporarily_unavailable",
                "too many failures: wait, then try again",
                status=429,
                retry_after=int(wait) + 1,
            )

    async def _verify(self, bearer: str, now: datetime) -> Claims:
        """Check a token's signature once, its time at every use."""
        digest = sha256(bearer.encode()).digest()
        claims = self._verified.get(digest)
        if claims is None:
            key = await self.keys.verification_key(tokens.key_id(bearer))
            claims = tokens.verify(bearer, key, issuer=self._issuer, now=now)
            _remember(self._verified, digest, claims)
        if claims.expires_at <= now:
            self._verified.pop(digest, None)
            raise InvalidToken("the access token has expired")
        return claims

    async def _client(
        self, client_id: str, now: datetime, *, org_id: UUID | None = None, fresh: bool = False
    ) -> ClientState | None:
        known = self._clients.get(client_id)
        if known is not None and not fresh and now - known[0] < _STATE_LIFE:
            return known[1]
        state = await self._look_up(client_id, org_id)
        _remember(self._clients, client_id, (now, state))
        return state

    async def _look_up(self, client_id: str, org_id: UUID | None) -> ClientState | None:
        org_id = org_id or await self._organisation_of(client_id)
        if org_id is None:
            return None
        principal = program(org_id, "identity")
        async with self.database.work(principal, read_only=True) as work:
            row = await work.row(statements.CLIENT_STATE, client_id)
        return None if row is None else _state(row)

    async def _organisation_of(self, client_id: str) -> UUID | None:
        async with self.database.auth() as connection:
            found = await connection.fetchrow(statements.FIND_CLIENT, client_id)
        return None if found is None else found["org_id"]


def _state(row: dict[str, Any]) -> ClientState:
    places: list[UUID] | None = row["location_ids"]
    return ClientState(
        org_id=row["org_id"],
        client_id=row["client_id"],
        secret_hash=row["secret_hash"],
        scopes=frozenset(Scope(scope) for scope in row["scopes"]),
        location_ids=None if places is None else frozenset(places),
        revoked_at=row["revoked_at"],
    )


def _remember(cache: OrderedDict[K, V], key: K, value: V) -> None:
    cache[key] = value
    cache.move_to_end(key)
    if len(cache) > _MOST_CACHED:
        cache.popitem(last=False)
