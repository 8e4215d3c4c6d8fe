"""Ways to reach devices: one file each, all named in the table `DRIVERS`."""

from __future__ import annotations

import importlib
from typing import Final

from edge_agent.drivers.port import OpenPort, Port, SerialLine

__all__ = ["DRIVERS", "OpenPort", "Port", "SerialLine", "load_driver"]

DRIVERS: Final = {
    "serial": "edge_agent.drivers.serial",
    "pyserial": "edge_agent.drivers.pyserial",
    "tcp": "edge_agent.drivers.tcp",
    "evdev": "edge_agent.drivers.evdev",
}
"""Modules with a coroutine `open_port`; loaded when used, so an extra may be missing."""


def load_driver(name: str) -> OpenPort:
    """Return the coroutine that opens ports; raises ImportError when its extra is missing."""
    return importlib.import_module(DRIVERS[name]).open_port
