"""Ways to reach devices: one file each, all named in the table `DRIVERS`."""

from __future__ import annotations

from edge_agent.drivers import serial
from edge_agent.drivers.port import OpenPort, Port

__all__ = ["DRIVERS", "OpenPort", "Port"]

DRIVERS: dict[str, OpenPort] = {
    "serial": serial.open_port,
}
