"""Device protocols without I/O: bytes in, events out; time comes in as a call to `receive_idle`.

A protocol is one file; `PROTOCOLS` is the one table that names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from edge_agent.protocols.events import Event, Garbage, GarbageReason, Scan
from edge_agent.protocols.lines import LineFraming, LineProtocol, Terminator

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "PROTOCOLS",
    "DeviceProtocol",
    "Event",
    "Garbage",
    "GarbageReason",
    "LineFraming",
    "Scan",
    "Terminator",
    "decode_frames",
]


class DeviceProtocol(Protocol):
    """What the agent asks of every protocol."""

    idle_gap_s: float
    """Silence after which `receive_idle` is called while `is_waiting`."""

    @property
    def is_waiting(self) -> bool:
        """Whether an idle gap would change anything."""
        ...

    def receive_data(self, data: bytes) -> list[Event]:
        """Take bytes off the wire and return what they complete."""
        ...

    def receive_idle(self) -> list[Event]:
        """Return what silence completes."""
        ...


PROTOCOLS: dict[str, Callable[[LineFraming], DeviceProtocol]] = {
    "lines": LineProtocol,
}


def decode_frames(protocol: str, framing: LineFraming, data: bytes) -> list[Event]:
    """Return all that a byte string contains, as if the line fell silent behind it."""
    machine = PROTOCOLS[protocol](framing)
    return [*machine.receive_data(data), *machine.receive_idle()]
