"""Zebra SSI: packets that the scanner repeats until the host acknowledges them.

length opcode source status data… checksum(2). The length counts all but the checksum, which is the
two's complement of the sum, most significant byte first. A scan is acknowledged once it is on the
disk, so the scanner's own beep says that the read is safe; a refused one is not acknowledged, and
the scanner beeps its error after two repetitions.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, ClassVar, Final, Self

from edge_agent.protocols.checksums import twos_complement
from edge_agent.protocols.events import Event, Garbage, GarbageReason, Notice, Scan
from edge_agent.protocols.frames import MORE, NO_FRAME, FrameProtocol
from edge_agent.protocols.lines import AIM_IDENTIFIER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.toml_table import TomlTable

_MIN_LENGTH: Final = 4
_CHECKSUM_BYTES: Final = 2
_DECODER, _HOST = 0x00, 0x04
_ACK, _NAK, _DECODE_DATA, _EVENT = 0xD0, 0xD1, 0xF3, 0xF6
_NAK_RESEND: Final = 0x01
_RETRANSMIT, _CONTINUATION = 0x01, 0x02
MAX_SCAN_BYTES: Final = 16 * 1024
"""Of a scan in several packets; a PDF417 or QR code stays far below."""

# What scanners send. Anything else in front of a matching checksum is noise.
_OPCODES: Final = {
    _ACK: "acknowledgement",
    _NAK: "refusal",
    _DECODE_DATA: "scan",
    _EVENT: "event",
    0xA4: "revision",
    0xA6: "identity",
    0xC6: "parameters",
    0xD4: "capabilities",
}
# Zebra's code types with the AIM identifier (ISO/IEC 15424) that says the same.
_AIM_OF_TYPE: Final = {
    0x01: "]A0", 0x02: "]F0", 0x03: "]C0", 0x06: "]I0", 0x07: "]G0", 0x08: "]E0", 0x09: "]E0",
    0x0A: "]E4", 0x0B: "]E0", 0x0F: "]C1", 0x11: "]L0", 0x1B: "]d1", 0x1C: "]Q1", 0x2D: "]z0",
    0x30: "]e0", 0x31: "]e0", 0x32: "]e0",
}  # fmt: skip


def packet(opcode: int, data: bytes = b"", *, source: int = _HOST, status: int = 0) -> bytes:
    """Build a packet."""
    body = bytes([_MIN_LENGTH + len(data), opcode, source, status]) + data
    return body + twos_complement(body, 16).to_bytes(2, "big")


ACK: Final = packet(_ACK)
NAK: Final = packet(_NAK, bytes([_NAK_RESEND]))


class _Fate(Enum):
    PENDING = auto()
    DURABLE = auto()
    REFUSED = auto()


@dataclass(slots=True)
class _Last:
    """The newest packet that held the end of a scan, and what became of the scan."""

    body: bytes
    scan: Scan
    fate: _Fate = _Fate.PENDING


@dataclass(frozen=True, slots=True)
class SsiOptions:
    """SSI has nothing to set here: the scanner is set up by its own codes."""

    default_driver: ClassVar[str] = "serial"
    default_baudrate: ClassVar[int] = 9600

    @classmethod
    def read(cls, table: TomlTable) -> Self:  # noqa: ARG003 - the form of all protocols
        """Take nothing from the table."""
        return cls()

    def new_protocol(self) -> SsiProtocol:
        """Return a protocol that has seen nothing yet."""
        return SsiProtocol()


class SsiProtocol(FrameProtocol):
    """Take scans, acknowledge the durable ones, drop what the scanner repeats meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self._parts = bytearray()
        self._last_part: bytes = b""
        self._last: _Last | None = None

    def start(self) -> None:
        """Begin on a fresh connection; a repetition of the last scan is still recognised."""
        super().start()
        self._parts.clear()
        self._last_part = b""

    def receive_idle(self) -> list[Event]:
        """Return what silence completes; ask for a packet again that came damaged."""
        events = super().receive_idle()
        if any(isinstance(event, Garbage) for event in events):
            self._outgoing += NAK
        return events

    def note_stored(self, scan: Scan, *, is_durable: bool) -> None:
        """Acknowledge a durable scan; say nothing of a refused one, so that it is repeated."""
        last = self._last
        if is_durable:
            self._outgoing += ACK
        if last is not None and last.scan is scan:
            last.fate = _Fate.DURABLE if is_durable else _Fate.REFUSED

    def _measure(self, start: int) -> int:
        head = self._buffer[start : start + 3]
        if head[0] < _MIN_LENGTH:
            return NO_FRAME
        if len(head) > 1 and head[1] not in _OPCODES:
            return NO_FRAME
        if len(head) > 2 and head[2] not in (_DECODER, _HOST):
            return NO_FRAME
        return head[0] + _CHECKSUM_BYTES if len(head) == 3 else MORE

    def _is_sound(self, frame: bytes) -> bool:
        body, checksum = frame[:-2], frame[-2:]
        return twos_complement(body, 16) == int.from_bytes(checksum, "big")

    def _read_frame(self, frame: bytes) -> Iterator[Event]:
        opcode, status, data = frame[1], frame[3], frame[4:-2]
        if opcode == _DECODE_DATA:
            yield from self._read_decode_data(status, data, frame)
            return
        if opcode == _EVENT:
            self._outgoing += ACK
        who = "host" if frame[2] == _HOST else "scanner"
        yield Notice(frame, f"{_OPCODES[opcode]} of the {who}")

    def _read_decode_data(self, status: int, data: bytes, frame: bytes) -> Iterator[Event]:
        is_repeated = bool(status & _RETRANSMIT)
        if status & _CONTINUATION:
            # The scanner sends the next packet only after this one is acknowledged.
            self._outgoing += ACK
            if not (is_repeated and data == self._last_part):
                self._parts += data[1:]
            self._last_part = data
            if len(self._parts) > MAX_SCAN_BYTES:
                yield Garbage(bytes(self._parts), GarbageReason.OVERSIZED)
                self._parts.clear()
            yield Notice(frame, "part of a scan")
            return
        if is_repeated and self._last is not None and self._last.body == data:
            yield from self._repeat(self._last, frame)
            return
        text = bytes(self._parts) + data[1:]
        self._parts.clear()
        self._last_part = b""
        if not text:
            self._outgoing += ACK
            yield Garbage(frame, GarbageReason.EMPTY)
            return
        aim = AIM_IDENTIFIER.match(text)
        scan = Scan(text, aim.group().decode("ascii") if aim else _AIM_OF_TYPE.get(data[0]))
        self._last = _Last(data, scan)
        yield scan

    def _take_noise(self) -> Iterator[Event]:
        """Forget an acknowledged scan when noise follows it.

        The noise was the next scan, damaged. If that is the same code once more, its repetition
        looks like one of the acknowledged scan, and dropping it would lose a read.
        """
        if self._noise and self._last is not None and self._last.fate is _Fate.DURABLE:
            self._last = None
        yield from super()._take_noise()

    def _repeat(self, last: _Last, frame: bytes) -> Iterator[Event]:
        """Answer a packet that came before: its acknowledgement was lost, or is yet to come."""
        if last.fate is _Fate.REFUSED:
            last.fate = _Fate.PENDING
            yield last.scan
            return
        if last.fate is _Fate.DURABLE:
            self._outgoing += ACK
        yield Notice(frame, "repetition of a scan")
