"""What may stand between an agent and its backend: a proxy with a password, a server of HTTP/2."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket

from hypercorn.asyncio import serve
from hypercorn.config import Config


class Proxy:
    """An HTTP proxy that tunnels (CONNECT) for whoever knows its password."""

    def __init__(self) -> None:
        self.tunnels: list[str] = []
        self._tasks: set[asyncio.Task] = set()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        async with asyncio.timeout(5):
            await asyncio.gather(*self._tasks)

    async def _serve(self, reader, writer):
        if (task := asyncio.current_task()) is not None:
            self._tasks.add(task)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
        secret = base64.b64encode(b"shop:hunter2").decode()
        if f"Basic {secret}" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            await writer.wait_closed()
            return
        target = head.split()[1]
        self.tunnels.append(target)
        host, _, port = target.rpartition(":")
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))


async def _pump(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


class Http2Backend:
    """The fake backend behind hypercorn, which speaks HTTP/2 to those who ask for it by ALPN."""

    def __init__(self, backend, authority) -> None:
        self.backend = backend
        self.versions: list[str] = []
        self.clients: set = set()
        self.hangs = 0
        self._config = Config()
        self._config.certfile = str(authority.cert_file)
        self._config.keyfile = str(authority.key_file)
        # A client that keeps its connection must not hold up the end of a test.
        self._config.graceful_timeout = self._config.shutdown_timeout = 0.2
        self._config.accesslog = self._config.errorlog = None
        self._stop = asyncio.Event()

    async def __aenter__(self):
        listening = socket.create_server(("127.0.0.1", 0))
        self.backend.tls = True
        self.backend.port = listening.getsockname()[1]
        self._config.bind = [f"fd://{listening.detach()}"]
        self._task = asyncio.create_task(
            serve(self._app, self._config, shutdown_trigger=self._stop.wait)
        )
        return self

    async def __aexit__(self, *_):
        self._stop.set()
        await self._task

    async def _app(self, scope, receive, send):
        if scope["type"] != "http":
            return
        body, message = b"", {"more_body": True}
        while message.get("more_body"):
            message = await receive()
            body += message.get("body", b"")
        self.versions.append(scope["http_version"])
        self.clients.add(tuple(scope["client"]))
        if self.hangs and scope["path"] == "/graphql":
            self.hangs -= 1
            await self._stop.wait()
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        answer = self.backend.answer(scope["path"], headers, body)
        fields = [
            (name.lower().encode(), value.encode())
            for name, value in {**self.backend.fields(), **answer.headers}.items()
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": fields})
        await send({"type": "http.response.body", "body": answer.body})
