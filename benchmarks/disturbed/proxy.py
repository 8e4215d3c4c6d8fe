"""The network between agent and backend: a loopback proxy that can be made as bad as any."""

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final

_CHUNK: Final = 65536
_RESET: Final = struct.pack("ii", 1, 0)
_PAGE: Final = b"<html><body>Welcome! Please accept our terms.</body></html>"
_PORTAL: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(_PAGE) + _PAGE
)
_FROZEN_S: Final = 30.0

Pass = Callable[[bytes], Awaitable[bytes | None]]


class Weather(StrEnum):
    """What the network does to every connection."""

    FINE = "fine"
    REFUSED = "refused"
    CUT = "cut"
    """The connection is reset within an answer."""
    SLOW = "slow"
    HALF_CLOSED = "half-closed"
    """The answer ends in the middle."""
    REPLY_LOST = "reply lost"
    """The backend gets the request, nobody gets its answer."""
    PORTAL = "captive portal"
    GARBAGE = "garbage"
    FROZEN = "frozen"


class Proxy:
    """Listens on a port of its own; `weather` may be changed at any moment."""

    def __init__(self, target: int, rng: random.Random) -> None:
        self._target = target
        self._rng = rng
        self._weather = Weather.FINE
        self._writers: set[asyncio.StreamWriter] = set()
        self._ending = asyncio.Event()
        self.port = 0

    async def start(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """End all connections."""
        self._server.close()
        self._ending.set()
        self._drop_all()
        await self._server.wait_closed()

    @property
    def weather(self) -> Weather:
        """What the network is like."""
        return self._weather

    @weather.setter
    def weather(self, weather: Weather) -> None:
        self._weather = weather
        self._drop_all()

    def _drop_all(self) -> None:
        for writer in list(self._writers):
            _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._treat(reader, writer)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _treat(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        match self._weather:
            case Weather.REFUSED:
                _reset(writer)
            case Weather.FROZEN:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._ending.wait(), _FROZEN_S)
            case Weather.PORTAL | Weather.GARBAGE:
                await reader.read(_CHUNK)
                is_portal = self._weather is Weather.PORTAL
                writer.write(_PORTAL if is_portal else self._rng.randbytes(300))
                await writer.drain()
            case _:
                await self._connect(reader, writer)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers.add(outer)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(reader, outer, _unchanged))
                group.create_task(_pump(inner, writer, self._passing(writer)))
        except* OSError:
            pass
        finally:
            self._writers.discard(outer)
            _reset(outer)

    def _passing(self, writer: asyncio.StreamWriter) -> Pass:
        """Return what becomes of the backend's bytes; None ends the connection."""
        weather = self._weather

        async def passing(data: bytes) -> bytes | None:
            match weather:
                case Weather.SLOW:
                    await asyncio.sleep(self._rng.uniform(0.05, 0.5))
                case Weather.CUT:
                    writer.write(data[: self._rng.randrange(len(data))])
                    _reset(writer)
                    return None
                case Weather.HALF_CLOSED:
                    writer.write(data[: self._rng.randrange(len(data))])
                    return None
                case Weather.REPLY_LOST:
                    _reset(writer)
                    return None
                case _:
                    pass
            return data

        return passing


async def _unchanged(data: bytes) -> bytes:
    return data


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passing: Pass) -> None:
    try:
        while data := await reader.read(_CHUNK):
            if (changed := await passing(data)) is None:
                break
            writer.write(changed)
            await writer.drain()
    finally:
        writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a broken line does, not with a farewell."""
    line = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
