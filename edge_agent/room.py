"""The bounds of the outbox, and which reads give way when it reaches them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge_agent.clock import Stamp
from edge_agent.losses import LossKind
from edge_agent.outbox_file import PAGE_BYTES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Mapping, Sequence

    from edge_agent.losses import Losses
    from edge_agent.powered_time import PoweredTime
    from edge_agent.reads import Read

ROW_BYTES: Final = 400
"""What a row and its entries in the indexes take beside the bytes of the read, generously."""
_TAG_BYTES: Final = 100
_SHORT_BYTES: Final = 256
_CHUNK_ROWS: Final = 200
MAX_EXPIRED_ROWS: Final = 1000
"""So many at a time, so that no commit takes long."""

_OLDEST_TAGS = (
    "SELECT id, device FROM reads INDEXED BY reads_tags WHERE tag IS NOT NULL ORDER BY id LIMIT ?"
)
_OLDEST_TAGS_IN_TIME = (
    "SELECT id, device, boot_id, wall_ms, mono_ms FROM reads INDEXED BY reads_tags"
    " WHERE tag IS NOT NULL ORDER BY id LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much the outbox may hold."""

    max_rows: int
    max_bytes: int
    max_age_ms: int
    """Powered time after which a sighting of a tag expires; 0: never."""


class Room:
    """Keeps the file within its bounds, inside the transactions of its caller."""

    def __init__(self, connection: sqlite3.Connection, bounds: Bounds, losses: Losses) -> None:
        self._connection = connection
        self._bounds = bounds
        self._losses = losses
        pages = bounds.max_bytes // PAGE_BYTES
        # Deleting and parking write, too: they need pages when reads get none.
        self._own_limit = pages - min(max(pages // 8, 2), 64)
        self._limit = self._own_limit
        self._bytes_left = -1

    def measure_again(self) -> None:
        """Note that a transaction begins: what was estimated in the last one no longer counts."""
        self._bytes_left = -1

    def clamp(self, growth: int = 0) -> None:
        """Let the file grow by so many bytes, or not at all: then only its free pages are left."""
        pages = self._pragma("page_count") + growth // PAGE_BYTES
        self._limit = min(self._own_limit, pages)

    def unclamp(self) -> None:
        """Let the file grow to its own bound again."""
        self._limit = self._own_limit

    def make(self, reads: Sequence[Read], depth: int, *kept: Mapping[str, int]) -> RoomMade:
        """Return how many of the reads, from the first on, may come in, and what left for them.

        Tags leave, the oldest first, but those that are `kept`, rows by key.
        """
        gone: Counter[str] = Counter()
        wanted = sum(map(_size_of, reads))
        if (excess := depth + len(reads) - self._bounds.max_rows) > 0:
            gone += self._drop(excess, kept)
        if wanted > self._bytes_left:
            self._measure()
        while wanted > self._bytes_left and (dropped := self._drop(_CHUNK_ROWS, kept)):
            gone += dropped
            self._measure()
        if gone:
            self._losses.add(LossKind.DROPPED, gone)
        rows_left = max(self._bounds.max_rows - depth + gone.total(), 0)
        return RoomMade(self._take(reads[:rows_left]), gone)

    def expire(self, time: PoweredTime, now: Stamp, kept: Mapping[str, int]) -> Mapping[str, int]:
        """Let the oldest tags go that are beyond the age bound; return how many of each device."""
        old: list[tuple[int, str]] = []
        spared = set(kept.values())
        if self._bounds.max_age_ms:
            rows = self._connection.execute(_OLDEST_TAGS_IN_TIME, (MAX_EXPIRED_ROWS,)).fetchall()
            for row_id, device, *stamp in rows:
                if time.age_ms(Stamp(*stamp), now) <= self._bounds.max_age_ms:
                    break
                if row_id not in spared:
                    old.append((row_id, device))
        gone = self._delete(old)
        if gone:
            self._losses.add(LossKind.EXPIRED, gone)
        return gone

    def _take(self, reads: Sequence[Read]) -> int:
        """Spend the bytes that are left; return for how many reads they last."""
        for index, read in enumerate(reads):
            size = _size_of(read)
            if size > self._bytes_left:
                return index
            self._bytes_left -= size
        return len(reads)

    def _measure(self) -> None:
        used = self._pragma("page_count") - self._pragma("freelist_count")
        self._bytes_left = (self._limit - used) * PAGE_BYTES

    def _drop(self, count: int, kept: Collection[Mapping[str, int]]) -> Counter[str]:
        spared = set[int]().union(*(rows.values() for rows in kept))
        rows = self._connection.execute(_OLDEST_TAGS, (count + len(spared),)).fetchall()
        return self._delete([row for row in rows if row[0] not in spared][:count])

    def _delete(self, rows: Sequence[tuple[int, str]]) -> Counter[str]:
        self._connection.executemany(
            "DELETE FROM reads WHERE id = ?", [(row_id,) for row_id, _ in rows]
        )
        return Counter(device for _, device in rows)

    def _pragma(self, name: str) -> int:
        return self._connection.execute(f"PRAGMA {name}").fetchone()[0]


@dataclass(frozen=True, slots=True)
class RoomMade:
    """How many new reads fit, and how many old ones of each device left."""

    count: int
    gone: Mapping[str, int]


def _size_of(read: Read) -> int:
    """Return what a read takes on the disk, at most: a long one leaves half a page unused."""
    raw = len(read.raw)
    return ROW_BYTES + (raw if raw < _SHORT_BYTES else 2 * raw) + (_TAG_BYTES if read.tag else 0)
