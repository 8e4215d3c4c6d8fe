"""How a client proves who it is: with a secret, with a key, or, being public, not at all."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from backend.core.limits import Limits
from backend.core.principal import program
from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.identity import rules, statements
from backend.identity.errors import TokenRefused
from backend.identity.rules import ClientKind, ClientState
from backend.identity.throttles import Throttles
from backend.infra.database import Database

ASSERTION_ALGORITHMS: Final = ("ES256", "ES384", "PS256", "RS256", "Ed25519")
_LONGEST_ASSERTION: Final = 8_000
_LONGEST_ID: Final = 200
_MOST_AHEAD: Final = timedelta(hours=1)
"""How far off an assertion may expire, as common clients have it; until then its id is kept."""
_SKEW: Final = timedelta(seconds=30)


class _Assertion(msgspec.Struct):
    """What a client says of itself (RFC 7523 §3)."""

    iss: str
    sub: str
    aud: str | list[str]
    exp: float
    jti: str
    nbf: float = 0


class ClientProof:
    """Tells clients that prove themselves from those that do not, and slows down the latter."""

    def __init__(
        self, database: Database, issuer: str, limits: Limits, throttles: Throttles
    ) -> None:
        self._database = database
        self._audiences = {issuer, f"{issuer}/oauth/token"}
        # Guessing one client's secret from one place; trying many clients from one place.
        self._client_failures = throttles.make("token_failures", limits.token_failures, 60)
        self._address_failures = throttles.make(
            "token_address_failures", limits.token_address_failures, 60
        )

    async def client(self, client_id: str) -> ClientState | None:
        """Return what is known of a client at this moment, None if there is none."""
        async with self._database.auth() as connection:
            found = await connection.fetchrow(statements.FIND_CLIENT, client_id)
        if found is None:
            return None
        principal = program(found["org_id"], "identity")
        async with self._database.work(principal, read_only=True) as work:
            row = await work.row(statements.CLIENT_STATE, client_id)
        return None if row is None else _client(row)

    async def by_secret(self, client_id: str, secret: str, address: str) -> ClientState:
        """Return the client that has this secret, the present one or the one just replaced.

        Raises:
            TokenRefused: there is none, it was revoked, or too many failed from `address`.
        """
        now = datetime.now(UTC)
        self._slow_down(client_id, address, now)
        state = await self.client(client_id)
        if state is None or state.revoked_at or not rules.is_secret_of(secret, state, now):
            raise self._failed(client_id, address, now)
        return state

    async def by_assertion(self, assertion: str, claimed: str | None, address: str) -> ClientState:
        """Return the client whose key signed this (RFC 7523); each assertion proves once.

        `claimed` is the client_id sent beside it, if any.

        Raises:
            TokenRefused: it proves nothing, or too many failed from `address`.
        """
        now = datetime.now(UTC)
        try:
            said = _unproven(assertion)
        except ValueError as exc:
            raise self._failed("", address, now) from exc
        self._slow_down(said.sub, address, now)
        state = await self.client(said.sub)
        if (
            state is None
            or state.revoked_at
            or state.jwks is None
            or claimed not in {None, said.sub}
            or not self._is_for_us(said, now)
            or not _is_signed(assertion, state.jwks)
            or not await self._is_first_use(state.org_id, said)
        ):
            raise self._failed(said.sub, address, now)
        return state

    async def public(self, client_id: str, address: str) -> ClientState:
        """Return the public client of that id, which has nothing to prove itself with.

        Raises:
            TokenRefused: there is none, it can prove itself and did not, or too many failed.
        """
        now = datetime.now(UTC)
        self._slow_down(client_id, address, now)
        state = await self.client(client_id)
        if state is None or state.revoked_at or state.kind is not ClientKind.PUBLIC:
            raise self._failed(client_id, address, now)
        return state

    def _is_for_us(self, said: _Assertion, now: datetime) -> bool:
        moment = now.timestamp()
        audiences = {said.aud} if isinstance(said.aud, str) else set(said.aud)
        return (
            said.iss == said.sub
            and bool(audiences & self._audiences)
            and 0 < len(said.jti) <= _LONGEST_ID
            and moment < said.exp <= moment + _MOST_AHEAD.total_seconds() + _SKEW.total_seconds()
            and said.nbf <= moment + _SKEW.total_seconds()
        )

    async def _is_first_use(self, org_id: UUID, said: _Assertion) -> bool:
        expires_at = datetime.fromtimestamp(said.exp, UTC)
        async with self._database.work(program(org_id, "identity")) as work:
            kept = await work.row(statements.USE_ASSERTION, org_id, said.sub, said.jti, expires_at)
        return kept is not None

    def _failed(self, client_id: str, address: str, now: datetime) -> TokenRefused:
        self._client_failures.note_failure((client_id, address), now.timestamp())
        self._address_failures.note_failure(address, now.timestamp())
        return TokenRefused("invalid_client", "unknown client or wrong proof", status=401)

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


def _unproven(assertion: str) -> _Assertion:
    """Return what an assertion says before anything of it is proven.

    Raises:
        ValueError: it is none in shape.
    """
    parts = assertion.split(".")
    if len(assertion) > _LONGEST_ASSERTION or len(parts) != 3:
        raise ValueError("not a JWT")
    content = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
    said = msgspec.json.decode(content, type=_Assertion)
    if len(said.sub) > _LONGEST_ID or not said.sub.isprintable():
        raise ValueError("not a client id")
    return said


def _is_signed(assertion: str, jwks: dict[str, Any]) -> bool:
    try:
        keys = KeySet.import_key_set(jwks)  # pyright: ignore[reportArgumentType] - checked when stored
        jwt.decode(assertion, keys, algorithms=list(ASSERTION_ALGORITHMS))
    except (JoseError, ValueError, KeyError, TypeError):
        return False
    return True


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
