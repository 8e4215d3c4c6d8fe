"""The public keys with which a client proves itself (RFC 7517)."""

from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from backend.identity.errors import InvalidKeySet

_MOST_KEYS: Final = 10
_SHORTEST_RSA: Final = 2048


def check_key_set(jwks: dict[str, Any]) -> None:
    """Refuse what is not a set of public keys of kinds that we verify with.

    Raises:
        InvalidKeySet: empty, too long, unreadable, or with a private or symmetric key in it.
    """
    try:
        keys = KeySet.import_key_set(jwks).keys  # pyright: ignore[reportArgumentType]
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise InvalidKeySet("this is not a JWK set", field=["keys"]) from exc
    if not 0 < len(keys) <= _MOST_KEYS:
        raise InvalidKeySet(f"a JWK set has 1 to {_MOST_KEYS} keys", field=["keys"])
    for key in keys:
        if not isinstance(key, ECKey | OKPKey | RSAKey):
            raise InvalidKeySet("only EC, OKP and RSA keys can prove a client", field=["keys"])
        if key.is_private:
            raise InvalidKeySet("send public keys: keep the private ones", field=["keys"])
        if isinstance(key, RSAKey) and key.public_key.key_size < _SHORTEST_RSA:
            raise InvalidKeySet(f"an RSA key has {_SHORTEST_RSA} bits or more", field=["keys"])
