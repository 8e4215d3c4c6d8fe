"""The OAuth endpoints: token, keys, metadata."""

import base64
import binascii
import re
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.core.scopes import Scope
from backend.identity.authentication import Identity
from backend.identity.errors import TokenRefused
from backend.identity.rules import scope_text

_FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 20
_VISIBLE: Final = re.compile(r"[\x20-\x7e]{1,200}")  # RFC 6749 appendix A: VSCHAR
_NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_KEYS_LIFE: Final = {"Cache-Control": "public, max-age=300"}
_REALM: Final = 'Basic realm="shelfcast", charset="UTF-8"'


def routes(identity: Identity, issuer: str) -> list[Route]:
    """Return the routes of the authorization server whose public origin is `issuer`."""

    async def token(request: Request) -> Response:
        try:
            return await _token(identity, request)
        except TokenRefused as exc:
            return _refusal(exc)

    async def keys(_: Request) -> Response:
        return JSONResponse({"keys": await identity.keys.public_keys()}, headers=_KEYS_LIFE)

    async def metadata(_: Request) -> Response:
        return JSONResponse(_metadata(issuer), headers=_KEYS_LIFE)

    return [
        Route("/oauth/token", token, methods=["POST"]),
        Route("/.well-known/jwks.json", keys),
        Route("/.well-known/oauth-authorization-server", metadata),
    ]


async def _token(identity: Identity, request: Request) -> Response:
    form = await _form(request)
    if form.get("grant_type") != "client_credentials":
        error = "unsupported_grant_type" if form.get("grant_type") else "invalid_request"
        raise TokenRefused(error, "grant_type must be client_credentials")
    client_id, secret = _credentials(request, form)
    address = request.client.host if request.client else "unknown"
    token = await identity.issue_token(client_id, secret, form.get("scope"), address)
    answer = {
        "access_token": token.access_token,
        "token_type": "Bearer",
        "expires_in": token.expires_in,
        "scope": scope_text(token.scopes),
    }
    return JSONResponse(answer, headers=_NO_STORE)


async def _form(request: Request) -> dict[str, str]:
    """Return the form's fields; each may stand there once (RFC 6749 §3.2)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise TokenRefused("invalid_request", f"send a form: Content-Type: {_FORM}")
    try:
        pairs = parse_qsl(
            (await request.body()).decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError as exc:
        raise TokenRefused("invalid_request", "this is not a form in UTF-8") from exc
    if len(dict(pairs)) < len(pairs):
        raise TokenRefused("invalid_request", "a field stands there twice")
    return dict(pairs)


def _credentials(request: Request, form: dict[str, str]) -> tuple[str, str]:
    """Return id and secret, from HTTP Basic or from the form, never both (RFC 6749 §2.3)."""
    header = request.headers.get("authorization")
    if header is None:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    elif "client_secret" in form:
        raise TokenRefused("invalid_request", "send the secret in one place, not in two")
    else:
        client_id, secret = _basic(header)
    if not (_VISIBLE.fullmatch(client_id) and _VISIBLE.fullmatch(secret)):
        raise TokenRefused("invalid_client", "send client_id and client_secret", status=401)
    return client_id, secret


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        user, colon, password = (
            base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        )
    except (binascii.Error, UnicodeDecodeError):
        user, colon, password = "", "", ""
    if scheme.lower() != "basic" or not colon:
        raise TokenRefused("invalid_client", "the Authorization header is not Basic", status=401)
    return unquote_plus(user), unquote_plus(password)


def _refusal(exc: TokenRefused) -> Response:
    headers = dict(_NO_STORE)
    if exc.status == 401:
        headers["WWW-Authenticate"] = _REALM
    if exc.retry_after is not None:
        headers["Retry-After"] = str(exc.retry_after)
    body = {"error": exc.error, "error_description": exc.description}
    return JSONResponse(body, exc.status, headers)


def _metadata(issuer: str) -> dict[str, Any]:
    """Return RFC 8414 metadata: only what there is."""
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth/token",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": [scope.value for scope in Scope],
    }
