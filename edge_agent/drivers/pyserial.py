"""Serial lines through pyserial-asyncio, for ports that serialx cannot open; an extra."""

# The library has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import asyncio
import termios
from typing import TYPE_CHECKING, Final

import serial
import serial_asyncio

from edge_agent.drivers.port import FlowControl, Parity, StreamPort
from edge_agent.errors import DeviceLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_agent.settings import DeviceSettings

_PARITIES: Final = {
    Parity.NONE: serial.PARITY_NONE,
    Parity.EVEN: serial.PARITY_EVEN,
    Parity.ODD: serial.PARITY_ODD,
}


async def open_port(device: DeviceSettings, receive: Callable[[bytes], None]) -> StreamPort:
    """Open the line of a device, exclusively.

    Raises:
        DeviceLost: there is no such node, it is in use, or it is no serial line.
    """
    port, line = StreamPort(receive), device.line
    try:
        transport, _ = await serial_asyncio.create_serial_connection(
            asyncio.get_running_loop(), lambda: port, device.port,
            baudrate=line.baudrate, bytesize=line.data_bits, parity=_PARITIES[line.parity],
            stopbits=line.stop_bits, xonxoff=line.flow_control is FlowControl.XONXOFF,
            rtscts=line.flow_control is FlowControl.RTSCTS, exclusive=True,
        )  # fmt: skip
    except (OSError, ValueError, termios.error) as exc:
        # termios.error is no OSError in Python 3.11.
        raise DeviceLost(device.port, str(exc) or type(exc).__name__) from exc
    port.attach(transport)
    return port
