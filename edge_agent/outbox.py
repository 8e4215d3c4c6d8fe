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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from edge_agent import salvage
from edge_agent.errors import OutboxLocked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from edge_agent.reads import Batch, Read, Verdict
    from edge_agent.settings import OutboxSettings
    from edge_agent.spool import Selection, Spool, SpoolCounts

log = logging.getLogger(__name__)

MAX_GROUP_ROWS = 200
"""So many waiting reads are committed at once, without waiting for more."""


@dataclass(slots=True)
class _Job:
    """One piece of work for the writer thread, and the future that awaits its result."""

    work: Callable[[Spool], object]
    future: asyncio.Future[Any]
    rows: int = 0
    result_on_failure: object = None
    """What the future gets when the file cannot take the work; None: the error itself."""
    result: object = None
    error: sqlite3.Error | None = None

    def run(self, spool: Spool) -> None:
        """Do the work inside the transaction of the caller."""
        self.result, self.error = self.work(spool), None

    def fail(self, error: sqlite3.Error) -> None:
        """Note that the work did not happen."""
        self.result = self.result_on_failure
        self.error = error if self.result is None else None

    def resolve(self) -> None:
        """Hand the outcome over, in the event loop."""
        if self.future.cancelled():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Outbox:
    """Reads between devices and the backend; use it as an async context manager.

    Entering raises OutboxLocked when another process has the same file.
    """

    def __init__(self, settings: OutboxSettings) -> None:
        self._settings = settings
        self._jobs: deque[_Job] = deque()
        self._condition = threading.Condition()
        self._is_closing = False
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
        unless the outbox has reached its limits or the disk is full.
        """
        job = self._submit(
            lambda spool: len(reads) - spool.append(reads),
            rows=len(reads),
            result_on_failure=len(reads),
        )
        return job.future

    def park(self, read: Read, fault: str) -> asyncio.Future[bool]:
        """Keep bytes that are no scan; the future says whether there was room."""

        def keep(spool: Spool) -> bool:
            spool.park(read, fault)
            return True

        return self._submit(keep, rows=1, result_on_failure=False).future

    async def oldest(self, selection: Selection) -> Batch | None:
        """Return the reads that should go next; None when there are none."""
        return await self._submit(lambda spool: spool.oldest(selection)).future

    async def settle(self, device: str, verdicts: Sequence[Verdict]) -> None:
        """Remove or park the reads that the verdicts name, durably."""
        await self._submit(lambda spool: spool.settle(device, verdicts)).future

    async def wait_broken(self) -> None:
        """Wait for ever, or raise what the writer cannot recover from."""
        await asyncio.shield(self._broken)

    async def depth(self) -> int:
        """Return how many reads wait."""
        return await self._submit(lambda spool: spool.depth).future

    async def counts(self) -> SpoolCounts:
        """Count what waits and what is parked; slow when it is a million."""
        return await self._submit(lambda spool: spool.counts()).future

    def _submit(
        self,
        work: Callable[[Spool], object],
        *,
        rows: int = 0,
        result_on_failure: object = None,
    ) -> _Job:
        job = _Job(work, self._loop.create_future(), rows, result_on_failure)
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
            spool = _open_spool(self._settings)
        except (OSError, sqlite3.Error) as exc:
            self._loop.call_soon_threadsafe(opened.set_exception, exc)
            return
        self._loop.call_soon_threadsafe(opened.set_result, None)
        try:
            self._serve(spool)
        except Exception as exc:
            log.exception("The outbox cannot go on")
            self._loop.call_soon_threadsafe(self._broken.set_exception, exc)

    def _serve(self, spool: Spool) -> None:
        while group := self._next_group():
            try:
                _commit(spool, group)
            except sqlite3.DatabaseError as exc:
                log.warning("The outbox broke while in use: %s", exc)
                spool.close()
                spool = _open_spool(self._settings)
                _commit(spool, group)
            self._loop.call_soon_threadsafe(self._resolve, group)
        spool.close()

    def _next_group(self) -> list[_Job]:
        """Wait for work; empty means that the outbox is closing and everything is done.

        The first read after a pause goes at once; in a flood commits keep their distance.
        """
        with self._condition:
            self._condition.wait_for(lambda: self._jobs or self._is_closing)
            pause = self._next_commit_at - time.monotonic()
            if pause > 0:
                self._condition.wait_for(self._is_urgent, timeout=pause)
            group = list(self._jobs)
            self._jobs.clear()
        if any(job.rows for job in group):
            self._next_commit_at = time.monotonic() + self._settings.commit_interval_ms / 1000
        return group

    def _is_urgent(self) -> bool:
        rows = [job.rows for job in self._jobs]
        return self._is_closing or 0 in rows or sum(rows) >= MAX_GROUP_ROWS

    def _resolve(self, group: list[_Job]) -> None:
        for job in group:
            job.resolve()
        # Asking for reads must not wake the one who asks.
        if any(job.rows for job in group):
            self.stored.set()


def _commit(spool: Spool, group: list[_Job]) -> None:
    """Do the jobs in one transaction; where that fails, each for itself.

    Raises sqlite3.DatabaseError only when the file is damaged.
    """
    try:
        with spool.transaction():
            for job in group:
                job.run(spool)
    except sqlite3.Error as exc:
        _raise_damage(exc)
        for job in group:
            _commit_alone(spool, job)


def _commit_alone(spool: Spool, job: _Job) -> None:
    try:
        with spool.transaction():
            job.run(spool)
    except sqlite3.Error as exc:
        _raise_damage(exc)
        job.fail(exc)


def _raise_damage(exc: sqlite3.Error) -> None:
    if isinstance(exc, sqlite3.DatabaseError) and salvage.is_damage(exc):
        raise exc


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
        with closing(_open_spool(settings)) as spool:
            return spool.requeue(but)
    finally:
        os.close(lock_fd)


def _open_spool(settings: OutboxSettings) -> Spool:
    return salvage.open_spool(
        settings.path, max_rows=settings.max_rows, max_bytes=settings.max_bytes
    )
