"""TSL ASCII 2 (TSL 1128, 1153 and others): lines `XX: value`; an empty line ends an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

from edge_agent.protocols.events import Event, Garbage, GarbageReason, Notice, Scan, TagSeen
from edge_agent.protocols.frames import MORE, NO_FRAME
from edge_agent.protocols.inventory import InventoryProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.toml_table import TomlTable

MAX_LINE_BYTES: Final = 512
_LINE: Final = re.compile(rb"([A-Z]{2}):[ \t]*(.*?)[ \t]*\r?\n")
_EPC: Final = re.compile(rb"(?:[0-9A-Fa-f]{4}){1,31}")
_RSSI: Final = re.compile(rb"-?[0-9]{1,3}")
# No beep at every tag, with the strength of each.
_INVENTORY: Final = b".iv -al off -r on\r\n"


@dataclass(frozen=True, slots=True)
class TslOptions:
    """How to talk to the reader."""

    default_driver: ClassVar[str] = "serial"
    default_baudrate: ClassVar[int] = 115200

    is_polled: bool = False
    """True: ask for inventories all the time; else a person pulls the trigger."""

    @classmethod
    def read(cls, table: TomlTable) -> Self:
        """Take the settings of a reader from its table. Raises SettingsInvalid."""
        return cls(table.flag("poll", default=False))

    def new_protocol(self) -> TslProtocol:
        """Return a protocol that has seen nothing yet."""
        return TslProtocol(self)


class TslProtocol(InventoryProtocol):
    """A line is a frame. A tag is complete when the next one, or the end of the answer, comes."""

    def __init__(self, options: TslOptions) -> None:
        super().__init__(is_polled=options.is_polled)
        self._tag: TagSeen | None = None
        self._has_tags = False

    def start(self) -> None:
        """Begin on a fresh connection."""
        self._tag = None
        self._has_tags = False
        super().start()

    @property
    def is_waiting(self) -> bool:
        """Whether an idle gap would change anything."""
        return super().is_waiting or self._tag is not None

    def receive_idle(self) -> list[Event]:
        """Release a tag that nothing more is said of; ask again where no answer came."""
        if self._tag is not None:
            return self.receive_end()
        return super().receive_idle()

    def receive_end(self) -> list[Event]:
        """Release what is held: nothing more will come to complete it."""
        return [*super().receive_end(), *self._take_tag()]

    def _question(self) -> bytes:
        return _INVENTORY

    def _measure(self, start: int) -> int:
        end = self._buffer.find(b"\n", start, start + MAX_LINE_BYTES)
        if end >= 0:
            return end + 1 - start
        return MORE if len(self._buffer) - start < MAX_LINE_BYTES else NO_FRAME

    def _is_sound(self, frame: bytes) -> bool:
        return frame in (b"\r\n", b"\n") or _LINE.fullmatch(frame) is not None

    def _read_frame(self, frame: bytes) -> Iterator[Event]:
        line = _LINE.fullmatch(frame)
        key, value = line.groups() if line else (b"", b"")
        if key == b"RI" and self._tag is not None and _RSSI.fullmatch(value):
            rssi = int(value)
            self._tag = TagSeen(self._tag.epc, rssi=rssi, rssi_raw=rssi)
        elif key not in (b"PC", b"CR", b"IX", b"DT"):
            yield from self._take_tag()
            yield from self._read_line(frame, key, value)

    def _read_line(self, frame: bytes, key: bytes, value: bytes) -> Iterator[Event]:
        if key == b"EP" and _EPC.fullmatch(value):
            self._tag = TagSeen(bytes.fromhex(value.decode("ascii")))
        elif key == b"EP":
            yield Garbage(frame, GarbageReason.MALFORMED)
        elif key == b"BC" and value:
            yield Scan(value, None)
        elif key in (b"OK", b"ER"):
            self._end_round(has_tags=self._has_tags)
            self._has_tags = False
            yield Notice(
                frame, "end of answer" if key == b"OK" else f"error {value.decode('latin-1')}"
            )

    def _take_tag(self) -> Iterator[Event]:
        if self._tag is not None:
            self._has_tags = True
            yield self._tag
            self._tag = None
