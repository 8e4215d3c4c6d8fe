"""Devices on the network: port is `host:number`, or `[address]:number` for IPv6."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Final

from edge_agent.drivers.port import StreamPort
from edge_agent.errors import DeviceLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_agent.settings import DeviceSettings

_OPEN_TIMEOUT_S: Final = 10.0
# A device that lost its power says nothing any more: the kernel asks after 15 s, four times.
_KEEPALIVE: Final = (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4))


def split_address(text: str) -> tuple[str, int]:
    """Return host and port number; raises ValueError."""
    host, _, number = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not number.isdecimal() or not 0 < int(number) < 65536:
        raise ValueError(f"{text!r} is not host:number")
    return host, int(number)


async def open_port(device: DeviceSettings, receive: Callable[[bytes], None]) -> StreamPort:
    """Connect to a device.

    Raises:
        DeviceLost: it does not answer, or the address is none.
    """
    port = StreamPort(receive)
    try:
        host, number = split_address(device.port)
        async with asyncio.timeout(_OPEN_TIMEOUT_S):
            transport, _ = await asyncio.get_running_loop().create_connection(
                lambda: port, host, number
            )
    except (OSError, ValueError) as exc:
        raise DeviceLost(device.port, str(exc) or type(exc).__name__) from exc
    _keep_alive(transport.get_extra_info("socket"))
    port.attach(transport)
    return port


def _keep_alive(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
