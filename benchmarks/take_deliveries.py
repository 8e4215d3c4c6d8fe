"""Job: many sockets subscribe and take all messages; say what that cost the server."""

import asyncio
import json
import sys
import time
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.delivery import MESSAGES
from benchmarks.programs import cpu_seconds

_PROTOCOL = [Subprotocol("graphql-transport-ws")]
_INIT = '{"type":"connection_init","payload":{"authorization":"Bearer x"}}'
_SUBSCRIBE = (
    '{"id":"1","type":"subscribe","payload":{"query":'
    '"subscription { figures { number revenue at stores } }"}}'
)
SETTLING = 1.0


async def _main(job: dict[str, Any]) -> dict[str, Any]:
    address = f"127.0.0.1:{job['port']}"
    is_raw = job["kind"] == "raw"
    sockets = [await _subscribed(address, is_raw=is_raw) for _ in range(job["sockets"])]
    await asyncio.sleep(SETTLING)
    cpu, started = -cpu_seconds(job["pid"]), time.perf_counter()
    async with httpx2.AsyncClient() as http:
        await http.get(f"http://{address}/start")
    await asyncio.gather(*(_take(socket) for socket in sockets))
    cpu += cpu_seconds(job["pid"])
    seconds = time.perf_counter() - started
    await asyncio.gather(*(socket.close() for socket in sockets))
    return {"cpu": cpu, "seconds": seconds, "messages": MESSAGES * len(sockets)}


async def _subscribed(address: str, *, is_raw: bool) -> ClientConnection:
    protocols = None if is_raw else _PROTOCOL
    socket = await connect(
        f"ws://{address}/graphql", subprotocols=protocols, compression=None, max_queue=None
    )
    await socket.send(_INIT)
    await socket.recv()
    if not is_raw:
        await socket.send(_SUBSCRIBE)
    return socket


async def _take(socket: ClientConnection) -> None:
    for number in range(MESSAGES):
        message = await socket.recv()
        if f'"number":{number},'.encode() not in _text(message).replace(": ", ":").encode():
            raise RuntimeError(f"expected message {number}, got {message!r}")


def _text(message: str | bytes) -> str:
    return message if isinstance(message, str) else message.decode()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_main(json.load(sys.stdin)))))
