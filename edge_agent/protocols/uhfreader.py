"""The uhfreader family (Chafon, VI-88, UR-008 and many others), models 18 and 288.

length address command status data… crc(2). The length counts what follows it, the CRC comes least
significant byte first. There is no start byte: see `FrameProtocol` for what that takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

from edge_agent.protocols.checksums import crc16_mcrf4xx
from edge_agent.protocols.events import Event, Garbage, GarbageReason, Notice, TagSeen, no_epc
from edge_agent.protocols.frames import NO_FRAME
from edge_agent.protocols.inventory import InventoryProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.toml_table import TomlTable

_MIN_LENGTH: Final = 5
_MAX_LENGTH: Final = 255
_INVENTORY: Final = 0x01
_REAL_TIME: Final = 0xEE
_READER_INFO: Final = 0x21
_STATUS_MORE: Final = 0x03
# Statuses of an inventory that come with tags: done, timed out, more to come, memory full.
_WITH_TAGS: Final = {0x01, 0x02, _STATUS_MORE, 0x04}
_PROBLEMS: Final = {0xF8: "antenna error", 0xFB: "no tag", 0xFE: "illegal command"}
_MAX_EPC_BYTES: Final = 62
# Q 4, session 0, no mask, target A, antenna 1, two seconds at most.
_INVENTORY_288: Final = bytes([4, 0, 1, 0, 0, 0, 0, 0x80, 0x14])


def command(address: int, number: int, data: bytes = b"") -> bytes:
    """Build a frame of the host."""
    return _closed(bytes([address, number]) + data)


def answer(number: int, status: int, data: bytes = b"") -> bytes:
    """Build a frame of the reader."""
    return _closed(bytes([0, number, status]) + data)


def _closed(content: bytes) -> bytes:
    body = bytes([len(content) + 2]) + content
    return body + crc16_mcrf4xx(body).to_bytes(2, "little")


@dataclass(frozen=True, slots=True)
class UhfReader18Options:
    """How to talk to the reader."""

    default_driver: ClassVar[str] = "serial"
    default_baudrate: ClassVar[int] = 57600

    is_polled: bool = True
    """False: the reader is set to look for tags by itself, we only listen."""
    address: int = 0xFF
    """0xFF reaches every reader."""

    @classmethod
    def read(cls, table: TomlTable) -> Self:
        """Take the settings of a reader from its table. Raises SettingsInvalid."""
        return cls(
            table.flag("poll", default=True), table.integer("address", 0xFF, low=0, high=0xFF)
        )

    def new_protocol(self) -> UhfReader18Protocol:
        """Return a protocol that has seen nothing yet."""
        return UhfReader18Protocol(self)


class UhfReader288Options(UhfReader18Options):
    """The same for model 288, whose answers tell antenna and strength."""

    __slots__ = ()

    def new_protocol(self) -> UhfReader288Protocol:
        """Return a protocol that has seen nothing yet."""
        return UhfReader288Protocol(self)


class UhfReader18Protocol(InventoryProtocol):
    """Model 18: number of tags, then length and EPC of each."""

    def __init__(self, options: UhfReader18Options) -> None:
        super().__init__(is_polled=options.is_polled)
        self._address = options.address

    def _question(self) -> bytes:
        return command(self._address, _INVENTORY)

    def _measure(self, start: int) -> int:
        length = self._buffer[start]
        return length + 1 if _MIN_LENGTH <= length <= _MAX_LENGTH else NO_FRAME

    def _is_sound(self, frame: bytes) -> bool:
        return crc16_mcrf4xx(frame[:-2]) == int.from_bytes(frame[-2:], "little")

    def _read_frame(self, frame: bytes) -> Iterator[Event]:
        number, status, data = frame[2], frame[3], frame[4:-2]
        if number == _REAL_TIME and status == 0 and data:
            yield self._read_real_time(frame, data)
        elif number == _INVENTORY and status in _WITH_TAGS:
            # A tag that was never written has no EPC.
            tags = [tag for tag in self._read_tags(data) if tag.epc]
            yield from tags or [Notice(frame, "end of inventory, no tag")]
            if status != _STATUS_MORE:
                self._end_round(has_tags=bool(tags))
        else:
            if number == _INVENTORY:
                self._end_round(has_tags=False)
            yield Notice(frame, _describe(number, status, data))

    def _read_tags(self, data: bytes) -> list[TagSeen]:
        """Return the tags of an answer; IndexError when they do not fill it exactly."""
        tags: list[TagSeen] = []
        at = 1
        for _ in range(data[0] if data else 0):
            length = data[at]
            tags.append(TagSeen(_epc(data, at + 1, length)))
            at += 1 + length
        if data and at != len(data):
            raise IndexError
        return tags

    def _read_real_time(self, frame: bytes, data: bytes) -> TagSeen | Notice | Garbage:
        """Read one tag that the reader told of unasked: antenna, length, EPC, strength."""
        length = data[1] & 0x3F
        if len(data) != length + 3:
            return Garbage(frame, GarbageReason.MALFORMED)
        if not length:
            return no_epc(frame)
        return TagSeen(_epc(data, 2, length), _antenna(data[0]), rssi_raw=data[-1])


class UhfReader288Protocol(UhfReader18Protocol):
    """Model 288: antenna bit mask, number of tags, then length, EPC and strength of each."""

    def _question(self) -> bytes:
        return command(self._address, _INVENTORY, _INVENTORY_288)

    def _read_tags(self, data: bytes) -> list[TagSeen]:
        tags: list[TagSeen] = []
        at = 2
        for _ in range(data[1] if data else 0):
            # The highest bit says that EPC and TID come together.
            length = data[at] & 0x7F
            epc = _epc(data, at + 1, length)
            tags.append(TagSeen(epc, _antenna(data[0]), rssi_raw=data[at + 1 + length]))
            at += length + 2
        if data and at != len(data):
            raise IndexError
        return tags


def _epc(data: bytes, start: int, length: int) -> bytes:
    if length > _MAX_EPC_BYTES or start + length > len(data):
        raise IndexError
    return data[start : start + length]


def _antenna(mask: int) -> int | None:
    """Return the number of the one antenna in a bit mask."""
    return mask.bit_length() if mask and not mask & (mask - 1) else None


def _describe(number: int, status: int, data: bytes) -> str:
    if number == _READER_INFO and len(data) >= 3:
        return f"reader type {data[2]:02X}, firmware {data[0]}.{data[1]}"
    return f"command {number:02X}: {_PROBLEMS.get(status, f'status {status:02X}')}"
