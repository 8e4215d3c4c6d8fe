"""The outbox: an accepted read is on the disk before anybody hears of it, and stays until settled.

One thread owns the file. Whatever arrives while it commits goes into the next commit together,
so a lone read is durable after one disk flush and a flood costs few flushes.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import sqlite3
import threading
import time
from collections import deque
from contextlib import closing
from typing import TYPE_CHECKING, Self

from edge_agent.clock import SystemClock
from edge_agent.errors import OutboxLocked
from edge_agent.keeper import TEND_INTERVAL_S, Job, Keeper, OutboxHealth
from edge_agent.skew import SkewEstimator

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from edge_agent.clock import Clock
    from edge_agent.outbox_file import SpoolCounts
    from edge_agent.reads import Batch, Read, Verdict
    from edge_agent.settings import OutboxSettings
    from edge_agent.spool import Selection, Spool

log = logging.getLogger(__name__)

MAX_GROUP_ROWS = 200
"""So many waiting reads are committed at once, without waiting for more."""


class Outbox:
    """Reads between devices and the backend; use it as an async context manager.

    Entering raises OutboxLocked when another process has the same file.
    """

    def __init__(self, settings: OutboxSettings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self.skew = SkewEstimator()
        """How far the clock is off, and was in earlier boots: the outbox remembers it."""
        self._jobs: deque[Job] = deque()
        self._condition = threading.Condition()
        self._is_closing = False
        self._wanted: OutboxSettings | None = None
        self._next_commit_at = 0.0
        self.stored = asyncio.Event()
        """Set after every commit that added reads; whoever waits for it clears it."""

    async def __aenter__(self) -> Self:
        """Take the lock, open the file (salvaging a damaged one) and start the writer."""
        self._loop = asyncio.get_running_loop()
        self._lock_fd = _lock(self._settings.path)
        self._broken: asyncio.Future[None] = self._loop.create_future()
        opened: asyncio.Future[None] = self._loop.create_future()
        # Not a daemon: the interpreter must not end while a commit is under way.
        self._thread = threading.Thread(target=self._run, args=(opened,), name="outbox")
        self._thread.start()
        try:
            await opened
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Commit what was handed in, close the file and let go of the lock."""
        await self._stop()

    def append(self, reads: Sequence[Read]) -> asyncio.Future[int]:
        """Queue reads for the next commit.

        Once they are durable the future holds how many were refused, always the last ones: 0
        unless the outbox has reached its limits with barcodes alone, or the disk is full.
        """
        job = self._submit(
            lambda spool: len(reads) - spool.append(reads),
            reads=reads,
            result_on_failure=len(reads),
        )
        return job.future

    def park(self, read: Read, fault: str) -> asyncio.Future[bool]:
        """Keep bytes that are no scan; the future says whether there was room."""

        def keep(spool: Spool) -> bool:
            spool.park(read, fault)
            return True

        return self._submit(keep, result_on_failure=False).future

    async def oldest(self, selection: Selection) -> Batch | None:
        """Return the reads that should go next; None when there are none."""
        return await self._submit(lambda spool: spool.oldest(selection)).future

    async def settle(self, device: str, verdicts: Sequence[Verdict]) -> None:
        """Remove or park the reads that the verdicts name, durably."""
        await self._submit(lambda spool: spool.settle(device, verdicts)).future

    @property
    def is_opening(self) -> bool:
        """Whether the file is being opened again, or salvaged: asking it takes long."""
        return self._keeper.is_opening

    async def wait_broken(self) -> None:
        """Wait for ever, or raise what the writer cannot recover from."""
        await asyncio.shield(self._broken)

    async def depth(self) -> int:
        """Return how many reads wait."""
        return await self._submit(lambda spool: spool.depth).future

    async def counts(self) -> SpoolCounts:
        """Count what waits, what is parked and what was lost; quick however much waits."""
        return await self._submit(lambda spool: spool.counts()).future

    async def health(self) -> OutboxHealth:
        """Return how the outbox is: counts, losses, age, disk."""
        return await self._submit(lambda _spool: self._keeper.health()).future

    async def adopt(self, settings: OutboxSettings) -> None:
        """Go on within other bounds; what arrives meanwhile waits. The path stays what it is."""
        with self._condition:
            self._wanted = settings
        await self._submit(lambda _spool: None).future

    def _submit(
        self,
        work: Callable[[Spool], object],
        *,
        reads: Sequence[Read] = (),
        result_on_failure: object = None,
    ) -> Job:
        job = Job(work, self._loop.create_future(), reads, result_on_failure)
        with self._condition:
            self._jobs.append(job)
            self._condition.notify()
        return job

    async def _stop(self) -> None:
        with self._condition:
            self._is_closing = True
            self._condition.notify()
        await self._loop.run_in_executor(None, self._thread.join)
        os.close(self._lock_fd)

    def _run(self, opened: asyncio.Future[None]) -> None:
        """Live in the writer thread: open, commit group after group, close."""
        try:
            self._keeper = Keeper(self._settings, self._clock, self.skew)
        except (OSError, sqlite3.Error) as exc:
            self._loop.call_soon_threadsafe(opened.set_exception, exc)
            return
        self._loop.call_soon_threadsafe(opened.set_result, None)
        try:
            self._serve()
        except Exception as exc:
            log.exception("The outbox cannot go on")
            self._loop.call_soon_threadsafe(self._broken.set_exception, exc)

    def _serve(self) -> None:
        while True:
            self._keeper.tend_if_due()
            group = self._next_group()
            if self._wanted is not None:
                self._settings, self._wanted = self._wanted, None
                self._keeper.adopt(self._settings)
            if group:
                self._keeper.commit(group)
                self._loop.call_soon_threadsafe(self._resolve, group)
            elif self._is_closing:
                break
        self._keeper.close()

    def _next_group(self) -> list[Job]:
        """Wait for work, but not for ever; nothing while closing means that everything is done.

        The first read after a pause goes at once; in a flood commits keep their distance.
        """
        with self._condition:
            self._condition.wait_for(lambda: self._jobs or self._is_closing, TEND_INTERVAL_S)
            pause = self._next_commit_at - time.monotonic()
            if pause > 0:
                self._condition.wait_for(self._is_urgent, timeout=pause)
            group = list(self._jobs)
            self._jobs.clear()
        if any(job.reads for job in group):
            self._next_commit_at = time.monotonic() + self._settings.commit_interval_ms / 1000
        return group

    def _is_urgent(self) -> bool:
        waiting = [len(job.reads) for job in self._jobs]
        return self._is_closing or 0 in waiting or sum(waiting) >= MAX_GROUP_ROWS

    def _resolve(self, group: list[Job]) -> None:
        for job in group:
            job.resolve()
        # Asking for reads must not wake the one who asks.
        if any(job.reads for job in group):
            self.stored.set()


def _lock(path: Path) -> int:
    """Make this process the only one that uses the outbox; the kernel lets go when it dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        os.close(fd)
        raise OutboxLocked(f"{path}: another agent uses this outbox") from exc
    return fd


def requeue_parked(settings: OutboxSettings, *, but: Sequence[str]) -> int:
    """Put parked reads back into the queue, except those with the faults in `but`.

    Returns how many. Raises OutboxLocked while an agent runs.
    """
    lock_fd = _lock(settings.path)
    try:
        with closing(Keeper(settings, SystemClock(), SkewEstimator())) as keeper:
            return keeper.requeue(but)
    finally:
        os.close(lock_fd)
