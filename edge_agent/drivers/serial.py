"""Serial lines, real or emulated, through serialx."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import serialx

from edge_agent.drivers.port import FlowControl, Parity, StreamPort
from edge_agent.errors import DeviceLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_agent.settings import DeviceSettings

_OPEN_TIMEOUT_S = 10.0
_PARITIES: Final = {
    Parity.NONE: serialx.Parity.NONE,
    Parity.EVEN: serialx.Parity.EVEN,
    Parity.ODD: serialx.Parity.ODD,
}


async def open_port(device: DeviceSettings, receive: Callable[[bytes], None]) -> StreamPort:
    """Open the line of a device, exclusively.

    Raises:
        DeviceLost: there is no such node, it is in use, or it is no serial line.
    """
    port, line = StreamPort(receive), device.line
    try:
        async with asyncio.timeout(_OPEN_TIMEOUT_S):
            transport, _ = await serialx.create_serial_connection(
                asyncio.get_running_loop(), lambda: port, device.port, line.baudrate,
                _PARITIES[line.parity], serialx.StopBits(line.stop_bits),
                line.flow_control is FlowControl.XONXOFF, line.flow_control is FlowControl.RTSCTS,
                exclusive=True, byte_size=line.data_bits,
            )  # fmt: skip
    except (OSError, serialx.SerialException, ValueError) as exc:
        # termios.error is no OSError in Python 3.11, but serialx turns it into one.
        raise DeviceLost(device.port, str(exc) or type(exc).__name__) from exc
    port.attach(transport)
    return port
