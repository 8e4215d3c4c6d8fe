"""Who bears an access token, and what it may do at this moment."""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, TypeVar

import msgspec

from backend.core.principal import Principal, program
from backend.core.roles import Role
from backend.core.scopes import InvalidScope, Scope
from backend.core.settings import BackendSettings
from backend.identity import rules, statements, tokens
from backend.identity.errors import InvalidToken, TokenRefused
from backend.identity.events import Subject
from backend.identity.keys import KeyRing
from backend.identity.rules import AccessToken, Claims, ClientKind, ClientState, Limits
from backend.identity.throttle import Throttle
from backend.infra.database import Database
from backend.infra.secret_key import secret_key
from backend.infra.work import UnknownOrganisation

_STANDING_LIFE: Final = timedelta(seconds=1)
"""How long access is believed unchanged: revocation is live even when the feed is not."""
_MOST_CACHED: Final = 10_000

K = TypeVar("K")
V = TypeVar("V")


class Identity:
    """Gives out access tokens and says who bears one. One per process."""

    def __init__(self, database: Database, settings: BackendSettings) -> None:
        self.database = database
        self.issuer = settings.origin
        self.token_lifetime = settings.token_lifetime
        self.keys = KeyRing(database, secret_key(settings))
        self._verified: OrderedDict[bytes, Claims] = OrderedDict()
        self._standing: OrderedDict[str, tuple[datetime, Principal | None]] = OrderedDict()
        self._changes = 0
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
        state = await self.client(client_id)
        if (
            state is None
            or state.revoked_at
            or state.secret_hash is None
            or not rules.is_secret(secret, state.secret_hash)
        ):
            self._client_failures.note_failure((client_id, address), now.timestamp())
            self._address_failures.note_failure(address, now.timestamp())
            raise TokenRefused("invalid_client", "unknown client or wrong secret", status=401)
        try:
            scopes = rules.granted_scopes(scope, state.held_scopes)
        except InvalidScope as exc:
            raise TokenRefused("invalid_scope", exc.message) from exc
        claims = Claims(
            org_id=state.org_id,
            client_id=state.client_id,
            scopes=scopes,
            token_id=secrets.token_urlsafe(16),
            expires_at=now + self.token_lifetime,
        )
        token = await self.sign(claims, now)
        async with self.database.work(program(state.org_id, "identity")) as work:
            await work.rows(statements.NOTE_USE, state.client_id, now)
        return AccessToken(token, int(self.token_lifetime.total_seconds()), scopes)

    async def authenticate(self, bearer: str) -> Principal:
        """Return who bears this access token, with what it may do at this moment.

        Raises:
            InvalidToken: not ours, not for us, expired, or what it rests on was revoked.
        """
        now = datetime.now(UTC)
        return await self._principal(await self.verify(bearer, now), now)

    async def principal_of(self, claims: Claims) -> Principal:
        """Return who a token with these claims, verified before, stands for at this moment.

        Raises:
            InvalidToken: it has expired, or what it rests on was revoked.
        """
        now = datetime.now(UTC)
        if claims.expires_at <= now:
            raise InvalidToken("the access token has expired")
        return await self._principal(claims, now)

    async def verify(self, bearer: str, now: datetime) -> Claims:
        """Return what a token says; its signature is checked once, its time at every use.

        Raises:
            InvalidToken: not ours, not for us, or expired.
        """
        digest = sha256(bearer.encode()).digest()
        claims = self._verified.get(digest)
        if claims is None:
            key = await self.keys.verification_key(tokens.key_id(bearer))
            claims = tokens.verify(bearer, key, issuer=self.issuer, now=now)
            _remember(self._verified, digest, claims)
        if claims.expires_at <= now:
            self._verified.pop(digest, None)
            raise InvalidToken("the access token has expired")
        return claims

    async def sign(self, claims: Claims, now: datetime) -> str:
        """Return the access token that says `claims`."""
        return tokens.sign(claims, await self.keys.signing_key(), issuer=self.issuer, now=now)

    async def client(self, client_id: str) -> ClientState | None:
        """Return what is known of a client at this moment, None if there is none."""
        async with self.database.auth() as connection:
            found = await connection.fetchrow(statements.FIND_CLIENT, client_id)
        if found is None:
            return None
        async with self.database.work(program(found["org_id"], "identity"), read_only=True) as work:
            row = await work.row(statements.CLIENT_STATE, client_id)
        return None if row is None else _client(row)

    def forget(self, concerned: Callable[[Principal], bool]) -> None:
        """Drop what is remembered of these: the feed calls this for every AccessChanged."""
        self._changes += 1
        gone = [
            token_id
            for token_id, (_, principal) in self._standing.items()
            if principal is None or concerned(principal)
        ]
        for token_id in gone:
            del self._standing[token_id]

    async def _principal(self, claims: Claims, now: datetime) -> Principal:
        known = self._standing.get(claims.token_id)
        if known is not None and now - known[0] < _STANDING_LIFE:
            principal = known[1]
        else:
            changes = self._changes
            try:
                principal = await self._look_up(claims)
            except UnknownOrganisation:
                principal = None
            # What changed while we looked may not be in what we saw.
            if changes == self._changes:
                _remember(self._standing, claims.token_id, (now, principal))
        if principal is None:
            raise InvalidToken("this access was revoked")
        return principal

    async def _look_up(self, claims: Claims) -> Principal | None:
        async with self.database.work(program(claims.org_id, "identity"), read_only=True) as work:
            row = await work.row(
                statements.STANDING,
                claims.client_id,
                claims.user_id,
                claims.session_id,
                claims.grant_id,
                claims.token_id,
            )
        if row is None or row["is_ended"]:
            return None
        limits = _limits(row, "client").within(_limits(row, "user"))
        if limits is None:
            return None
        return Principal(
            org_id=claims.org_id,
            client_id=claims.client_id,
            scopes=limits.leave_of(claims.scopes),
            locations=limits.location_ids,
            partner=limits.distributor_id,
            channel=limits.channel,
            expires_at=claims.expires_at,
            token_id=claims.token_id,
            user_id=claims.user_id,
            session_id=claims.session_id,
            grant_id=claims.grant_id,
        )

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


def concerned_by(facts: Iterable[dict[str, Any]]) -> Callable[[Principal], bool]:
    """Return what tells whether stored facts of AccessChanged are about somebody."""
    keys = {subject: frozenset[str]() for subject in Subject}
    for fact in facts:
        keys[Subject(fact["subject"])] |= {fact["key"]}

    def concerns(who: Principal) -> bool:
        return (
            who.client_id in keys[Subject.CLIENT]
            or who.token_id in keys[Subject.TOKEN]
            or str(who.user_id) in keys[Subject.USER]
            or str(who.session_id) in keys[Subject.SESSION]
            or str(who.grant_id) in keys[Subject.GRANT]
            or str(who.org_id) in keys[Subject.ORGANISATION]
        )

    return concerns


def _limits(row: dict[str, Any], whose: str) -> Limits:
    scopes, places = row.get(f"{whose}_scopes"), row[f"{whose}_location_ids"]
    role = row[f"{whose}_role"]
    return Limits(
        role=None if role is None else Role(role),
        scopes=None if scopes is None else frozenset(map(Scope, scopes)),
        location_ids=None if places is None else frozenset(places),
        distributor_id=row[f"{whose}_distributor_id"],
        channel=row[f"{whose}_channel"],
    )


def _client(row: dict[str, Any]) -> ClientState:
    jwks, role = row["jwks"], row["role"]
    read: dict[str, Any] = row | {
        "kind": ClientKind(row["kind"]),
        "jwks": None if jwks is None else msgspec.json.decode(jwks),
        "redirect_uris": tuple(row["redirect_uris"]),
        "scopes": frozenset(map(Scope, row["scopes"])),
        "role": None if role is None else Role(role),
    }
    return ClientState(**read)


def _remember(cache: OrderedDict[K, V], key: K, value: V) -> None:
    cache[key] = value
    cache.move_to_end(key)
    if len(cache) > _MOST_CACHED:
        cache.popitem(last=False)
