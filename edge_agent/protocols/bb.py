"""BB … 7E modules: M100, QM100, YRM100, JRD-4035, R200.

BB type command length(2) data… checksum 7E. The checksum is the sum of all from type to data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

from edge_agent.protocols.checksums import crc16_gen2
from edge_agent.protocols.events import Event, Garbage, GarbageReason, Notice, TagSeen, no_epc
from edge_agent.protocols.frames import MORE, NO_FRAME
from edge_agent.protocols.inventory import InventoryProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.toml_table import TomlTable

_START, _END = 0xBB, 0x7E
_HEAD_BYTES: Final = 5
_MAX_DATA_BYTES: Final = 256
_COMMAND, _RESPONSE, _NOTICE = 0x00, 0x01, 0x02
_TAG: Final = 0x22
_MULTIPLE: Final = 0x27
_ERROR: Final = 0xFF
_NO_TAG: Final = 0x15
_ROUNDS: Final = 10_000
_MEANINGS: Final = {
    0x03: "module information",
    _TAG: "single inventory",
    _MULTIPLE: "multiple inventory",
    0x28: "stop of multiple inventory",
}


def frame(kind: int, command: int, data: bytes = b"") -> bytes:
    """Build a frame, of either side."""
    body = bytes([kind, command]) + len(data).to_bytes(2, "big") + data
    return bytes([_START]) + body + bytes([sum(body) & 0xFF, _END])


@dataclass(frozen=True, slots=True)
class BbOptions:
    """How to talk to the module."""

    default_driver: ClassVar[str] = "serial"
    default_baudrate: ClassVar[int] = 115200

    is_polled: bool = True
    """False: something else makes it look for tags, we only listen."""

    @classmethod
    def read(cls, table: TomlTable) -> Self:
        """Take the settings of a module from its table. Raises SettingsInvalid."""
        return cls(table.flag("poll", default=True))

    def new_protocol(self) -> BbProtocol:
        """Return a protocol that has seen nothing yet."""
        return BbProtocol(self)


class BbProtocol(InventoryProtocol):
    """Start a long series of rounds; start it again when the module falls silent."""

    def __init__(self, options: BbOptions) -> None:
        super().__init__(is_polled=options.is_polled)

    def _question(self) -> bytes:
        return frame(_COMMAND, _MULTIPLE, b"\x22" + _ROUNDS.to_bytes(2, "big"))

    def _measure(self, start: int) -> int:
        head = self._buffer[start : start + _HEAD_BYTES]
        if head[0] != _START or (len(head) > 1 and head[1] > _NOTICE):
            return NO_FRAME
        if len(head) < _HEAD_BYTES:
            return MORE
        length = int.from_bytes(head[3:5], "big")
        return length + _HEAD_BYTES + 2 if length <= _MAX_DATA_BYTES else NO_FRAME

    def _is_sound(self, frame: bytes) -> bool:
        return frame[-1] == _END and sum(frame[1:-2]) & 0xFF == frame[-2]

    def _read_frame(self, frame: bytes) -> Iterator[Event]:
        kind, command, data = frame[1], frame[2], frame[_HEAD_BYTES:-2]
        if kind == _NOTICE and command == _TAG:
            yield _read_tag(frame, data)
        elif command == _ERROR:
            yield Notice(frame, "no tag" if data[0] == _NO_TAG else f"error {data[0]:02X}")
        else:
            side = "command" if kind == _COMMAND else "reply"
            yield Notice(frame, f"{_MEANINGS.get(command, f'{command:02X}')} ({side})")


def _read_tag(frame: bytes, data: bytes) -> TagSeen | Notice | Garbage:
    """Read strength, PC, EPC and the tag's own CRC over both, our second check."""
    pc, epc, crc = data[1:3], data[3:-2], data[-2:]
    words = int.from_bytes(pc, "big") >> 11
    if len(data) < _HEAD_BYTES or len(epc) != words * 2:
        return Garbage(frame, GarbageReason.MALFORMED)
    if crc16_gen2(pc + epc) != int.from_bytes(crc, "big"):
        return Garbage(frame, GarbageReason.CHECKSUM)
    if not epc:
        return no_epc(frame)
    rssi = data[0] - 256 if data[0] > 127 else data[0]
    return TagSeen(epc, rssi=rssi, rssi_raw=rssi)
