"""From a token's revocation to its closed socket, in the process that was asked and in another."""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from typing import Final

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from backend.core.scopes import Scope
from benchmarks import instance
from benchmarks.programs import free_port, serving
from benchmarks.results import Figure, Result, at_most, percentile

REVOCATIONS: Final = 200
SOCKETS: Final = 50
"""Open at a time, half of them in each process."""
FORBIDDEN: Final = 4403
_PROTOCOL: Final = Subprotocol("graphql-transport-ws")
_SUBSCRIBE: Final = {
    "id": "1",
    "type": "subscribe",
    "payload": {"query": "subscription { stockChanged { onHand } }"},
}


async def run() -> Result:
    """Revoke one token after the other while their sockets listen."""
    async with instance.running() as installation:
        login = await instance.make_client(
            installation.owner_url, installation.org_id, "screens", Scope.STOCK_READ
        )
        port = free_port()
        # The public address stays the first one's: that is who issued the tokens.
        environment = instance.environment_of(installation.owner_url, installation.port)
        words = ["backend.programs.server", "--port", str(port)]
        async with serving(words, environment, f"http://127.0.0.1:{port}/readyz"):
            seconds: dict[int, list[float]] = {installation.port: [], port: []}
            for _ in range(REVOCATIONS // SOCKETS):
                await _round(seconds, login)
    asked, other = seconds.values()
    notes = [f"{REVOCATIONS} revocations one after the other, {SOCKETS} sockets open, no Redis"]
    return Result("revocation", [*_figures("asked", asked), *_figures("other", other)], notes)


async def _round(seconds: dict[int, list[float]], login: tuple[str, str]) -> None:
    ports = list(seconds)
    async with (
        AsyncExitStack() as stack,
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{ports[0]}", auth=login) as http,
    ):
        opened: list[tuple[int, str, ClientConnection]] = []
        for number in range(SOCKETS):
            port, token = ports[number % 2], await _token(http)
            url = f"ws://127.0.0.1:{port}/graphql"
            socket = await stack.enter_async_context(connect(url, subprotocols=[_PROTOCOL]))
            await _listen(socket, token)
            opened.append((port, token, socket))
        for port, token, socket in opened:
            closed = asyncio.create_task(_closed(socket))
            (await http.post("/oauth/revoke", data={"token": token})).raise_for_status()
            answered = time.perf_counter()
            seconds[port].append(max(0.0, await closed - answered))


async def _token(http: httpx2.AsyncClient) -> str:
    answer = await http.post("/oauth/token", data={"grant_type": "client_credentials"})
    return answer.raise_for_status().json()["access_token"]


async def _listen(socket: ClientConnection, token: str) -> None:
    payload = {"authorization": f"Bearer {token}"}
    await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
    if json.loads(await socket.recv())["type"] != "connection_ack":
        raise RuntimeError("the socket was not let in")
    await socket.send(json.dumps(_SUBSCRIBE))


async def _closed(socket: ClientConnection) -> float:
    """Return when the server closed the socket for want of rights."""
    try:
        async with asyncio.timeout(10):
            while True:
                await socket.recv()
    except ConnectionClosed as closed:
        if closed.rcvd is None or closed.rcvd.code != FORBIDDEN:
            raise
        return time.perf_counter()


def _figures(which: str, seconds: list[float]) -> list[Figure]:
    milliseconds = [each * 1000 for each in seconds]
    name = "the process asked" if which == "asked" else "another process"
    return [
        Figure(f"closed in {name}, p50", percentile(milliseconds, 50), "ms"),
        at_most(f"closed in {name}, p99", percentile(milliseconds, 99), "ms", 1000),
    ]
