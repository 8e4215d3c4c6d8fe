"""Forms that programs send, and the proof of who they are in them."""

import base64
import binascii
import re
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request

from backend.identity.errors import TokenRefused
from backend.identity.proof import ClientProof
from backend.identity.rules import ClientState

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 30
_VISIBLE: Final = re.compile(r"[\x20-\x7e]{1,200}")  # RFC 6749 appendix A: VSCHAR


async def read_form(request: Request) -> dict[str, str]:
    """Return a form's fields; each may stand there once (RFC 6749 §3.2).

    Raises:
        TokenRefused: it is no form, or a field stands there twice.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise TokenRefused("invalid_request", f"send a form: Content-Type: {_FORM}")
    try:
        return read_fields((await request.body()).decode())
    except ValueError as exc:
        raise TokenRefused("invalid_request", str(exc)) from exc


def read_fields(text: str) -> dict[str, str]:
    """Return the fields of a form or query.

    Raises:
        ValueError: it is none, or a field stands there twice.
    """
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError as exc:
        raise ValueError("this is not a form in UTF-8") from exc
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a field stands there twice")
    # RFC 6749 §3.1: what is sent without a value counts as not sent.
    return {name: value for name, value in pairs if value}


async def prove(proof: ClientProof, request: Request, form: dict[str, str]) -> ClientState:
    """Return the client that sent a form, from HTTP Basic, a secret, an assertion or its bare id.

    Raises:
        TokenRefused: it proves itself in no way or in two (RFC 6749 §2.3), or wrongly.
    """
    address = request.client.host if request.client else "unknown"
    header = request.headers.get("authorization")
    ways = [header is not None, "client_secret" in form, "client_assertion" in form]
    if sum(ways) > 1:
        raise TokenRefused("invalid_request", "prove yourself in one way, not in two")
    claimed = form.get("client_id")
    if "client_assertion" in form:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise TokenRefused("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")
        return await proof.by_assertion(form["client_assertion"], claimed, address)
    if header is not None:
        client_id, secret = _basic(header)
        if claimed not in {None, client_id}:
            raise TokenRefused("invalid_request", "the form names another client than the header")
    else:
        client_id, secret = claimed or "", form.get("client_secret", "")
    if not _VISIBLE.fullmatch(client_id) or (secret and not _VISIBLE.fullmatch(secret)):
        raise TokenRefused("invalid_client", "send client_id and client_secret", status=401)
    if not secret:
        return await proof.public(client_id, address)
    return await proof.by_secret(client_id, secret, address)


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
