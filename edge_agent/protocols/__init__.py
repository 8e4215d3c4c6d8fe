"""Device protocols without I/O: bytes in, events and answers out; time comes in as silence.

A protocol is one file; `PROTOCOLS` is the one table that names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol, Self

from edge_agent.protocols.a0 import A0Options
from edge_agent.protocols.bb import BbOptions
from edge_agent.protocols.events import Broken, Event, Garbage, GarbageReason, Notice, Scan, TagSeen
from edge_agent.protocols.keyboard import KeyboardOptions
from edge_agent.protocols.lines import LineFraming, LineProtocol, Terminator
from edge_agent.protocols.llrp import LlrpOptions
from edge_agent.protocols.ssi import SsiOptions
from edge_agent.protocols.tsl import TslOptions
from edge_agent.protocols.uhfreader import UhfReader18Options, UhfReader288Options

if TYPE_CHECKING:
    from edge_agent.toml_table import TomlTable

__all__ = [
    "PROTOCOLS",
    "Broken",
    "DeviceProtocol",
    "Event",
    "Garbage",
    "GarbageReason",
    "LineFraming",
    "LineProtocol",
    "Notice",
    "ProtocolOptions",
    "Scan",
    "TagSeen",
    "Terminator",
    "decode_frames",
]


class DeviceProtocol(Protocol):
    """What the agent asks of every protocol; it has no clock and does no I/O."""

    @property
    def idle_gap_s(self) -> float:
        """Silence after which `receive_idle` is called while `is_waiting`; may change."""
        ...

    @property
    def is_waiting(self) -> bool:
        """Whether an idle gap would change anything."""
        ...

    def start(self) -> None:
        """Begin on a fresh connection: forget halves of frames, queue what wakes the device."""
        ...

    def receive_data(self, data: bytes) -> list[Event]:
        """Take bytes off the wire and return what they complete."""
        ...

    def receive_idle(self) -> list[Event]:
        """Return what silence completes, and queue what it calls for."""
        ...

    def receive_end(self) -> list[Event]:
        """Return what is left when the connection is gone."""
        ...

    def note_stored(self, scan: Scan, *, is_durable: bool) -> None:
        """Learn that a scan is on the disk, or was refused there."""
        ...

    def data_to_send(self) -> bytes:
        """Return, once, what the device should be sent; asked for after every other call."""
        ...


class ProtocolOptions(Protocol):
    """A protocol's settings: what the table `PROTOCOLS` holds."""

    default_driver: ClassVar[str]
    default_baudrate: ClassVar[int]

    @classmethod
    def read(cls, table: TomlTable) -> Self:
        """Take them from a device's table; raises SettingsInvalid."""
        ...

    def new_protocol(self) -> DeviceProtocol:
        """Return a protocol that has seen nothing yet."""
        ...


PROTOCOLS: dict[str, type[ProtocolOptions]] = {
    "lines": LineFraming,
    "ssi": SsiOptions,
    "llrp": LlrpOptions,
    "a0": A0Options,
    "uhfreader18": UhfReader18Options,
    "uhfreader288": UhfReader288Options,
    "bb": BbOptions,
    "tsl": TslOptions,
    "keyboard": KeyboardOptions,
}


def decode_frames(options: ProtocolOptions, data: bytes) -> list[Event]:
    """Return all that a byte string contains, as if the line broke off behind it."""
    machine = options.new_protocol()
    return [*machine.receive_data(data), *machine.receive_end()]
