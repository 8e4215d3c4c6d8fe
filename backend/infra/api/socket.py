"""One WebSocket of `graphql-transport-ws`, with executions shared between sockets."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson
from cross_web import HTTPException
from graphql import GraphQLError
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    SubscribeMessage,
)

from backend.core.errors import ShelfcastError, TooMuch
from backend.core.principal import Principal
from backend.infra.api.context import Context
from backend.infra.api.documents import wanted_id
from backend.infra.api.emission import Emission
from backend.infra.api.resuming import is_subscription
from backend.infra.api.shared_run import Produced
from backend.infra.api.sharing import Refused, Request

if TYPE_CHECKING:
    from backend.infra.api.transport import LiveView

INVALID: Final = 4400
TOO_BIG: Final = 1009
GONE: Final = (WebSocketDisconnect, RuntimeError, OSError)
"""What sending to a socket that is no longer there raises."""
log = logging.getLogger(__name__)


class SocketAdapter(ASGIWebSocketAdapter):
    """Reads messages of a bounded size."""

    async def iter_json(
        self, *, ignore_parsing_errors: bool = False
    ) -> AsyncGenerator[object, None]:
        """Yield the messages of the client until it leaves; a bad one ends the socket."""
        del ignore_parsing_errors
        most = self.view.most_characters  # pyright: ignore[reportAttributeAccessIssue]
        while self.ws.application_state != WebSocketState.DISCONNECTED:
            try:
                text = await self.ws.receive_text()
            except KeyError as exc:
                raise NonTextMessageReceived from exc
            except WebSocketDisconnect as exc:
                if exc.code == TOO_BIG:  # the server saw it first
                    self._note_size()
                return
            except RuntimeError:
                return
            if len(text) > most:
                self._note_size()
                await self.close(TOO_BIG, "Message too big")
                return
            try:
                message = self.view.decode_json(text)
            except (ValueError, HTTPException) as exc:
                raise NonJsonMessageReceived from exc
            yield message

    def _note_size(self) -> None:
        self.view.surroundings.note("message_size")  # pyright: ignore[reportAttributeAccessIssue]


class LiveOperation(Operation[Context, None]):
    """An operation that knows how far it got."""

    __slots__ = ("emission", "head", "wanted")

    def __init__(
        self, handler: "SocketHandler", operation_id: str, request: Request, wanted: str | None
    ) -> None:
        super().__init__(handler, operation_id, request.query, None, request.operation_name)
        self.variables = dict(request.variables or {})
        self.wanted = wanted
        """Id of the registered document it stands for; None where the text was sent."""
        self.emission = Emission()
        self.head = f'{{"id":{orjson.dumps(operation_id).decode()},"type":"next","payload":'

    @property
    def request(self) -> Request:
        """What the client asked for."""
        return Request(self.query, self.variables, self.operation_name)


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Serves one socket."""

    view: "LiveView"
    operations: dict[str, LiveOperation]  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sending_since: float | None = None
        assert isinstance(self.websocket, SocketAdapter)
        self._socket = self.websocket.ws

    @property
    def principal(self) -> Principal | None:
        """Who is at the other end."""
        return self.context.caller

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs on it."""
        return not self.operations

    async def authenticate_again(self) -> Principal:
        """Return what the token of connection_init is worth now."""
        return await self.view.authenticate_socket(self.context)

    def narrow(self, principal: Principal) -> None:
        """Begin every subscription anew where it stands, with other rights."""
        self.context = self.context.renew()
        self.context.caller = principal
        for operation in self.operations.values():
            if operation.task is None or not is_subscription(
                operation.query, operation.operation_name
            ):
                continue
            operation.task.cancel()
            operation.emission.permission_changed = True
            self._start(operation)

    async def warn(self, expires_at: datetime) -> None:
        """Say in a ping when the token expires: the client has time to open another socket."""
        payload = {"reason": "TOKEN_EXPIRES", "expiresAt": expires_at.isoformat()}
        await self.websocket.send_json({"type": "ping", "payload": payload})

    async def end(self, code: int, reason: str) -> None:
        """Close the socket."""
        await self.websocket.close(code, reason)

    async def handle(self) -> None:
        """Serve until either side closes."""
        try:
            await super().handle()
        finally:
            self.view.connections.remove(self)

    async def handle_connection_init_timeout(self) -> None:
        """Close the socket of a client that does not say who it is."""
        await super().handle_connection_init_timeout()
        if self.connection_timed_out:
            self.view.surroundings.note("init_timeout")

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Let the client in, and watch over it from then on."""
        await super().handle_connection_init(message)
        if self.connection_acknowledged:
            self.view.connections.add(self)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Begin an operation."""
        if not self.connection_acknowledged:
            await self.websocket.close(code=4401, reason="Unauthorized")
            return
        request, wanted = _request(message)
        number: Any = message.get("id")
        if request is None or not isinstance(number, str):
            await self.handle_invalid_message("Invalid subscribe message")
        elif number in self.operations:
            await self.websocket.close(code=4409, reason=f"Subscriber for {number} already exists")
        elif len(self.operations) >= (self.max_subscriptions_per_connection or 0):
            self.view.surroundings.note("subscriptions")
            extensions = {
                "code": TooMuch.code,
                "of": "subscriptions",
                "limit": self.max_subscriptions_per_connection,
            }
            error = {"message": "too many operations", "extensions": extensions}
            await self.websocket.send_json({"id": number, "type": "error", "payload": [error]})
        else:
            operation = self.operations[number] = LiveOperation(self, number, request, wanted)
            self._start(operation)

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Send the results of an operation until it is complete."""
        assert isinstance(operation, LiveOperation)
        try:
            with suppress(*GONE):
                await self._run(operation)
        except Exception:  # outermost: the socket must not hang
            log.exception("operation %s failed", operation.operation_name)
            self.operations.pop(operation.id, None)
            with suppress(*GONE):
                await self.websocket.close(code=1011, reason="Internal error")

    async def _run(self, operation: LiveOperation) -> None:
        sent = operation.query if operation.query or not operation.wanted else None
        try:
            query = await self.view.document_of(self.context, sent, operation.wanted)
        except ShelfcastError as exc:
            error = GraphQLError(exc.message, extensions=exc.extensions)
            await operation.send_initial_errors([error])
            return
        operation.query = query or ""
        executions = self.view.executions
        results = executions.results(operation.request, self.context, operation.emission)
        try:
            async with aclosing(results):
                async for batch in results:
                    for produced in batch:
                        await self._send(operation, produced)
        except Refused as refused:
            await operation.send_initial_errors(refused.errors)
        else:
            await operation.send_operation_message({"id": operation.id, "type": "complete"})

    async def _send(self, operation: LiveOperation, produced: Produced) -> None:
        if produced.position is not None:
            operation.emission.resume = produced.position
        text = operation.head + produced.text + "}"
        self.sending_since = asyncio.get_running_loop().time()
        await self._socket.send({"type": "websocket.send", "text": text})
        self.sending_since = None

    def _start(self, operation: LiveOperation) -> None:
        task = asyncio.get_running_loop().create_task(self.run_operation(operation))
        task.add_done_callback(self._task_done)
        operation.task = task


def _request(message: SubscribeMessage) -> tuple[Request | None, str | None]:
    """Return what a message asks for, and the id of the document it names instead of sending it.

    None for a message that is not as the protocol has it.
    """
    payload: Any = message.get("payload")
    if not isinstance(payload, dict):
        return None, None
    try:
        wanted = wanted_id(payload)
    except HTTPException:
        return None, None
    query, name = payload.get("query", "" if wanted else None), payload.get("operationName")
    variables = payload.get("variables")
    if not isinstance(query, str) or not isinstance(name, str | None):
        return None, None
    if not isinstance(variables, dict | None):
        return None, None
    return Request(query, variables, name), wanted
