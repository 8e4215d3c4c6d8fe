"""What the outbox could not keep: counted by device and class of read, durably, for good."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from edge_agent.reads import Read, ReadClass

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

SCHEMA = """
CREATE TABLE IF NOT EXISTS losses (
    device TEXT NOT NULL, read_class TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (device, read_class, kind)) WITHOUT ROWID;
"""
_ADD = (
    "INSERT INTO losses VALUES (?, ?, ?, ?)"
    " ON CONFLICT (device, read_class, kind) DO UPDATE SET count = count + excluded.count"
)


class LossKind(StrEnum):
    """How reads were lost."""

    DROPPED = "DROPPED"
    """The oldest gave way to newer ones."""
    EXPIRED = "EXPIRED"
    """Too old."""
    REFUSED = "REFUSED"
    """There was no room; a scanner that repeats a scan is refused as often."""


@dataclass(frozen=True, slots=True)
class Loss:
    """So many reads since the outbox was made."""

    device: str
    read_class: ReadClass
    kind: LossKind
    count: int


class Losses:
    """The counts; what is added is durable with the transaction around `save`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.refused: Mapping[tuple[str, ReadClass], int] = {}
        """What `save` has to write: the disk may take nothing for a while."""

    def add(self, kind: LossKind, devices: Mapping[str, int]) -> None:
        """Count tag reads that left; undone with the transaction around it."""
        rows = [(device, ReadClass.RFID, kind, count) for device, count in devices.items()]
        self._connection.executemany(_ADD, rows)

    def refuse(self, reads: Sequence[Read]) -> None:
        """Count reads that never came in."""
        if reads:
            more = Counter((read.device, read.read_class) for read in reads)
            self.refused = more + Counter(self.refused)

    def together(self, saved: Iterable[Loss]) -> tuple[Loss, ...]:
        """Return the counts with what is not yet written of them."""
        counts = {(one.device, one.read_class, one.kind): one.count for one in saved}
        for (device, read_class), count in self.refused.items():
            key = device, read_class, LossKind.REFUSED
            counts[key] = counts.get(key, 0) + count
        return tuple(Loss(*key, count) for key, count in counts.items())

    def save(self) -> None:
        """Write the refusals; the caller empties `refused` once that is durable."""
        if self.refused:
            rows = [(*key, LossKind.REFUSED, count) for key, count in self.refused.items()]
            self._connection.executemany(_ADD, rows)


def read_losses(connection: sqlite3.Connection) -> tuple[Loss, ...]:
    """Return all counts of an outbox."""
    rows = connection.execute("SELECT device, read_class, kind, count FROM losses").fetchall()
    return tuple(
        Loss(device, ReadClass(read_class), LossKind(kind), count)
        for device, read_class, kind, count in rows
    )
