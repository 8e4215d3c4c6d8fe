"""What a protocol makes of the bytes of a device."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class GarbageReason(StrEnum):
    """Why bytes made no read."""

    EMPTY = "EMPTY"
    OVERSIZED = "OVERSIZED"
    NOISE = "NOISE"
    TRUNCATED = "TRUNCATED"
    CHECKSUM = "CHECKSUM"
    MALFORMED = "MALFORMED"


@dataclass(frozen=True, slots=True)
class Scan:
    """One code as the device sent it, its AIM identifier included, framing taken off."""

    raw: bytes
    symbology: str | None
    """The AIM identifier (`]E0`); None when the device sends none."""

    @property
    def code(self) -> str:
        """The bytes as text, one character each: latin-1 loses no byte and refuses none."""
        return self.raw.decode("latin-1")


@dataclass(frozen=True, slots=True)
class TagSeen:
    """One RFID tag in one answer of a reader; readers repeat themselves many times a second."""

    epc: bytes
    antenna: int | None = None
    """Counted from 1; None when the reader does not say."""
    rssi: float | None = None
    """dBm; None when the reader does not say, or not in dBm."""
    rssi_raw: int | None = None
    """The reader's own figure, where it has one: larger is nearer."""
    count: int = 1
    reader_time_us: int | None = None
    """When it was first seen by the reader's own clock, which nobody sets: for diagnosis only."""

    @property
    def code(self) -> str:
        """The EPC in hexadecimal, upper case: the form in which it goes to the backend."""
        return self.epc.hex().upper()

    @property
    def strength(self) -> float | None:
        """What tells near from far at this reader, whatever its unit."""
        return self.rssi if self.rssi is not None else self.rssi_raw


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no read, kept so that a person can look at them."""

    raw: bytes
    reason: GarbageReason


@dataclass(frozen=True, slots=True)
class Notice:
    """A sound frame without a read; `text` says to a person what it means."""

    raw: bytes
    text: str


def no_epc(frame: bytes) -> Notice:
    """Tell of a tag that was never written: it is sound and says nothing."""
    return Notice(frame, "tag without an EPC")


@dataclass(frozen=True, slots=True)
class Broken:
    """The conversation cannot go on: the device must be connected to anew."""

    reason: str


Event = Scan | TagSeen | Garbage | Notice | Broken
