"""Serial lines, real or emulated, through serialx."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import serialx

from edge_agent.errors import DeviceLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_agent.settings import DeviceSettings

_OPEN_TIMEOUT_S = 10.0
_CLOSE_TIMEOUT_S = 5.0


class SerialPort(asyncio.Protocol):
    """One open line; serialx holds it exclusively."""

    def __init__(self, receive: Callable[[bytes], None]) -> None:
        self._receive = receive
        self._lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._transport: serialx.BaseSerialTransport | None = None

    def attach(self, transport: serialx.BaseSerialTransport) -> None:
        """Take over the line that serialx opened."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Pass bytes on; called by serialx."""
        self._receive(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end of the line; called by serialx."""
        if not self._lost.done():
            self._lost.set_result(str(exc) if exc else "closed")

    def pause_reading(self) -> None:
        """Let bytes wait in the kernel, which stops the device when flow control is on."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Take bytes again."""
        if self._transport is not None:
            self._transport.resume_reading()

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


async def open_port(device: DeviceSettings, receive: Callable[[bytes], None]) -> SerialPort:
    """Open the line of a device.

    Raises:
        DeviceLost: there is no such node, it is in use, or it is no serial line.
    """
    port = SerialPort(receive)
    try:
        async with asyncio.timeout(_OPEN_TIMEOUT_S):
            transport, _ = await serialx.create_serial_connection(
                asyncio.get_running_loop(), lambda: port, device.port, device.baudrate
            )
    except (OSError, serialx.SerialException, ValueError) as exc:
        # termios.error is no OSError in Python 3.11, but serialx turns it into one.
        raise DeviceLost(device.port, str(exc) or type(exc).__name__) from exc
    port.attach(transport)
    return port
