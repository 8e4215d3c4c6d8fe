"""The agent's own key: it signs what the agent says of itself to the token endpoint (RFC 7523)."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

if TYPE_CHECKING:
    from pathlib import Path

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME_S: Final = 300
_COORDINATE_BYTES: Final = 32  # P-256


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A P-256 key for ES256, as PKCS #8 in PEM; what is wrong with it shows in `check`."""

    pem: bytes = field(repr=False)

    @property
    def kid(self) -> str:
        """Its name: the thumbprint of the public part (RFC 7638)."""
        members = {name: self._numbers()[name] for name in ("crv", "kty", "x", "y")}
        canonical = json.dumps(members, separators=(",", ":"), sort_keys=True)
        return _base64url(hashlib.sha256(canonical.encode("ascii")).digest())

    def check(self) -> None:
        """Raise ValueError unless this is a private P-256 key without a password."""
        self._private()

    def public_jwk(self) -> dict[str, str]:
        """Return the public part as a JWK (RFC 7517)."""
        return {**self._numbers(), "kid": self.kid, "alg": "ES256", "use": "sig"}

    def assertion(self, client_id: str, audience: str, *, now_s: int) -> str:
        """Return a JWT that says who we are, good once and for a few minutes."""
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "jti": str(uuid.uuid4()),
            "iat": now_s,
            "exp": now_s + ASSERTION_LIFETIME_S,
        }
        header = {"alg": "ES256", "typ": "JWT", "kid": self.kid}
        signed = ".".join(_base64url(json.dumps(part).encode("ascii")) for part in (header, claims))
        return f"{signed}.{_base64url(self._sign(signed.encode('ascii')))}"

    def _sign(self, data: bytes) -> bytes:
        """Return the signature as JWS wants it: both numbers at full length (RFC 7518 §3.4)."""
        numbers = decode_dss_signature(self._private().sign(data, ec.ECDSA(SHA256())))
        return b"".join(number.to_bytes(_COORDINATE_BYTES, "big") for number in numbers)

    def _numbers(self) -> dict[str, str]:
        point = self._private().public_key().public_numbers()
        x, y = (_base64url(n.to_bytes(_COORDINATE_BYTES, "big")) for n in (point.x, point.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def _private(self) -> ec.EllipticCurvePrivateKey:
        try:
            key = load_pem_private_key(self.pem, None)
        except TypeError as exc:
            raise ValueError("is locked with a password") from exc
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
            raise ValueError("is not a P-256 key")
        return key


def new_client_key() -> ClientKey:
    """Make a key."""
    key = ec.generate_private_key(ec.SECP256R1())
    return ClientKey(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def read_client_key(path: Path) -> ClientKey:
    """Read a key; raises OSError or ValueError, also when others than its owner may read it."""
    if path.stat().st_mode & 0o077:
        raise ValueError("may be read by others: chmod 600")
    key = ClientKey(path.read_bytes())
    key.check()
    return key


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
