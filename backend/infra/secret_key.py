"""The installation's secret key, and the keys derived from it, one per purpose."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.core.settings import BackendSettings
from backend.infra import embedded

_NONCE_BYTES = 12


class SecretKey:
    """What SHELFCAST_SECRET_KEY says, else what was made once in the data folder."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for one purpose; the same every time."""
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(
            self._secret
        )


def secret_key(settings: BackendSettings) -> SecretKey:
    """Return the installation's key, making one in the data folder where none was ever set."""
    if settings.secret_key is not None:
        return SecretKey(settings.secret_key.get_secret_value())
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return SecretKey(embedded.ensure_secrets(settings.data_dir).secret_key)


def encrypt(key: bytes, plain: bytes, context: bytes) -> bytes:
    """Return `plain` sealed with AES-GCM; it opens only with the same `context`."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def decrypt(key: bytes, sealed: bytes, context: bytes) -> bytes | None:
    """Return what was sealed, None when the key or the context is another."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except InvalidTag:
        return None
