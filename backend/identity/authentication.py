"""Who bears an access token, and what it may do at this moment."""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, TypeVar
from uuid import UUID

from backend.core.principal import Principal, program
from backend.core.scopes import InvalidScope, Scope
from backend.core.settings import BackendSettings
from backend.identity import rules, statements, tokens
from backend.identity.errors import InvalidToken, TokenRefused
from backend.identity.events import Subject
from backend.identity.keys import KeyRing
from backend.identity.proof import ClientProof
from backend.identity.rules import AccessToken, Claims, ClientState
from backend.identity.standing import standing_of
from backend.identity.throttles import Throttles
from backend.infra.database import Database
from backend.infra.secret_key import secret_key
from backend.infra.work import UnknownOrganisation

_STANDING_LIFE: Final = timedelta(seconds=1)
"""How long access is believed unchanged: revocation is live even when the feed is not."""
_MOST_CACHED: Final = 10_000

_Asked = tuple[str, frozenset[Scope]]
"""A token and the scopes it is used with: a ticket may carry fewer than its token."""

K = TypeVar("K")
V = TypeVar("V")


class Identity:
    """Gives out access tokens and says who bears one. One per process."""

    def __init__(
        self, database: Database, settings: BackendSettings, throttles: Throttles | None = None
    ) -> None:
        self.database = database
        self.issuer = settings.origin
        self.token_lifetime = settings.token_lifetime
        self.proof = ClientProof(database, self.issuer, settings, throttles or Throttles())
        self.keys = KeyRing(database, secret_key(settings))
        self._verified: OrderedDict[bytes, Claims] = OrderedDict()
        self._standing: OrderedDict[_Asked, tuple[datetime, Principal | None]] = OrderedDict()
        self._changes = 0
        self._losses = 0

    async def issue_token(
        self, client_id: str, secret: str, scope: str | None, address: str
    ) -> AccessToken:
        """Return an access token for a client that proves itself (RFC 6749 §4.4).

        `scope` asks for fewer scopes than the client has; None for all. `address` is where the
        request came from.

        Raises:
            TokenRefused: wrong credentials, a scope the client does not have, or too many failures.
        """
        return await self.issue_for_itself(
            await self.proof.by_secret(client_id, secret, address), scope
        )

    async def issue_for_itself(self, client: ClientState, scope: str | None) -> AccessToken:
        """Return an access token with which a client that proved itself acts for itself.

        Raises:
            TokenRefused: a scope the client does not have.
        """
        try:
            scopes = rules.granted_scopes(scope, client.held_scopes)
        except InvalidScope as exc:
            raise TokenRefused("invalid_scope", exc.message) from exc
        now = datetime.now(UTC)
        claims = self.new_claims(client.org_id, client.client_id, scopes, now)
        token = await self.sign(claims, now)
        async with self.database.work(program(client.org_id, "identity")) as work:
            await work.rows(statements.NOTE_USE, client.client_id, now)
        return AccessToken(token, int(self.token_lifetime.total_seconds()), scopes)

    def new_claims(
        self, org_id: UUID, client_id: str, scopes: frozenset[Scope], now: datetime
    ) -> Claims:
        """Return the claims of a token of a client's own that is about to be made."""
        return Claims(
            org_id=org_id,
            client_id=client_id,
            scopes=scopes,
            token_id=secrets.token_urlsafe(16),
            expires_at=now + self.token_lifetime,
        )

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
        if self._losses != self.keys.losses:
            self._losses = self.keys.losses
            self._verified.clear()
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

    def forget(self, concerned: Callable[[Principal], bool]) -> None:
        """Drop what is remembered of these: the feed calls this for every AccessChanged."""
        self._changes += 1
        gone = [
            asked
            for asked, (_, principal) in self._standing.items()
            if principal is None or concerned(principal)
        ]
        for asked in gone:
            del self._standing[asked]

    async def standing(self, claims: Claims) -> Principal:
        """Return the same from the database, whatever is remembered: for who asks just that.

        Raises:
            InvalidToken: what it rests on was revoked.
        """
        return _unless_revoked(await self._look_up(claims))

    async def _principal(self, claims: Claims, now: datetime) -> Principal:
        asked = (claims.token_id, claims.scopes)
        known = self._standing.get(asked)
        if known is not None and now - known[0] < _STANDING_LIFE:
            principal = known[1]
        else:
            await self.keys.keep_fresh()
            changes = self._changes
            principal = await self._look_up(claims)
            # What changed while we looked may not be in what we saw.
            if changes == self._changes:
                _remember(self._standing, asked, (now, principal))
        return _unless_revoked(principal)

    async def _look_up(self, claims: Claims) -> Principal | None:
        identity = program(claims.org_id, "identity")
        try:
            async with self.database.work(identity, read_only=True) as work:
                return await standing_of(work, claims)
        except UnknownOrganisation:
            return None


def _unless_revoked(principal: Principal | None) -> Principal:
    if principal is None:
        raise InvalidToken("this access was revoked")
    return principal


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


def _remember(cache: OrderedDict[K, V], key: K, value: V) -> None:
    cache[key] = value
    cache.move_to_end(key)
    if len(cache) > _MOST_CACHED:
        cache.popitem(last=False)
