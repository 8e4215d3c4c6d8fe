"""What every HTTP request passes: limits, request id, headers, log, figures, last resort."""

import asyncio
import logging
import re
import time
import uuid
from email.utils import formatdate
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core.errors import ShelfcastError
from backend.core.limits import Limits
from backend.infra.api.budget import REFUSALS, REFUSALS_HELP
from backend.infra.api.encoding import ACCEPTED, BodyMalformed, Inflater, inflater_for
from backend.infra.api.problems import BodyTooLarge, BodyTooSlow, UnsupportedEncoding, problem
from backend.infra.metrics import Metrics

log = logging.getLogger(__name__)
access_log = logging.getLogger("backend.access")

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SECURITY: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_COUNTED_PATHS: Final = ("/graphql", "/oauth/token", "/healthz", "/readyz", "/metrics")
_OF_THE_ENCODED: Final = (b"content-encoding", b"content-length")
_BODY_FAULTS: Final = (BodyMalformed, BodyTooLarge, BodyTooSlow, UnsupportedEncoding)


class InternalError(ShelfcastError):
    """Something failed that should not have."""

    code = "INTERNAL_ERROR"


class Boundary:
    """ASGI middleware around the whole application; sockets pass untouched."""

    def __init__(self, app: ASGIApp, *, limits: Limits, metrics: Metrics) -> None:
        self._app = app
        self._limits = limits
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._limits)
        try:
            exchange.check_head()
            await self._app(exchange.plain_scope(), exchange.receive, exchange.send)
        except _BODY_FAULTS as exc:
            await exchange.fail(exc)
        except Exception:
            log.exception("request %s failed", exchange.request_id)
            number = exchange.request_id
            await exchange.fail(
                InternalError("something went wrong on our side", id=number), status=500
            )
        finally:
            self._note(scope, exchange)

    def _note(self, scope: Scope, exchange: "_Exchange") -> None:
        seconds = time.perf_counter() - exchange.started
        path = scope["path"] if scope["path"] in _COUNTED_PATHS else "other"
        if exchange.refused_by is not None:
            self._metrics.count(REFUSALS, REFUSALS_HELP, limit=exchange.refused_by)
        labels = {"path": path, "status": str(exchange.status)}
        self._metrics.count("shelfcast_http_requests_total", "Requests answered.", **labels)
        self._metrics.observe(
            "shelfcast_http_request_seconds", "Time until a request was done.", seconds, path=path
        )
        # The path alone: query strings may carry what must not be in a log.
        access_log.info(
            "%s %s %s %.1f ms %s",
            scope["method"],
            scope["path"],
            exchange.status,
            seconds * 1000,
            exchange.request_id,
        )


class _Exchange:
    """One request and its response."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limits: Limits) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._limit = limits.max_body_bytes
        self._seconds = limits.body_timeout.total_seconds()
        self._until = asyncio.get_running_loop().time() + self._seconds
        self._received = 0
        self._inflater: Inflater | None = None
        self._is_complete = False
        self.refused_by: str | None = None
        """The limit that the body went beyond."""
        self._headers = Headers(scope=scope)
        given = self._headers.get("x-request-id", "")
        self.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex[:16]
        self.status = 0
        self.started = time.perf_counter()

    def check_head(self) -> None:
        """Refuse a body that is announced as too large, or cannot be read, before it is read."""
        length = self._headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._limit:
            raise self._too_large()
        self._inflater = inflater_for(self._headers.get("content-encoding", ""), self._limit)

    def plain_scope(self) -> Scope:
        """Return the request as the application sees it: with a body that is not compressed."""
        if self._inflater is None:
            return self._scope
        kept = [pair for pair in self._scope["headers"] if pair[0] not in _OF_THE_ENCODED]
        return {**self._scope, "headers": kept}

    async def receive(self) -> Message:
        """Hand over a part of the body, counting; what follows it may take any time."""
        if self._is_complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError as exc:
            self.refused_by = "body_timeout"
            raise BodyTooSlow(
                f"the body took longer than {self._seconds:g} s", limit=self._seconds
            ) from exc
        self._is_complete = not message.get("more_body", False)
        self._received += len(message.get("body", b""))
        if self._received > self._limit:
            raise self._too_large()
        return message if self._inflater is None else self._inflate(message, self._inflater)

    def _inflate(self, message: Message, inflater: Inflater) -> Message:
        body = inflater.feed(message.get("body", b""), is_last=self._is_complete)
        if inflater.is_beyond_limit:
            raise self._too_large()
        return {**message, "body": body}

    async def send(self, message: Message) -> None:
        """Send a part of the response, with our headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.request_id
            # The server's own is renewed once a second, later on a busy machine; edge agents set
            # their clocks by it.
            headers["Date"] = formatdate(usegmt=True)
            if self._scope["method"] == "POST":
                # RFC 7694: what the next request's body may be compressed with.
                headers["Accept-Encoding"] = ACCEPTED
            for name, value in _SECURITY.items():
                headers.setdefault(name, value)
        await self._send(message)

    async def fail(self, error: ShelfcastError, status: int | None = None) -> None:
        """Answer with an error, unless an answer has already begun."""
        if self.status == 0:
            await problem(error, status)(self._scope, self._receive, self.send)

    def _too_large(self) -> BodyTooLarge:
        self.refused_by = "body_size"
        return BodyTooLarge(f"the body exceeds {self._limit} bytes", limit=self._limit)
