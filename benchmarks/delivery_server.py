"""Server of one way to deliver the same messages to many sockets: `KIND PORT`.

`shared` is our view, `plain` is Strawberry as it comes, `raw` is `websockets.broadcast`.
GET /ready answers; GET /start begins the messages, all of them at a fixed pace.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator
from typing import Any, Final, cast

import orjson
import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.datastructures import Headers
from websockets.http11 import Request as HandshakeRequest, Response as HandshakeResponse

from backend.core.cursors import FeedPosition
from backend.core.ids import new_id
from backend.core.principal import program
from backend.infra.api.context import Info
from backend.infra.api.emission import Style
from backend.infra.api.operation import EXTENSIONS
from backend.infra.api.transport import LiveView
from backend.infra.api.view import Surroundings
from benchmarks.delivery import MESSAGES, PACE

WHO: Final = program(new_id(), "benchmark")
_started = asyncio.Event()


@strawberry.type
class Figures:
    """What is sent."""

    number: int
    revenue: str
    at: float
    stores: list[str]


def figures(number: int) -> Figures:
    """Return the message of that number."""
    return Figures(number=number, revenue="123.45", at=1.5e9 + number, stores=["a", "b", "c", "d"])


async def numbers() -> AsyncGenerator[int]:
    """Yield the numbers of all messages at the pace, from the start on."""
    await _started.wait()
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(MESSAGES):
        await asyncio.sleep(began + number * PACE - loop.time())
        yield number


@strawberry.type
class Query:
    """What a schema must have."""

    @strawberry.field
    def hello(self) -> str:
        """Return something."""
        return "hello"


@strawberry.type
class PlainSubscription:
    """One execution for each socket."""

    @strawberry.subscription
    async def figures(self) -> AsyncGenerator[Figures, None]:
        """Yield all messages."""
        async for number in numbers():
            yield figures(number)


@strawberry.type
class SharedSubscription:
    """One execution for all sockets."""

    @strawberry.subscription
    async def figures(self, info: Info) -> AsyncGenerator[Figures, None]:
        """Yield all messages."""
        emission = info.context.emission
        if emission.hand_over(FeedPosition("benchmark", 0), Style.LOG):
            return
        async for number in numbers():
            emission.mark(FeedPosition("benchmark", number + 1))
            yield figures(number)


def shared() -> LiveView:
    """Return our view."""

    async def authenticate(_: str) -> Any:
        return WHO

    surroundings = Surroundings(
        database=cast("Any", None),
        services={},
        authenticate=authenticate,
        dashboard_url="http://localhost",
        page=lambda _: PlainTextResponse(""),
    )
    schema = strawberry.Schema(Query, subscription=SharedSubscription, extensions=EXTENSIONS)
    return LiveView(schema, surroundings)


def plain() -> GraphQL[Any, Any]:
    """Return Strawberry's own view."""
    schema = strawberry.Schema(Query, subscription=PlainSubscription)
    return GraphQL(schema, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL])


async def _ready(_: Request) -> Response:
    return PlainTextResponse("ready")


async def _start(_: Request) -> Response:
    _started.set()
    return PlainTextResponse("started")


def _serve_graphql(view: Any, port: int) -> None:
    routes = [Route("/ready", _ready), Route("/start", _start), WebSocketRoute("/graphql", view)]
    app = Starlette(routes=routes)
    uvicorn.run(
        app,
        port=port,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
    )


async def _serve_raw(port: int) -> None:
    sockets: set[ServerConnection] = set()

    async def keep(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send('{"type":"connection_ack"}')
        sockets.add(socket)
        await socket.wait_closed()

    def answer(_: ServerConnection, request: HandshakeRequest) -> HandshakeResponse | None:
        if request.path == "/start":
            _started.set()
        if request.path in ("/ready", "/start"):
            return HandshakeResponse(200, "OK", Headers([("Content-Length", "0")]), b"")
        return None

    options: Any = {"process_request": answer, "compression": None}
    async with serve(keep, "127.0.0.1", port, **options):
        async for number in numbers():
            data = {"data": {"figures": strawberry.asdict(figures(number))}}
            payload = orjson.dumps({"id": "1", "type": "next", "payload": data}).decode()
            broadcast(sockets, payload)
        await asyncio.Event().wait()


if __name__ == "__main__":
    kind, port_text = sys.argv[1:]
    if kind == "raw":
        asyncio.run(_serve_raw(int(port_text)))
    else:
        _serve_graphql(shared() if kind == "shared" else plain(), int(port_text))
