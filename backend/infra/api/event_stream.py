"""Server-sent events: GraphQL over SSE, distinct connections mode, on the shared executions."""

import asyncio
import logging
from contextlib import aclosing, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Final

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from backend.core.errors import Unauthenticated
from backend.core.principal import Principal
from backend.infra.api.context import Context
from backend.infra.api.emission import Emission
from backend.infra.api.resuming import is_subscription
from backend.infra.api.sharing import Refused, Request

if TYPE_CHECKING:
    from backend.infra.api.transport import LiveView

KEEP_ALIVE: Final = 15.0
HEADERS: Final = {
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
}
_log: Final = logging.getLogger(__name__)


class EventStream(Response):
    """The answer to one operation whose client accepts `text/event-stream`."""

    def __init__(self, view: "LiveView", context: Context, request: Request) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self.sending_since: float | None = None
        self._view = view
        self._context = context
        self._request = request
        self._emission = Emission()
        self._ended = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None
        self._out: Send = _nowhere

    @property
    def principal(self) -> Principal | None:
        """Who is at the other end."""
        return self._context.caller

    @property
    def is_idle(self) -> bool:
        """Never: a stream is its operation."""
        return False

    async def warn(self, expires_at: datetime) -> None:
        """Say in a comment when the token expires: other events would be errors to clients."""
        said = {"reason": "TOKEN_EXPIRES", "expiresAt": expires_at.isoformat()}
        await self._write(b": " + orjson.dumps(said) + b"\r\n\r\n")

    async def authenticate_again(self) -> Principal:
        """Return what the request's token is worth now."""
        connection = self._context.connection
        if connection is None:
            raise Unauthenticated("the request is gone")
        return await self._view.caller_of(connection.headers.get("authorization"))

    def narrow(self, principal: Principal) -> None:
        """Begin a subscription anew where it stands, with other rights."""
        self._context = self._context.renew()
        self._context.caller = principal
        if not is_subscription(self._request.query, self._request.operation_name):
            return
        self._emission.permission_changed = True
        if self._sender is not None:
            self._sender.cancel()
        self._begin()

    async def end(self, code: int, reason: str) -> None:
        """End the stream; the protocol has no way to say why."""
        _log.info("event stream ended: %s %s", code, reason)
        self._ended.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve until the operation is complete or either side ends it."""
        del scope
        self._out = send
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        self._view.connections.add(self)
        self._begin()
        gone = asyncio.create_task(_disconnected(receive))
        over = asyncio.create_task(self._ended.wait())
        try:
            while not (await asyncio.wait({gone, over}, timeout=KEEP_ALIVE, return_when=_FIRST))[0]:
                await self._write(b": ping\r\n\r\n")
        finally:
            self._view.connections.remove(self)
            await _stop(gone, over, self._sender)
            with suppress(OSError):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _begin(self) -> None:
        self._sender = asyncio.create_task(self._stream())

    async def _stream(self) -> None:
        results = self._view.executions.results(self._request, self._context, self._emission)
        try:
            async with aclosing(results):
                async for batch in results:
                    for produced in batch:
                        if produced.position is not None:
                            self._emission.resume = produced.position
                        await self._next(produced.text.encode())
        except Refused as refused:
            await self._next(orjson.dumps({"errors": [e.formatted for e in refused.errors]}))
        except OSError:
            self._ended.set()
            return
        await self._write(b"event: complete\r\ndata: \r\n\r\n")
        self._ended.set()

    async def _next(self, payload: bytes) -> None:
        await self._write(b"event: next\r\ndata: " + payload + b"\r\n\r\n")

    async def _write(self, body: bytes) -> None:
        self.sending_since = asyncio.get_running_loop().time()
        await self._out({"type": "http.response.body", "body": body, "more_body": True})
        self.sending_since = None


_FIRST: Final = asyncio.FIRST_COMPLETED


async def _nowhere(_: object) -> None:
    """Stand in until the connection is there."""


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _stop(*tasks: asyncio.Task[object] | asyncio.Task[None] | None) -> None:
    started = [task for task in tasks if task is not None]
    for task in started:
        task.cancel()
    await asyncio.gather(*started, return_exceptions=True)
