"""A TCP port that behaves as a networked reader does: one client at a time; it can be unplugged."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Final

_POLL_S: Final = 0.005
_RECEIVE_BYTES: Final = 65536


class TcpPort:
    """A listening socket with at most one connection; number 0 takes a free one and keeps it."""

    def __init__(self, host: str = "127.0.0.1", number: int = 0) -> None:
        self._address = (host, number)
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None
        self._heard = bytearray()
        self.plug()

    @property
    def port(self) -> str:
        """The address to give to the agent."""
        host, number = self._address
        return f"{host}:{number}"

    @property
    def is_plugged(self) -> bool:
        """Whether anybody can connect."""
        return self._listener is not None

    @property
    def is_opened(self) -> bool:
        """Whether a client is connected."""
        self._accept()
        self._receive()
        return self._client is not None

    def plug(self) -> None:
        """Begin to listen."""
        if self._listener is not None:
            return
        self._listener = socket.create_server(self._address)
        self._listener.setblocking(False)
        self._address = self._listener.getsockname()[:2]

    def unplug(self) -> None:
        """Drop the client and listen no more."""
        self._drop()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def wait_opened(self, timeout_s: float = 10.0) -> None:
        """Wait for a client; raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not self.is_opened:  # noqa: ASYNC110 - polled like the pty
                await asyncio.sleep(_POLL_S)

    async def send(self, data: bytes) -> None:
        """Send bytes, waiting while the client does not read; raises OSError without one."""
        while data:
            if self._client is None:
                raise ConnectionError("nobody is connected")
            try:
                data = data[self._client.send(data) :]
            except BlockingIOError:
                await asyncio.sleep(_POLL_S)

    def take_heard(self) -> bytes:
        """Return, once, what the client has sent."""
        self._receive()
        heard = bytes(self._heard)
        self._heard.clear()
        return heard

    async def wait_read(self, timeout_s: float = 10.0) -> None:
        """Wait a moment: a network promises no more."""
        await asyncio.sleep(min(timeout_s, 10 * _POLL_S))

    def _accept(self) -> None:
        if self._client is None and self._listener is not None:
            with contextlib.suppress(BlockingIOError):
                self._client, _ = self._listener.accept()
                self._client.setblocking(False)

    def _receive(self) -> None:
        if self._client is None:
            return
        try:
            data = self._client.recv(_RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._heard += data
        if not data:
            self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
        self._heard.clear()
