"""GraphQL over HTTP: who asks, what is let in, what goes out. The live transports build on it."""

import json
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from cross_web import HTTPException
from graphql import GraphQLError
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.http.types import QueryParams
from strawberry.schema import Schema
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult

from backend.core.errors import Invalid, ShelfcastError, Unauthenticated, Unreachable
from backend.core.limits import DEFAULTS, Limits
from backend.core.principal import Principal
from backend.infra.api.budget import Budget
from backend.infra.api.context import Context
from backend.infra.api.documents import Library, wanted_id
from backend.infra.api.problems import TooManyConnections, problem
from backend.infra.api.reporting import coded
from backend.infra.database import Database

log = logging.getLogger(__name__)

Authenticate = Callable[[str], Awaitable[Principal]]
Redeem = Callable[[str], Awaitable[Callable[[], Awaitable[Principal]]]]
"""Uses up a ticket; what it returns says at any time what the ticket's token is worth then."""
FastPath = Callable[[Context, bytes], Awaitable[bytes | None]]
"""Takes context and raw body; returns the answer, or None to leave it to Strawberry."""

TRY_AGAIN_LATER: Final = 1013
PROTOCOLS: Final = (GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL)


class BadRequest(Invalid):
    """The request is not GraphQL over HTTP."""

    code = "BAD_REQUEST"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the view works with, all of it made once per process."""

    database: Database
    services: dict[type, Any]
    authenticate: Authenticate
    dashboard_url: str
    page: Callable[[Request], Response]
    redeem: Redeem | None = None
    fast_paths: list[FastPath] = field(default_factory=list)
    limits: Limits = DEFAULTS
    budget: Budget | None = None
    """Where clients pay for what they ask; None where nobody has to."""
    library: Library | None = None
    """What clients registered; None where they cannot."""

    def note(self, limit: str) -> None:
        """Count that a limit took effect."""
        if self.budget is not None:
            self.budget.note(limit)


class GraphQLView(GraphQL[Context, None]):
    """The endpoint /graphql."""

    def __init__(self, schema: Schema, surroundings: Surroundings) -> None:
        super().__init__(
            schema, subscription_protocols=PROTOCOLS, allowed_origins=[surroundings.dashboard_url]
        )
        self.surroundings = surroundings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one socket."""
        if scope["type"] == "websocket":
            await self.run(WebSocket(scope, receive=receive, send=send))
            return
        request = Request(scope, receive)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if _is_browser(request):
            return self.surroundings.page(request)
        try:
            context = self._context(request)
            context.caller = await self._caller(request.headers.get("authorization"))
            if request.method == "POST" and not await self._is_restricted(context):
                body = await request.body()
                for fast_path in self.surroundings.fast_paths:
                    answer = await fast_path(context, body)
                    if answer is not None:
                        return Response(answer, media_type="application/json")
            response = await self.run(request, context)
        except ShelfcastError as exc:
            return problem(exc)
        except HTTPException as exc:
            return problem(BadRequest(exc.reason), exc.status_code)
        except RecursionError:
            return problem(BadRequest("the request is nested too deeply"))
        if context.retry_after:
            response.headers["Retry-After"] = str(math.ceil(context.retry_after))
        return response

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        """Return the context of a socket; its caller is known after connection_init."""
        del response
        return self._context(request)

    async def on_ws_connect(self, context: Context) -> dict[str, object] | None:
        """Let a socket in that sends {"authorization": "Bearer …"} or a ticket in connection_init.

        Raises:
            ConnectionRejectionError: no token, or a bad one; the socket closes with 4403.
            WebSocketDisconnected: the database is away, or the client has too many sockets; this
                one was closed with 1013.
        """
        try:
            context.caller = await self._opener(context)
            self.admit(context.caller)
        except (Unreachable, TooManyConnections) as exc:
            assert isinstance(context.connection, WebSocket)
            await context.connection.close(TRY_AGAIN_LATER, exc.code)
            raise WebSocketDisconnected from exc
        except ShelfcastError as exc:
            raise ConnectionRejectionError from exc
        return None

    def admit(self, who: Principal) -> None:
        """Refuse a live connection; here none is one too many."""

    def is_websocket_origin_allowed(self, request: WebSocket, origin: str) -> bool:
        """Allow the dashboard, under whatever name of this host it was reached."""
        if super().is_websocket_origin_allowed(request, origin):
            return True
        page, dashboard = urlsplit(origin), urlsplit(self.surroundings.dashboard_url)
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname
        is_port = (page.scheme, page.port) == (dashboard.scheme, dashboard.port)
        return is_port and page.hostname is not None and page.hostname == host

    async def execute_single(  # pyright: ignore[reportIncompatibleMethodOverride] - named only
        self, *, request_data: GraphQLRequestData, context: Context, **others: Any
    ) -> ExecutionResult:
        """Run an operation whose document was sent or is named."""
        wanted = wanted_id({"extensions": request_data.extensions})
        try:
            query = await self.document_of(context, request_data.query, wanted)
        except Unreachable:
            raise
        except ShelfcastError as exc:
            return refused(exc)
        found = replace(request_data, query=query)
        return await super().execute_single(request_data=found, context=context, **others)

    async def document_of(
        self, context: Context, query: str | None, wanted: str | None
    ) -> str | None:
        """Return the text to run: the one sent, or the registered one whose id is wanted.

        Raises:
            ShelfcastError: there is none of that id, or this client must register what it runs.
        """
        if self.surroundings.library is None:
            return query
        return await self.surroundings.library.text(context.principal, query, wanted)

    async def _is_restricted(self, context: Context) -> bool:
        library = self.surroundings.library
        return library is not None and await library.is_restricted(context.principal)

    def parse_query_params(self, params: QueryParams) -> dict[str, Any]:
        """Read a GET request's operation; `documentId` may stand for its text."""
        return _naming_by_extension(super().parse_query_params(params))

    def decode_json(self, data: str | bytes) -> object:
        """Read a JSON object; NaN, lone surrogates and anything but an object are refused."""
        decoded = orjson.loads(data)
        if not isinstance(decoded, dict):
            raise json.JSONDecodeError("not a JSON object", "", 0)
        name = decoded.get("operationName")
        if name is not None and not isinstance(name, str):
            raise HTTPException(400, "The GraphQL operation's `operationName` must be a string.")
        return _naming_by_extension(decoded)

    def encode_json(self, data: object) -> str:
        """Write JSON as text: bytes would go out as a binary WebSocket message."""
        try:
            return orjson.dumps(data).decode()
        except TypeError:  # an integer beyond 64 bits in free-form JSON
            return json.dumps(data, separators=(",", ":"))

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """Give a code to errors that arose outside the extensions' reach."""
        if result.errors:
            result.errors = [coded(error) for error in result.errors]
        return await super().process_result(request, result)

    def _context(self, connection: HTTPConnection) -> Context:
        around = self.surroundings
        return Context(around.database, around.services, connection, around.budget)

    async def _opener(self, context: Context) -> Principal:
        """Return who opens a socket, and remember how to ask again: a ticket is good once."""
        names = {key.lower(): value for key, value in (context.connection_params or {}).items()}
        ticket, value = names.get("ticket"), names.get("authorization")
        if isinstance(ticket, str) and self.surroundings.redeem is not None:
            context.ask_again = await self.surroundings.redeem(ticket)
        else:
            context.ask_again = partial(self._caller, value if isinstance(value, str) else None)
        return await context.ask_again()

    async def _caller(self, authorization: str | None) -> Principal:
        return await self.surroundings.authenticate(bearer_of(authorization))


def refused(error: ShelfcastError) -> ExecutionResult:
    """Return an error as the result of an operation that was not begun."""
    return ExecutionResult(
        data=None, errors=[GraphQLError(error.message, extensions=error.extensions)]
    )


def _naming_by_extension(request: dict[str, Any]) -> dict[str, Any]:
    """Bring both ways to name a document to one: `documentId` to Apollo's extension."""
    if request.get("documentId") is None:
        return request
    named = {"persistedQuery": {"sha256Hash": request["documentId"]}}
    extensions = request.get("extensions")
    return request | {"extensions": {**extensions, **named} if extensions else named}


def bearer_of(authorization: str | None) -> str:
    """Return the token of an Authorization header.

    Raises:
        Unauthenticated: there is none.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("send an access token: Authorization: Bearer …")
    return token.strip()


def _is_browser(request: Request) -> bool:
    """Tell whether somebody opened the address in a browser."""
    params: Mapping[str, str] = request.query_params
    accepts_page = "text/html" in request.headers.get("accept", "")
    return request.method == "GET" and "query" not in params and accepts_page
