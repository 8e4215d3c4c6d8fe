"""Scanners that pretend to be keyboards: the kernel's input events, as /dev/input delivers them.

Each event is a C struct of the kernel: time, type, code, value. Keys become the characters of a US
keyboard, to which the scanner must be set; Ctrl with a key gives a control character (Ctrl-] is GS,
as scanners send FNC1). Enter, Tab or silence end a scan.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final, Self

from edge_agent.protocols.events import Event, Garbage, GarbageReason, Scan
from edge_agent.protocols.lines import LineFraming, LineProtocol, Terminator

if TYPE_CHECKING:
    from edge_agent.toml_table import TomlTable

EVENT: Final = struct.Struct("@llHHi")
"""struct input_event of <linux/input.h>, in this machine's byte order and word size."""
EV_KEY: Final = 0x01
KEY_UP, KEY_DOWN, KEY_REPEATED = 0, 1, 2
SHIFTS: Final = frozenset({42, 54})
CONTROLS: Final = frozenset({29, 97})
_ENDS: Final = frozenset({28, 96, 15})
_IDLE_GAP_MS: Final = 100

_ROWS: Final = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
)
_KEYPAD: Final = dict(zip((71, 72, 73, 75, 76, 77, 79, 80, 81, 82, 83, 74, 78, 55, 98),
                          "7894561230.-+*/", strict=True))  # fmt: skip
KEYS: Final = {
    first + index: (plain, shifted)
    for first, row, shifted_row in _ROWS
    for index, (plain, shifted) in enumerate(zip(row, shifted_row, strict=True))
} | {code: (sign, sign) for code, sign in _KEYPAD.items()}
"""Characters of a key, without and with Shift, by the kernel's key code."""
_CONTROL_CHARACTERS: Final = re.compile(r"[a-z\[\]\\]")


@dataclass(frozen=True, slots=True)
class KeyboardOptions:
    """What a scanner types around a code."""

    default_driver: ClassVar[str] = "evdev"
    default_baudrate: ClassVar[int] = 9600

    framing: LineFraming = field(
        default_factory=lambda: LineFraming(Terminator.CR, idle_gap_ms=_IDLE_GAP_MS)
    )

    @classmethod
    def read(cls, table: TomlTable) -> Self:
        """Take the settings of a scanner from its table. Raises SettingsInvalid."""
        gap_ms = table.integer("idle_gap_ms", _IDLE_GAP_MS, low=1, high=60_000)
        prefix, suffix = table.latin1("prefix"), table.latin1("suffix")
        has_aim = table.flag("aim", default=True)
        return cls(LineFraming(Terminator.CR, prefix, suffix, gap_ms, has_aim))

    def new_protocol(self) -> KeyboardProtocol:
        """Return a protocol that has seen nothing yet."""
        return KeyboardProtocol(self)


class KeyboardProtocol:
    """Turn keys into characters and those, as lines, into scans."""

    def __init__(self, options: KeyboardOptions) -> None:
        self._lines = LineProtocol(options.framing)
        self._buffer = bytearray()
        self._held: set[int] = set()

    @property
    def idle_gap_s(self) -> float:
        """Silence after which `receive_idle` is called while `is_waiting`."""
        return self._lines.idle_gap_s

    @property
    def is_waiting(self) -> bool:
        """Whether an idle gap would change anything."""
        return self._lines.is_waiting

    def start(self) -> None:
        """Begin on a fresh connection, with no key held."""
        self._buffer.clear()
        self._held.clear()
        self._lines.start()

    def receive_data(self, data: bytes) -> list[Event]:
        """Take kernel events and return what they complete."""
        self._buffer += data
        typed = bytearray()
        events: list[Event] = []
        whole = len(self._buffer) // EVENT.size * EVENT.size
        for _, _, kind, code, value in EVENT.iter_unpack(bytes(self._buffer[:whole])):
            if kind == EV_KEY:
                typed += self._press(code, value)
        del self._buffer[:whole]
        if typed:
            events += self._lines.receive_data(bytes(typed))
        return events

    def receive_idle(self) -> list[Event]:
        """Return what silence completes."""
        return self._lines.receive_idle()

    def receive_end(self) -> list[Event]:
        """Release what is held: nothing more will come."""
        raw = bytes(self._buffer)
        self._buffer.clear()
        cut = [Garbage(raw, GarbageReason.TRUNCATED)] if raw else []
        return [*self._lines.receive_end(), *cut]

    def note_stored(self, scan: Scan, *, is_durable: bool) -> None:
        """Learn what became of a scan; a keyboard is not told."""

    def data_to_send(self) -> bytes:
        """Return what the scanner should be sent: nothing."""
        return b""

    def _press(self, code: int, value: int) -> bytes:
        """Return what one key event types."""
        if code in SHIFTS or code in CONTROLS:
            if value == KEY_UP:
                self._held.discard(code)
            else:
                self._held.add(code)
            return b""
        if value != KEY_DOWN:
            return b""
        if code in _ENDS:
            return b"\r"
        plain, shifted = KEYS.get(code, ("", ""))
        if self._held & CONTROLS and _CONTROL_CHARACTERS.fullmatch(plain):
            return bytes([ord(plain.upper()) & 0x1F])
        return (shifted if self._held & SHIFTS else plain).encode("ascii")
