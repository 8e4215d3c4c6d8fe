"""The A0 family: modules on Impinj's R2000 and Indy chips (Invelion, IND903, YR902, AsReader).

A0 length address command data… checksum. The length counts what follows it; the checksum is the
two's complement of the sum of all bytes before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

from edge_agent.protocols.checksums import twos_complement
from edge_agent.protocols.events import Event, Garbage, GarbageReason, Notice, TagSeen, no_epc
from edge_agent.protocols.frames import MORE, NO_FRAME
from edge_agent.protocols.inventory import InventoryProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.toml_table import TomlTable

_START: Final = 0xA0
_MIN_LENGTH: Final = 3
_SET_ANTENNA: Final = 0x74
_REAL_TIME: Final = 0x89
_INVENTORIES: Final = {_REAL_TIME, 0x8A, 0x8B}
_SUMMARY_BYTES: Final = 7
_SUCCESS: Final = 0x10
# The reader's figure of 98 means -31 dBm, and one more is one dB more.
_RSSI_OFFSET: Final = -129


def frame(address: int, command: int, data: bytes = b"") -> bytes:
    """Build a frame, of either side."""
    body = bytes([_START, len(data) + 3, address, command]) + data
    return body + bytes([twos_complement(body, 8)])


@dataclass(frozen=True, slots=True)
class A0Options:
    """How to talk to the module."""

    default_driver: ClassVar[str] = "serial"
    default_baudrate: ClassVar[int] = 115200

    is_polled: bool = True
    """False: something else makes it look for tags, we only listen."""
    address: int = 0x01
    antennas: tuple[int, ...] = ()
    """Switched through round by round; empty: whichever the module is set to."""

    @classmethod
    def read(cls, table: TomlTable) -> Self:
        """Take the settings of a module from its table. Raises SettingsInvalid."""
        return cls(
            table.flag("poll", default=True),
            table.integer("address", 0x01, low=0, high=0xFF),
            table.integers("antennas", low=1, high=8),
        )

    def new_protocol(self) -> A0Protocol:
        """Return a protocol that has seen nothing yet."""
        return A0Protocol(self)


class A0Protocol(InventoryProtocol):
    """Ask for real-time inventories, antenna after antenna."""

    def __init__(self, options: A0Options) -> None:
        super().__init__(is_polled=options.is_polled)
        self._options = options
        self._rounds = 0

    def _question(self) -> bytes:
        options = self._options
        start = frame(options.address, _REAL_TIME, b"\x01")
        if not options.antennas:
            return start
        antenna = options.antennas[self._rounds % len(options.antennas)]
        self._rounds += 1
        # A module takes commands one after the other, so both may be sent at once.
        return frame(options.address, _SET_ANTENNA, bytes([antenna - 1])) + start

    def _measure(self, start: int) -> int:
        head = self._buffer[start : start + 2]
        if head[0] != _START:
            return NO_FRAME
        if len(head) < 2:
            return MORE
        return head[1] + 2 if head[1] >= _MIN_LENGTH else NO_FRAME

    def _is_sound(self, frame: bytes) -> bool:
        return twos_complement(frame[:-1], 8) == frame[-1]

    def _read_frame(self, frame: bytes) -> Iterator[Event]:
        command, data = frame[3], frame[4:-1]
        if command not in _INVENTORIES:
            yield Notice(frame, _describe(command, data))
        elif len(data) == _SUMMARY_BYTES:
            tags = int.from_bytes(data[3:] if command != 0x8A else data[:3], "big")
            self._end_round(has_tags=tags > 0)
            yield Notice(frame, f"end of inventory, {tags} reads")
        elif len(data) <= 2:
            self._end_round(has_tags=False)
            yield Notice(frame, f"inventory command, or its error {data.hex()}")
        else:
            yield _read_tag(frame, data)


def _read_tag(frame: bytes, data: bytes) -> TagSeen | Notice | Garbage:
    channel, pc, epc, strength = data[0], int.from_bytes(data[1:3], "big"), data[3:-1], data[-1]
    # Gen2: the upper five bits of PC count the words of the EPC.
    if len(epc) != (pc >> 11) * 2:
        return Garbage(frame, GarbageReason.MALFORMED)
    if not epc:
        return no_epc(frame)
    # Eight-port modules say in the highest bit of the strength that it is antenna 5 to 8.
    antenna = (channel & 0x03) + 1 + (4 if strength & 0x80 else 0)
    raw = strength & 0x7F
    return TagSeen(epc, antenna, raw + _RSSI_OFFSET, raw)


def _describe(command: int, data: bytes) -> str:
    if command == 0x72 and len(data) == 2:
        return f"firmware {data[0]}.{data[1]}"
    if command == _SET_ANTENNA and data and data[0] != _SUCCESS:
        return f"set antenna {data[0] + 1}"
    outcome = " success" if data == bytes([_SUCCESS]) else f" {data.hex()}" if data else ""
    return f"command {command:02X}{outcome}"
