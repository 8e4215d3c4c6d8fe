"""What a protocol makes of the bytes of a device."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class GarbageReason(StrEnum):
    """Why bytes made no scan."""

    EMPTY = "EMPTY"
    OVERSIZED = "OVERSIZED"


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
class Garbage:
    """Bytes that are no scan, kept so that a person can look at them."""

    raw: bytes
    reason: GarbageReason


Event = Scan | Garbage
