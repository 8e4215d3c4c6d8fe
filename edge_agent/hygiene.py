"""Telling a device that sends garbage from one that stumbles now and then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_PIECES: Final = 50
MAX_BYTES: Final = 16 * 1024
"""So much garbage without one sound frame: wrong baud rate, wrong protocol or a broken device."""
FIRST_QUARANTINE_S: Final = 60.0
LONGEST_QUARANTINE_S: Final = 3600.0


@dataclass(slots=True)
class Hygiene:
    """Garbage since the last sound frame, and how often that was too much."""

    pieces: int = 0
    size: int = 0
    quarantines: int = 0

    def note_sound(self) -> None:
        """Forget it all: the device speaks our protocol."""
        self.pieces = self.size = self.quarantines = 0

    def note_garbage(self, size: int) -> None:
        """Count a piece of garbage."""
        self.pieces += 1
        self.size += size

    @property
    def is_too_much(self) -> bool:
        """Whether the device should be left alone for a while."""
        return self.pieces >= MAX_PIECES or self.size >= MAX_BYTES

    def quarantine_s(self) -> float:
        """Begin a quarantine and return its length: doubled each time nothing sound came."""
        self.pieces = self.size = 0
        self.quarantines += 1
        return min(FIRST_QUARANTINE_S * 2 ** min(self.quarantines - 1, 16), LONGEST_QUARANTINE_S)
