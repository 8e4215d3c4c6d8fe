"""What the agent asks of a way to reach devices."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from edge_agent.settings import DeviceSettings

_CLOSE_TIMEOUT_S = 5.0
MAX_UNSENT_BYTES = 64 * 1024
"""A device that takes nothing is given up rather than written to without end."""


class Parity(StrEnum):
    """The check bit behind each byte."""

    NONE = "none"
    EVEN = "even"
    ODD = "odd"


class FlowControl(StrEnum):
    """How either side says that it cannot take more."""

    NONE = "none"
    RTSCTS = "rtscts"
    XONXOFF = "xonxoff"


@dataclass(frozen=True, slots=True)
class SerialLine:
    """How a serial line is set; other ports ignore it."""

    baudrate: int = 9600
    data_bits: int = 8
    parity: Parity = Parity.NONE
    stop_bits: int = 1
    flow_control: FlowControl = FlowControl.NONE


class Port(Protocol):
    """An open port: it calls back with bytes until it is closed or lost."""

    def pause_reading(self) -> None:
        """Let bytes wait in the kernel."""
        ...

    def resume_reading(self) -> None:
        """Take bytes again."""
        ...

    def send(self, data: bytes) -> None:
        """Write bytes to the device, without waiting."""
        ...

    async def wait_lost(self) -> str:
        """Wait until the device hangs up and return why."""
        ...

    async def close(self) -> None:
        """Give the port back; harmless when it is lost already."""
        ...


OpenPort = Callable[["DeviceSettings", Callable[[bytes], None]], Awaitable[Port]]
"""Open a device's port and have its bytes delivered; raises DeviceLost when it cannot."""


class StreamPort(asyncio.Protocol):
    """A port over an asyncio transport, of whatever library."""

    def __init__(self, receive: Callable[[bytes], None]) -> None:
        self._receive = receive
        self._lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._transport: Any = None

    def attach(self, transport: Any) -> None:
        """Take over the transport that the library opened."""
        if not self._lost.done():
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Pass bytes on; called by the transport."""
        self._receive(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end of the line; called by the transport, which is of no use any more."""
        self._transport = None
        if not self._lost.done():
            self._lost.set_result((str(exc) or type(exc).__name__) if exc else "closed")

    def pause_reading(self) -> None:
        """Let bytes wait in the kernel, which stops the device when flow control is on."""
        if self._transport is not None and not self._lost.done():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Take bytes again."""
        if self._transport is not None and not self._lost.done():
            self._transport.resume_reading()

    def send(self, data: bytes) -> None:
        """Write bytes to the device; one that takes none is lost."""
        if self._transport is None or self._lost.done():
            return
        if self._transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            self._lost.set_result("takes no bytes")
            return
        try:
            self._transport.write(data)
        except OSError as exc:
            # serialx has met the failure and will tell of it later.
            self._lost.set_result(str(exc))

    async def wait_lost(self) -> str:
        """Wait until the device hangs up and return why."""
        return await asyncio.shield(self._lost)

    async def close(self) -> None:
        """Give the line back so that it can be opened again at once."""
        if self._transport is None:
            return
        self._transport.abort()
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await asyncio.shield(self._lost)
