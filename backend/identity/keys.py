"""The keys that sign access tokens: made at first need, followed by others, stored encrypted."""

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from joserfc.jwk import ECKey

from backend.identity import statements
from backend.identity.errors import InvalidToken
from backend.infra.database import Database
from backend.infra.secret_key import SecretKey, decrypt, encrypt

log = logging.getLogger(__name__)

_CURVE: Final = "P-256"
_RELOAD_AFTER: Final = 10.0
"""Seconds between reloads for unknown key ids: made-up tokens must not become queries."""
_STALE_AFTER: Final = 30.0
"""Seconds after which keys are looked up again: another process may have made or retired one."""
_PUBLISHED_BEFORE: Final = timedelta(minutes=6)
"""How long a key is published before it signs: the JWK set is cached for five minutes."""
_MARGIN: Final = timedelta(minutes=1)


class KeyRing:
    """The signing keys of this installation, read and written as the role `auth` alone."""

    def __init__(self, database: Database, secret_key: SecretKey) -> None:
        self._database = database
        self._wrapping_key = secret_key.derive("signing keys")
        self._keys: dict[str, ECKey] = {}
        self._made_at: dict[str, datetime] = {}
        self._loading = asyncio.Lock()
        self._loaded_at = float("-inf")
        self.losses = 0
        """Rises when a key is no longer good: what it signed must be checked anew."""

    async def signing_key(self) -> ECKey:
        """Return the newest key that everybody knows by now, making the first if there is none."""
        if not self._keys:
            await self._load(make=True)
        await self.keep_fresh()
        known = datetime.now(UTC) - _PUBLISHED_BEFORE
        settled = [kid for kid, made_at in self._made_at.items() if made_at <= known]
        return self._keys[settled[0] if settled else list(self._keys)[-1]]

    async def keep_fresh(self) -> None:
        """Look keys up again where the last look was a while ago."""
        if time.monotonic() - self._loaded_at > _STALE_AFTER:
            await self._load(make=False)

    async def rotate(self, token_lifetime: timedelta, *, at_once: bool = False) -> str:
        """Make the key that follows and return its id.

        Those before it verify until the last token they may have signed has expired; `at_once`
        (one leaked) refuses them, and every token they signed, from now on.
        """
        now = datetime.now(UTC)
        end = now if at_once else now + _PUBLISHED_BEFORE + token_lifetime + _MARGIN
        kid, _, sealed = self._make()
        async with self._database.auth() as connection, connection.transaction():
            await connection.execute(statements.LOCK_KEYS)
            await connection.execute(statements.RETIRE_KEYS, end)
            await connection.execute(statements.ADD_SIGNING_KEY, kid, sealed)
        await self._load(make=False)
        return kid

    async def rotate_when_older(self, age: timedelta, token_lifetime: timedelta) -> bool:
        """Make the key that follows where the newest is older than `age`; tell whether one was."""
        await self._load(make=False)
        newest = max(self._made_at.values(), default=None)
        if newest is None or datetime.now(UTC) - newest < age:
            return False
        await self.rotate(token_lifetime)
        return True

    async def verification_key(self, kid: str) -> ECKey:
        """Return the key of that id; another process may have made it since we looked.

        Raises:
            InvalidToken: there is none.
        """
        if kid not in self._keys and time.monotonic() - self._loaded_at > _RELOAD_AFTER:
            await self._load(make=False)
        key = self._keys.get(kid)
        if key is None:
            raise InvalidToken("the access token was not signed by this server")
        return key

    async def public_keys(self) -> list[dict[str, Any]]:
        """Return the public halves as a JWK set's `keys` (RFC 7517)."""
        await self.signing_key()
        return [
            {**key.as_dict(private=False), "use": "sig", "alg": "ES256"}
            for key in self._keys.values()
        ]

    async def usable_count(self) -> int:
        """Return how many stored keys our secret key opens; makes none."""
        await self._load(make=False)
        return len(self._keys)

    async def _load(self, *, make: bool) -> None:
        async with self._loading, self._database.auth() as connection, connection.transaction():
            await connection.execute(statements.LOCK_KEYS)
            rows = await connection.fetch(statements.SIGNING_KEYS)
            opened = {row["kid"]: self._open(row["kid"], row["private_key"]) for row in rows}
            keys = {kid: key for kid, key in opened.items() if key is not None}
            made_at = {row["kid"]: row["created_at"] for row in rows if row["kid"] in keys}
            if not keys and make:
                kid, key, sealed = self._make()
                await connection.execute(statements.ADD_SIGNING_KEY, kid, sealed)
                keys, made_at = {kid: key}, {kid: datetime.now(UTC)}
        if self._keys.keys() - keys.keys():
            self.losses += 1
        self._keys, self._made_at = keys, made_at
        self._loaded_at = time.monotonic()

    def _open(self, kid: str, sealed: bytes) -> ECKey | None:
        plain = decrypt(self._wrapping_key, sealed, kid.encode())
        if plain is None:
            log.warning("signing key %s was sealed with another secret key: not used", kid)
            return None
        return ECKey.import_key(msgspec.json.decode(plain))

    def _make(self) -> tuple[str, ECKey, bytes]:
        key = ECKey.generate_key(_CURVE)
        kid = key.thumbprint()
        content = msgspec.json.encode({**key.as_dict(private=True), "kid": kid})
        sealed = encrypt(self._wrapping_key, content, kid.encode())
        return kid, ECKey.import_key(msgspec.json.decode(content)), sealed
