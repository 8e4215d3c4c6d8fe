"""What a client reads when a request fails before or outside GraphQL: JSON with a stable code."""

import math
from http import HTTPStatus
from typing import Final

import orjson
from starlette.responses import Response

from backend.core.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    ShelfcastError,
    TooMuch,
    Unauthenticated,
    Unreachable,
)
from backend.infra.api.budget import Throttled


class BodyTooLarge(TooMuch):
    """The request's body exceeds the limit."""

    code = "BODY_TOO_LARGE"


class BodyTooSlow(TooMuch):
    """The request's body did not arrive in time."""

    code = "BODY_TOO_SLOW"


class UnsupportedEncoding(Invalid):
    """The request's body is compressed in a way that is not taken."""

    code = "UNSUPPORTED_ENCODING"


class TooManyConnections(TooMuch):
    """The client has as many live connections open as it may have."""

    code = "TOO_MANY_CONNECTIONS"


_STATUSES: Final[tuple[tuple[type[ShelfcastError], int], ...]] = (
    (BodyTooSlow, HTTPStatus.REQUEST_TIMEOUT),
    (UnsupportedEncoding, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (TooManyConnections, HTTPStatus.TOO_MANY_REQUESTS),
    (Throttled, HTTPStatus.TOO_MANY_REQUESTS),
    (Unauthenticated, HTTPStatus.UNAUTHORIZED),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (TooMuch, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (Unreachable, HTTPStatus.SERVICE_UNAVAILABLE),
)
RETRY_SECONDS: Final = "1"


def problem(error: ShelfcastError, status: int | None = None) -> Response:
    """Return an error as an HTTP response shaped like a GraphQL answer."""
    status = status or status_of(error)
    headers: dict[str, str] = {}
    if status == HTTPStatus.UNAUTHORIZED:
        # RFC 6750 §3: say "invalid_token" only where one was sent.
        reason = "" if type(error) is Unauthenticated else ', error="invalid_token"'
        headers["WWW-Authenticate"] = f'Bearer realm="shelfcast"{reason}'
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = RETRY_SECONDS
    if isinstance(error, Throttled):
        headers["Retry-After"] = str(math.ceil(error.wait))
    body = {"errors": [{"message": error.message, "extensions": error.extensions}]}
    return Response(orjson.dumps(body), status, headers, media_type="application/json")


def status_of(error: ShelfcastError) -> int:
    """Return the HTTP status that fits an error."""
    for kind, status in _STATUSES:
        if isinstance(error, kind):
            return status
    return HTTPStatus.BAD_REQUEST
