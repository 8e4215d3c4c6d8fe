"""What the endpoints do: give out tokens, say what they are worth, take them back."""

import secrets
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import msgspec

from backend.core.principal import Principal, program
from backend.core.roles import scopes_within
from backend.core.scopes import InvalidScope, Scope, parse_scopes
from backend.core.settings import BackendSettings
from backend.identity.authentication import Identity
from backend.identity.errors import InvalidToken, TokenRefused
from backend.identity.events import AccessChanged, Change, Subject
from backend.identity.oauth import grants, statements
from backend.identity.oauth.rules import AuthorizationRequest, Tokens, digest
from backend.identity.people import sessions
from backend.identity.people.rules import SignedIn
from backend.identity.people.sessions import SessionLimits
from backend.identity.rules import Claims, ClientKind, ClientState, granted_scopes, scope_text
from backend.identity.standing import standing_of
from backend.infra.work import Work

TICKET_SECONDS: Final = 30
_CLAIMS: Final = msgspec.json.Decoder(Claims)


class AuthorizationServer:
    """The authorization server of one process; what it gives out is good in all of them."""

    def __init__(self, identity: Identity, settings: BackendSettings) -> None:
        self.identity = identity
        self._database = identity.database
        self._refresh_lifetime = settings.refresh_lifetime
        self._session_limits = SessionLimits.of(settings)

    async def allow(
        self,
        asked: AuthorizationRequest,
        signed_in: SignedIn,
        scopes: frozenset[Scope],
        address: str,
    ) -> str:
        """Return the code for what somebody at `address` allowed a client."""
        person = replace(
            program(asked.client.org_id, "identity"),
            user_id=signed_in.user_id,
            session_id=signed_in.session_id,
        )
        async with self._database.work(person) as work:
            work.address = address
            return await grants.open_grant(work, asked, signed_in, scopes)

    async def exchange(
        self, client: ClientState, code: str, redirect_uri: str, verifier: str
    ) -> Tokens:
        """Return the tokens for a code (RFC 6749 §4.1.3).

        Raises:
            TokenRefused: the code is not good, not the client's, or was used before.
        """
        tokens = None
        async with self._work(client) as work:
            grant = await grants.use_code(work, client.client_id, code, redirect_uri, verifier)
            if grant is not None:
                tokens = await self._tokens(work, grant, _scopes(grant))
        if tokens is None:
            raise TokenRefused("invalid_grant", "the code is not good, or not any more")
        return tokens

    async def refresh(self, client: ClientState, token: str, scope: str | None) -> Tokens:
        """Return new tokens for a refresh token, which is used up (RFC 6749 §6).

        To our own pages it is worth nothing once the person's session is over, which is in use as
        long as they refresh; other apps may go on.

        Raises:
            TokenRefused: it is not good, not the client's, was used before, or `scope` asks for
                more than was allowed.
        """
        tokens = None
        async with self._work(client) as work:
            grant = await grants.use_refresh_token(work, client.client_id, token)
            if grant is not None and await self._is_signed_in(work, client, grant):
                try:
                    scopes = granted_scopes(scope, _scopes(grant))
                except InvalidScope as exc:
                    raise TokenRefused("invalid_scope", exc.message) from exc
                tokens = await self._tokens(work, grant, scopes)
        if tokens is None:
            raise TokenRefused("invalid_grant", "the refresh token is not good, or not any more")
        return tokens

    async def introspect(self, client: ClientState, token: str) -> dict[str, Any]:
        """Return what a token is worth now (RFC 7662), to its own client or one that has `admin`.

        A client without that right learns as little as about a token that never was.
        """
        try:
            claims = await self.identity.verify(token, datetime.now(UTC))
            who = await self.identity.standing(claims)
        except InvalidToken:
            return await self._introspect_refresh_token(client, token)
        is_own = claims.client_id == client.client_id
        is_allowed = is_own or Scope.ADMIN in client.held_scopes
        if claims.org_id != client.org_id or not is_allowed:
            return {"active": False}
        return {
            "active": True,
            "scope": scope_text(who.scopes),
            "client_id": claims.client_id,
            "token_type": "Bearer",
            "exp": int(claims.expires_at.timestamp()),
            "sub": claims.subject,
            "aud": self.identity.issuer,
            "iss": self.identity.issuer,
            "jti": claims.token_id,
        }

    async def revoke(self, client: ClientState, token: str) -> None:
        """Take back a token of the client's (RFC 7009); any other is left alone.

        A refresh token takes everything with it that its grant gave.
        """
        try:
            claims = await self.identity.verify(token, datetime.now(UTC))
        except InvalidToken:
            claims = None
        async with self._work(client) as work:
            if claims is None:
                row = await grants.refresh_token(work, client.client_id, token)
                if row is not None:
                    await grants.end_grant(work, row["grant_id"], "REVOKED")
            elif claims.client_id == client.client_id and claims.org_id == client.org_id:
                await revoke_token(work, claims.token_id, claims.expires_at)

    async def issue_ticket(self, bearer: str, scope: str | None = None) -> str:
        """Return a ticket that opens one socket with the rights of an access token.

        `scope` leaves the socket no more than these; those the token lacks it does not get either.

        Raises:
            InvalidToken: the token is not good.
            TokenRefused: `scope` names one that nobody knows, or none that the token has.
        """
        claims = await self.identity.verify(bearer, datetime.now(UTC))
        who = await self.identity.principal_of(claims)
        if scope is not None:
            claims = replace(claims, scopes=_narrowed(scope, who.scopes))
        ticket = f"sct_{secrets.token_urlsafe(32)}"
        async with self._database.work(program(claims.org_id, "identity")) as work:
            expires_at = datetime.fromtimestamp(work.now.timestamp() + TICKET_SECONDS, UTC)
            kept = msgspec.json.encode(claims).decode()
            await work.rows(statements.ADD_TICKET, claims.org_id, digest(ticket), kept, expires_at)
        return ticket

    async def redeem(self, ticket: str) -> Callable[[], Awaitable[Principal]]:
        """Use up a ticket; what is returned tells at any time what its token is worth then.

        Raises:
            InvalidToken: there is none, it was used, or half a minute is over.
        """
        key = digest(ticket)
        async with self._database.auth() as connection:
            org_id = await connection.fetchval(statements.FIND_TICKET, key)
        row = None
        if org_id is not None:
            async with self._database.work(program(org_id, "identity")) as work:
                row = await work.row(statements.USE_TICKET, key)
        if row is None or row["expires_at"] <= datetime.now(UTC):
            raise InvalidToken("the ticket is not good, or not any more")
        return partial(self.identity.principal_of, _CLAIMS.decode(row["claims"]))

    async def _tokens(
        self, work: Work, grant: dict[str, Any], scopes: frozenset[Scope]
    ) -> Tokens | None:
        """Return tokens for a grant; None when it, its person or client may do nothing any more."""
        claims = replace(
            self.identity.new_claims(work.principal.org_id, grant["client_id"], scopes, work.now),
            user_id=grant["user_id"],
            session_id=grant["session_id"],
            grant_id=grant["grant_id"],
        )
        who = await standing_of(work, claims)
        if who is None or not who.scopes:
            return None
        access_token = await self.identity.sign(claims, work.now)
        refresh_token = await grants.add_refresh_token(
            work, grant["grant_id"], self._refresh_lifetime
        )
        seconds = int(self.identity.token_lifetime.total_seconds())
        return Tokens(access_token, seconds, who.scopes, refresh_token)

    async def _is_signed_in(self, work: Work, client: ClientState, grant: dict[str, Any]) -> bool:
        is_our_page = client.is_first_party and client.kind is ClientKind.CONFIDENTIAL
        if not is_our_page or grant["session_id"] is None:
            return True
        return await sessions.use_session(work, grant["session_id"], self._session_limits)

    async def _introspect_refresh_token(self, client: ClientState, token: str) -> dict[str, Any]:
        async with self._work(client) as work:
            row = await grants.refresh_token(work, client.client_id, token)
        is_active = (
            row is not None
            and row["used_at"] is None
            and row["ended_at"] is None
            and row["expires_at"] > datetime.now(UTC)
        )
        if row is None or not is_active:
            return {"active": False}
        return {
            "active": True,
            "scope": scope_text(_scopes(row)),
            "client_id": row["client_id"],
            "exp": int(row["expires_at"].timestamp()),
            "iat": int(row["issued_at"].timestamp()),
            "sub": str(row["user_id"]),
            "iss": self.identity.issuer,
        }

    def _work(self, client: ClientState) -> AbstractAsyncContextManager[Work]:
        return self._database.work(program(client.org_id, "identity"))


async def revoke_token(work: Work, token_id: str, expires_at: datetime) -> None:
    """Take back one access token: it stops working within a second."""
    org_id = work.principal.org_id
    if await work.row(statements.REVOKE_TOKEN, org_id, token_id, expires_at) is not None:
        work.note("TOKEN_REVOKED", token_id)
        work.gather([AccessChanged.of(Subject.TOKEN, token_id, Change.REVOKED, work.now)])


def _narrowed(scope: str, held: frozenset[Scope]) -> frozenset[Scope]:
    try:
        scopes = scopes_within(parse_scopes(scope), held)
    except InvalidScope as exc:
        raise TokenRefused("invalid_scope", exc.message) from exc
    if not scopes:
        raise TokenRefused("invalid_scope", "the token has none of these scopes")
    return scopes


def _scopes(grant: dict[str, Any]) -> frozenset[Scope]:
    return frozenset(map(Scope, grant["scopes"]))
