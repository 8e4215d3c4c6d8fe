"""Keeping the outbox file whatever the disk does: group commits, salvage, ballast, bounds.

Lives in one thread, the outbox's.
"""

from __future__ import annotations

import errno
import logging
import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from edge_agent import salvage
from edge_agent.ballast import Ballast, free_bytes
from edge_agent.room import Bounds

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from edge_agent.clock import Clock
    from edge_agent.outbox_file import SpoolCounts
    from edge_agent.reads import Read
    from edge_agent.settings import OutboxSettings
    from edge_agent.skew import SkewEstimator
    from edge_agent.spool import Spool

log = logging.getLogger(__name__)

TEND_INTERVAL_S: Final = 10.0
_NO_SPACE_BYTES: Final = 64 * 1024
"""A disk with less than this takes nothing that matters."""
_MS_PER_HOUR: Final = 3_600_000
# Besides "full", what SQLite says when the disk has no room for its log or its index.
_STARVED: Final = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)


@dataclass(slots=True)
class Job:
    """One piece of work for the writer thread, and the future that awaits its result."""

    work: Callable[[Spool], object]
    future: asyncio.Future[Any]
    reads: Sequence[Read] = ()
    """What the work would store."""
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
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


@dataclass(frozen=True, slots=True)
class OutboxHealth:
    """How the outbox is, for a person or the backend."""

    counts: SpoolCounts
    oldest_age_ms: int | None
    """Powered time since the oldest read was made; None when nothing waits."""
    is_disk_full: bool
    """The disk took nothing, and has not got its room back."""
    has_ballast: bool


class Keeper:
    """The open file; raises OSError or sqlite3.Error where it cannot be opened at all.

    `skew` hears what was noted of earlier boots, and is asked what to note.
    """

    def __init__(self, settings: OutboxSettings, clock: Clock, skew: SkewEstimator) -> None:
        self._settings = settings
        self._clock = clock
        self._skew = skew
        self._ballast = Ballast(settings.path, settings.ballast_bytes)
        self._is_disk_full = False
        self._tend_at = 0.0
        self.is_opening = False
        """Whether the file is being opened or salvaged, which may take minutes."""
        self._spool = self._open()

    def commit(self, group: Sequence[Job]) -> None:
        """Do the jobs, in one transaction where possible; a damaged file is salvaged meanwhile."""
        try:
            self._commit(group)
        except sqlite3.DatabaseError as exc:
            log.warning("The outbox broke while in use: %s", exc)
            self._spool.close()
            self._spool = self._open()
            self._commit(group)

    def adopt(self, settings: OutboxSettings) -> None:
        """Open the file again within other bounds."""
        self._spool.close()
        self._settings = settings
        self._ballast = Ballast(settings.path, settings.ballast_bytes)
        self._spool = self._open()

    def tend_if_due(self) -> None:
        """Take the ballast back where there is room, let expired tags go."""
        if time.monotonic() < self._tend_at:
            return
        self._tend_at = time.monotonic() + TEND_INTERVAL_S
        self._limit_growth(self._spool)
        now = self._clock.now()
        try:
            with self._spool.transaction(is_writing=True):
                self._spool.tend(now, self._skew.offset(now.boot_id))
        except sqlite3.Error as exc:
            # Damage will be met again by a commit, which knows what to do.
            log.warning("The outbox could not be tended: %s", exc)

    def health(self) -> OutboxHealth:
        """Return how it is, inside a transaction of the caller."""
        counts = self._spool.counts()
        age_ms = self._spool.oldest_age_ms(counts, self._clock.now())
        return OutboxHealth(counts, age_ms, self._is_disk_full, self._ballast.is_held)

    def requeue(self, faults_kept: Sequence[str]) -> int:
        """Put parked reads back into the queue, but for those faults; return how many."""
        return self._spool.requeue(faults_kept)

    def close(self) -> None:
        """Close the file, with all that is known of the server's clock; the log is folded in."""
        now = self._clock.now()
        if (offset := self._skew.offset(now.boot_id)) is not None:
            try:
                with self._spool.transaction():
                    self._spool.note_time(now, offset)
            except sqlite3.Error as exc:
                log.warning("The time could not be noted: %s", exc)
        self._spool.close()

    def _open(self) -> Spool:
        self.is_opening = True
        try:
            return self._open_within_bounds()
        finally:
            self.is_opening = False

    def _open_within_bounds(self) -> Spool:
        bounds = Bounds(
            self._settings.max_rows,
            self._settings.max_bytes,
            self._settings.max_age_h * _MS_PER_HOUR,
        )
        try:
            spool = salvage.open_spool(self._settings.path, bounds)
        except (OSError, sqlite3.Error) as exc:
            if not self._give_up_ballast(exc):
                raise
            spool = salvage.open_spool(self._settings.path, bounds)
        self._limit_growth(spool)
        spool.recall(self._skew, self._clock.now())
        return spool

    def _limit_growth(self, spool: Spool) -> None:
        """Keep as much room on the disk as the ballast has, whether it is there or not."""
        if not self._ballast.hold():
            spool.room.clamp(self._ballast.growth)
            spool.fold_log()
            return
        spool.room.unclamp()
        if self._is_disk_full:
            log.warning("The disk has room again; the outbox takes reads")
            self._is_disk_full = False

    def _commit(self, group: Sequence[Job]) -> None:
        """Do the jobs in one transaction; where that fails, each for itself.

        Raises sqlite3.DatabaseError only when the file is damaged.
        """
        try:
            with self._spool.transaction():
                for job in group:
                    job.run(self._spool)
        except sqlite3.Error as exc:
            _raise_damage(exc)
            self._note_starved(exc)
            for job in group:
                self._commit_alone(job)

    def _commit_alone(self, job: Job) -> None:
        try:
            with self._spool.transaction():
                job.run(self._spool)
        except sqlite3.Error as exc:
            _raise_damage(exc)
            self._spool.refuse(job.reads)
            job.fail(exc)

    def _note_starved(self, exc: sqlite3.Error) -> None:
        """Stop growing on a full disk, so that what the ballast gave back is for deleting."""
        if self._give_up_ballast(exc) or self._is_disk_full:
            self._spool.room.clamp()

    def _give_up_ballast(self, exc: Exception) -> bool:
        """Make room on the disk if it is full; whether there is hope now."""
        if not (_is_starved(exc) and free_bytes(self._settings.path.parent) < _NO_SPACE_BYTES):
            return False
        if not self._is_disk_full:
            log.error("The disk is FULL: new scans are refused until there is room")
        self._is_disk_full = True
        return self._ballast.give_up()


def _is_starved(exc: Exception) -> bool:
    if isinstance(exc, OSError):
        return exc.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(exc, "sqlite_errorcode", 0) & 0xFF in _STARVED


def _raise_damage(exc: sqlite3.Error) -> None:
    if isinstance(exc, sqlite3.DatabaseError) and salvage.is_damage(exc):
        raise exc
