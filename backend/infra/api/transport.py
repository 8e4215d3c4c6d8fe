"""GraphQL live: sockets and event streams on executions that subscribers share."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from cross_web import HTTPException
from starlette.requests import Request as HTTPRequest
from strawberry.schema import Schema
from strawberry.types.unset import UNSET

from backend.core.principal import Principal
from backend.infra.api.connections import Connections
from backend.infra.api.context import Context
from backend.infra.api.documents import wanted_id
from backend.infra.api.event_stream import EventStream
from backend.infra.api.sharing import Executions, Request
from backend.infra.api.socket import SocketAdapter, SocketHandler
from backend.infra.api.view import GraphQLView, Surroundings


class LiveView(GraphQLView):
    """The endpoint /graphql with its live transports. Serve within `running`."""

    graphql_transport_ws_handler_class = SocketHandler
    websocket_adapter_class = SocketAdapter

    def __init__(self, schema: Schema, surroundings: Surroundings) -> None:
        super().__init__(schema, surroundings)
        limits = surroundings.limits
        self.connection_init_wait_timeout = limits.init_timeout
        self.max_subscriptions_per_connection = limits.max_subscriptions
        self.most_characters = limits.max_message_bytes
        """Longest message of a socket."""
        self.connections = Connections(limits, surroundings.note)
        """What is open."""
        self.executions = Executions(schema)
        """What runs, for one subscriber or for many."""

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Watch over live connections; end them with everything they run."""
        self.connections.start()
        try:
            yield
        finally:
            await self.connections.close()
            await self.executions.close()

    def admit(self, who: Principal) -> None:
        """Refuse one connection too many.

        Raises:
            TooManyConnections: the client has as many as it may have.
        """
        self.connections.admit(who)

    async def authenticate_socket(self, context: Context) -> Principal:
        """Return what the token behind `connection_init` is worth now.

        Raises:
            Unauthenticated: nothing any more.
        """
        assert context.ask_again is not None, "only sockets that were let in are asked about"
        return await context.ask_again()

    async def caller_of(self, authorization: str | None) -> Principal:
        """Return whose token an Authorization header carries.

        Raises:
            Unauthenticated: nobody's.
        """
        return await self._caller(authorization)

    async def run(self, request: Any, context: Any = UNSET, root_value: Any = UNSET) -> Any:
        """Answer a request, as an event stream where the client asks for one; serve a socket."""
        if isinstance(request, HTTPRequest) and _accepts_events(request):
            return await self._event_stream(request, context)
        return await super().run(request, context, root_value)

    async def _event_stream(self, request: HTTPRequest, context: Context) -> EventStream:
        if request.method != "POST":
            raise HTTPException(405, "Ask for an event stream with POST.")
        try:
            data = await self.parse_http_body(self.request_adapter_class(request))
        except ValueError as exc:
            raise HTTPException(400, "Unable to parse request body as JSON") from exc
        if isinstance(data, list):
            raise HTTPException(400, "An event stream is the answer to one operation")
        named = wanted_id({"extensions": data.extensions})
        query = await self.document_of(context, data.query, named)
        if query is None:
            raise HTTPException(400, "No GraphQL query found in the request")
        self.admit(context.principal)
        asked = Request(query, data.variables, data.operation_name)
        return EventStream(self, context, asked)


def _accepts_events(request: HTTPRequest) -> bool:
    accepted = request.headers.get("accept", "").lower().split(",")
    return any(one.partition(";")[0].strip() == "text/event-stream" for one in accepted)
