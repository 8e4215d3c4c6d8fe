"""The keys that sign access tokens: made at first need, stored encrypted, shared by processes."""

import asyncio
import logging
import time
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


class KeyRing:
    """The signing keys of this installation, read and written as the role `auth` alone."""

    def __init__(self, database: Database, secret_key: SecretKey) -> None:
        self._database = database
        self._wrapping_key = secret_key.derive("signing keys")
        self._keys: dict[str, ECKey] = {}
        self._loading = asyncio.Lock()
        self._loaded_at = float("-inf")

    async def signing_key(self) -> ECKey:
        """Return the newest key, making the first one if there is none."""
        if not self._keys:
            await self._load(make=True)
        return next(iter(self._keys.values()))

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
            opened = [self._open(row["kid"], row["private_key"]) for row in rows]
            keys = {key.kid: key for key in opened if key is not None and key.kid}
            if not keys and make:
                kid, key, sealed = self._make()
                await connection.execute(statements.ADD_SIGNING_KEY, kid, sealed)
                keys = {kid: key}
        self._keys = keys
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
