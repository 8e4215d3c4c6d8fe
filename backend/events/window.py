"""The newest entries of each organisation that is followed, in memory, and its wake-ups."""

import asyncio
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from backend.events.rules import Chunk, Entry

MOST_ENTRIES: Final = 2_000
MOST_CHARACTERS: Final = 8_000_000


class Window:
    """All of one organisation's entries above `start`.

    Followers read at their own pace; nothing is queued for them.
    """

    def __init__(self, start: int) -> None:
        self.start = start
        self.followers = 0
        self._entries: list[Entry] = []
        self._seqs: list[int] = []
        self._characters = 0
        self._waiters: list[asyncio.Future[None]] = []

    def above(self, seq: int) -> list[Entry] | None:
        """Return the entries above `seq`; None when some of them are only in the log."""
        if seq < self.start:
            return None
        return self._entries[bisect_right(self._seqs, seq) :]

    def append(self, entry: Entry) -> None:
        """Add the next entry; the oldest leave when there are too many."""
        self._entries.append(entry)
        self._seqs.append(entry.seq)
        self._characters += len(entry.items)
        if len(self._entries) > MOST_ENTRIES or self._characters > MOST_CHARACTERS:
            self._shrink()

    async def wait(self, timeout: float) -> None:
        """Return after the next entries, at the latest after `timeout` seconds."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout):
                await waiter
        except TimeoutError:
            pass
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def wake(self) -> None:
        """Let all waiting followers look again."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def restart(self, position: int) -> None:
        """Forget all entries and go on at `position`."""
        self.start = position
        self._characters = 0
        self._entries.clear()
        self._seqs.clear()
        self.wake()

    def _shrink(self) -> None:
        """Forget the older half: moving the rest is paid for by many entries."""
        half = max(1, len(self._entries) // 2)
        self.start = self._seqs[half - 1]
        self._characters -= sum(len(entry.items) for entry in self._entries[:half])
        del self._entries[:half]
        del self._seqs[:half]


class Windows:
    """The windows of all organisations that are followed in this process."""

    def __init__(self) -> None:
        self.position = 0
        """Everything up to this seq has been added."""
        self.restarts = 0
        """How often the history changed."""
        self._by_org: dict[UUID, Window] = {}

    @contextmanager
    def of(self, org_id: UUID) -> Iterator[Window]:
        """Hold the organisation's window: it is filled while somebody does."""
        window = self._by_org.setdefault(org_id, Window(self.position))
        window.followers += 1
        try:
            yield window
        finally:
            window.followers -= 1
            if window.followers == 0 and self._by_org.get(org_id) is window:
                del self._by_org[org_id]

    def add(self, chunk: Chunk) -> None:
        """Add what was read, and wake whom it concerns."""
        touched: dict[UUID, Window] = {}
        for entry in chunk.entries:
            window = self._by_org.get(entry.org_id)
            if window is not None:
                window.append(entry)
                touched[entry.org_id] = window
        self.position = chunk.upto
        for window in touched.values():
            window.wake()

    def restart(self, position: int) -> None:
        """Forget everything: the log goes on at `position`, perhaps in another history."""
        self.position = position
        self.restarts += 1
        for window in self._by_org.values():
            window.restart(position)
