"""Barcode scanners that send text: [prefix][AIM identifier][data][suffix][terminator]."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Self

from edge_agent.protocols.events import Event, Garbage, GarbageReason, Scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.toml_table import TomlTable

MAX_FRAME_BYTES = 4096
"""Longer than any code a line scanner reads (QR holds 2,953 bytes, 4,296 letters in theory)."""

# ISO/IEC 15424: flag "]", a letter for the symbology, a modifier.
AIM_IDENTIFIER = re.compile(rb"\][A-Za-z][0-9A-Za-z]")


class Terminator(StrEnum):
    """What ends a scan on the wire."""

    CR = "cr"
    LF = "lf"
    CRLF = "crlf"
    ETX = "etx"
    ANY = "any"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class _Ending:
    pattern: re.Pattern[bytes] | None
    length: int
    """Bytes past the longest frame that must be seen before it counts as too long."""
    idle_gap_ms: int


# With a terminator the gap only rescues a scan that lost it, so it waits longer: a short one
# would cut a scan in two when a USB hub stutters.
_ENDINGS = {
    Terminator.CR: _Ending(re.compile(rb"\r"), 1, 500),
    Terminator.LF: _Ending(re.compile(rb"\n"), 1, 500),
    Terminator.CRLF: _Ending(re.compile(rb"\r\n"), 2, 500),
    Terminator.ETX: _Ending(re.compile(rb"\x03"), 1, 500),
    Terminator.ANY: _Ending(re.compile(rb"[\r\n]"), 1, 50),
    Terminator.IDLE: _Ending(None, 1, 50),
}


@dataclass(frozen=True, slots=True)
class LineFraming:
    """How a scanner is set up; prefix and suffix come off when present, never more."""

    default_driver: ClassVar[str] = "serial"
    default_baudrate: ClassVar[int] = 9600

    terminator: Terminator = Terminator.ANY
    prefix: bytes = b""
    suffix: bytes = b""
    idle_gap_ms: int | None = None
    """None: 50 ms where the gap alone may end a scan, 500 ms where a terminator should."""
    has_aim: bool = True
    """False: the scanner sends no AIM identifier, so `]E0` in front of a code belongs to it."""

    @classmethod
    def read(cls, table: TomlTable) -> Self:
        """Take the settings of a scanner from its table. Raises SettingsInvalid."""
        gap_ms = None
        if table.has("idle_gap_ms"):
            gap_ms = table.integer("idle_gap_ms", 0, low=1, high=60_000)
        return cls(
            table.choice("terminator", Terminator.ANY),
            table.latin1("prefix"),
            table.latin1("suffix"),
            gap_ms,
            table.flag("aim", default=True),
        )

    def new_protocol(self) -> LineProtocol:
        """Return a protocol that has seen nothing yet."""
        return LineProtocol(self)


class LineProtocol:
    """Cut a byte stream into scans; the same events come out however the stream is chopped.

    A frame over `MAX_FRAME_BYTES` comes out as garbage, in pieces of that size, up to its
    terminator: memory stays bounded and no byte disappears.
    """

    def __init__(self, framing: LineFraming) -> None:
        self._framing = framing
        self._ending = _ENDINGS[framing.terminator]
        gap_ms = framing.idle_gap_ms
        self.idle_gap_s = (self._ending.idle_gap_ms if gap_ms is None else gap_ms) / 1000
        self._buffer = bytearray()
        self._is_oversized = False
        self._may_see_line_feed = False

    @property
    def is_waiting(self) -> bool:
        """Whether an idle gap would change anything."""
        return bool(self._buffer)

    def start(self) -> None:
        """Begin on a fresh connection."""
        self._buffer.clear()
        self._is_oversized = self._may_see_line_feed = False

    def receive_data(self, data: bytes) -> list[Event]:
        """Take bytes off the wire and return what they complete."""
        self._buffer += data
        return list(self._complete_frames())

    def receive_idle(self) -> list[Event]:
        """Release what is held: the line was silent for the idle gap, or is closing."""
        if not self.is_waiting:
            return []
        events: list[Event] = []
        while len(self._buffer) > MAX_FRAME_BYTES:
            events.append(self._cut_oversized())
        return [*events, self._close_frame(len(self._buffer))]

    def receive_end(self) -> list[Event]:
        """Release what is held: nothing more will come."""
        return self.receive_idle()

    def note_stored(self, scan: Scan, *, is_durable: bool) -> None:
        """Learn what became of a scan; a line scanner is not told."""

    def data_to_send(self) -> bytes:
        """Return what the scanner should be sent: nothing."""
        return b""

    def _complete_frames(self) -> Iterator[Event]:
        while self._buffer:
            self._skip_line_feed_after_return()
            found = self._ending.pattern.search(self._buffer) if self._ending.pattern else None
            if found is not None and found.start() <= MAX_FRAME_BYTES:
                ending = found.group()
                yield self._close_frame(found.start())
                del self._buffer[: len(ending)]
                self._may_see_line_feed = ending == b"\r"
            elif len(self._buffer) >= MAX_FRAME_BYTES + self._ending.length:
                yield self._cut_oversized()
            else:
                return

    def _skip_line_feed_after_return(self) -> None:
        """Let CR end a scan at once, without waiting whether LF follows."""
        is_any = self._framing.terminator is Terminator.ANY
        if is_any and self._may_see_line_feed and self._buffer.startswith(b"\n"):
            del self._buffer[0]
        self._may_see_line_feed = False

    def _cut_oversized(self) -> Event:
        self._is_oversized = True
        return Garbage(self._take(MAX_FRAME_BYTES), GarbageReason.OVERSIZED)

    def _close_frame(self, length: int) -> Event:
        frame = self._take(length)
        event = Garbage(frame, GarbageReason.OVERSIZED) if self._is_oversized else None
        self._is_oversized = False
        return event or self._scan(frame)

    def _scan(self, frame: bytes) -> Event:
        data = frame.removeprefix(self._framing.prefix).removesuffix(self._framing.suffix)
        if not data:
            return Garbage(frame, GarbageReason.EMPTY)
        aim = AIM_IDENTIFIER.match(data) if self._framing.has_aim else None
        return Scan(data, aim.group().decode("ascii") if aim else None)

    def _take(self, length: int) -> bytes:
        taken = bytes(self._buffer[:length])
        del self._buffer[:length]
        return taken
