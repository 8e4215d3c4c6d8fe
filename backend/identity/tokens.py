"""Access tokens as JWTs (RFC 9068), signed with ES256."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from backend.core.errors import Invalid
from backend.core.scopes import parse_scopes
from backend.identity.errors import InvalidToken
from backend.identity.rules import Claims, scope_text

ALGORITHM: Final = "ES256"
TYPE: Final = "at+jwt"
LONGEST_TOKEN: Final = 4096


class _Header(msgspec.Struct):
    alg: str
    typ: str
    kid: str


def sign(claims: Claims, key: ECKey, *, issuer: str, now: datetime) -> str:
    """Return the token that says `claims`; issuer and audience are both the public origin."""
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": key.kid}
    content: dict[str, Any] = {
        "iss": issuer,
        "aud": issuer,
        "sub": claims.subject,
        "client_id": claims.client_id,
        "org": str(claims.org_id),
        "scope": scope_text(claims.scopes),
        "jti": claims.token_id,
        "iat": int(now.timestamp()),
        "exp": int(claims.expires_at.timestamp()),
    }
    if claims.session_id is not None:
        content["sid"] = str(claims.session_id)
    if claims.grant_id is not None:
        content["grant"] = str(claims.grant_id)
    return jwt.encode(header, content, key, algorithms=[ALGORITHM])


def key_id(token: str) -> str:
    """Return which key a token says it was signed with; nothing about it is proven yet.

    Raises:
        InvalidToken: it is no access token in shape.
    """
    if len(token) > LONGEST_TOKEN:
        raise InvalidToken("this is not an access token")
    try:
        header = msgspec.json.decode(_decode(token.split(".")[0]), type=_Header)
    except (ValueError, msgspec.MsgspecError) as exc:
        raise InvalidToken("this is not an access token") from exc
    if header.alg != ALGORITHM or header.typ.lower() not in {TYPE, f"application/{TYPE}"}:
        raise InvalidToken("this is not an access token of ours")
    return header.kid


def verify(token: str, key: ECKey, *, issuer: str, now: datetime) -> Claims:
    """Return what a token says if `key` signed it, for us, and its time has not passed.

    Raises:
        InvalidToken: any of that does not hold.
    """
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": issuer},
        exp={"essential": True},
        sub={"essential": True},
        client_id={"essential": True},
        jti={"essential": True},
    )
    try:
        decoded = jwt.decode(token, key, algorithms=[ALGORITHM])
        registry.validate(decoded.claims)
        return _claims(decoded.claims)
    except (JoseError, Invalid, ValueError, KeyError, TypeError) as exc:
        raise InvalidToken("the access token is invalid or has expired") from exc


def _claims(content: Mapping[str, Any]) -> Claims:
    client_id, subject = str(content["client_id"]), str(content["sub"])
    return Claims(
        org_id=UUID(content["org"]),
        client_id=client_id,
        user_id=None if subject == client_id else UUID(subject),
        session_id=_uuid(content.get("sid")),
        grant_id=_uuid(content.get("grant")),
        scopes=parse_scopes(str(content.get("scope", ""))),
        token_id=str(content["jti"]),
        expires_at=datetime.fromtimestamp(content["exp"], UTC),
    )


def _uuid(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
