"""A read on its way from a device to the backend."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import uuid_utils

if TYPE_CHECKING:
    from edge_agent.clock import Stamp


class ReadClass(StrEnum):
    """What becomes of a read when the outbox is full."""

    BARCODE = "BARCODE"
    """Refused, with an alarm: somebody scanned it, and nobody will again. Never dropped."""
    RFID = "RFID"
    """The oldest give way: the reader sees the tag again, and newer sightings say more."""


EPC: Final = "EPC"
"""Symbology of what a tag says. Tags stored by agents before this one have none."""


@dataclass(frozen=True, slots=True)
class TagDetails:
    """What only a read of an RFID tag has; see `presence.Sighting`."""

    presence: str
    antenna: int | None
    rssi: float | None
    first_seen_ms: int
    """Wall clock of the agent."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a device saw once; `key` is made here and never again, whatever is retried."""

    key: str
    device: str
    read_point: str
    raw: bytes
    symbology: str | None
    observed: Stamp
    count: int = 1
    tag: TagDetails | None = None
    """None for barcodes."""

    @property
    def read_class(self) -> ReadClass:
        """What becomes of it when the outbox is full."""
        return ReadClass.BARCODE if self.tag is None else ReadClass.RFID

    @property
    def code(self) -> str:
        """The bytes as text, one character each (latin-1)."""
        return self.raw.decode("latin-1")


@dataclass(frozen=True, slots=True)
class StoredRead:
    """A read with its place in the order of its device; `seq` only grows and may jump."""

    seq: int
    read: Read


@dataclass(frozen=True, slots=True)
class Batch:
    """The oldest reads of one device, in order."""

    device: str
    rows: tuple[StoredRead, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the reads, in order."""
        return tuple(row.read.key for row in self.rows)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a read may leave the queue: delivered, or parked for a person to look at.

    `fault` is None for a delivered read, else the code it is parked under.
    """

    key: str
    fault: str | None = None
    message: str = ""


def new_key() -> str:
    """Make a UUIDv7: unique, and ordered by time within this process."""
    return str(uuid_utils.uuid7())
