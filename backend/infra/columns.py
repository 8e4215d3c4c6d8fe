"""Tables once more as columns, in a file of this process: millions of rows are added up at once.

The file is a copy, made by whoever knows what of: it may be deleted at any time.
"""

import asyncio
import fcntl
import logging
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, Self, TextIO, TypeVar

import duckdb

log = logging.getLogger(__name__)
T = TypeVar("T")
Session = duckdb.DuckDBPyConnection

AT_ONCE: Final = 2
"""Questions that are answered at the same time: each takes all processors."""
WAITING: Final = 30
"""How many more may wait for their turn."""
PATIENCE: Final = 4.0
"""Seconds until a question that waits is given up."""
_LOOK: Final = 0.05
_MOST_PROCESSES: Final = 64
# It fetches nothing from elsewhere, and nobody changes these settings later.
_SETTINGS: Final = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "preserve_insertion_order": "true",
}


class ColumnsUnavailable(Exception):
    """The copy does not answer: it is closed, busy, too slow or broken. PostgreSQL still does."""


class Columns:
    """A DuckDB database of this process: read by questions, written by one at a time."""

    def __init__(self, folder: Path, *, memory: int) -> None:
        """`memory`: the megabytes that questions and what is kept of the file may take."""
        self.folder = folder
        self.slot = 0
        """The number of this process's file: no other process has it open."""
        self.memory = memory
        self._database: Session | None = None
        self._held: TextIO | None = None
        self._threads = ThreadPoolExecutor(AT_ONCE + 1, thread_name_prefix="columns")
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._writing = asyncio.Lock()
        self._waiting = 0
        self._sessions: set[Session] = set()
        self._is_closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_closed = True
        database, self._database = self._database, None
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while self._sessions and asyncio.get_running_loop().time() < deadline:
            for session in self._sessions:
                session.interrupt()
            await asyncio.sleep(_LOOK)
        self._threads.shutdown(wait=True, cancel_futures=True)
        if database is not None:
            database.close()
        if self._held is not None:
            self._held.close()

    @property
    def is_open(self) -> bool:
        """Whether it can be read."""
        return self._database is not None

    @property
    def is_used(self) -> bool:
        """Whether it is open, or was before this process began."""
        return self._database is not None or any(self.folder.glob("*.duckdb"))

    async def read(self, asking: Callable[[Session], T], *, seconds: float) -> T:
        """Call `asking` in a thread, in one transaction, when it is its turn.

        Raises:
            ColumnsUnavailable: it takes longer than `seconds`, or the copy cannot answer.
        """
        await self._take_turn()
        try:
            async with self._session() as session:
                return await _within(self._threads, session, asking, seconds)
        finally:
            self._turns.release()

    async def write(self, change: Callable[[Session], T], *, seconds: float) -> T:
        """Call `change` in a thread, in one transaction; changes wait for each other.

        The first opens the file.

        Raises:
            ColumnsUnavailable: it takes longer than `seconds`, or the copy cannot be written.
        """
        async with self._writing:
            if self._database is None and not self._is_closed:
                try:
                    loop = asyncio.get_running_loop()
                    self._database = await loop.run_in_executor(self._threads, self._open)
                except (duckdb.Error, OSError) as exc:
                    raise ColumnsUnavailable(str(exc)) from exc
            async with self._session() as session:
                return await _within(self._threads, session, change, seconds)

    async def _take_turn(self) -> None:
        if not self._turns.locked():
            await self._turns.acquire()
            return
        if self._waiting >= WAITING:
            raise ColumnsUnavailable("too many are waiting")
        self._waiting += 1
        try:
            await asyncio.wait_for(self._turns.acquire(), PATIENCE)
        except TimeoutError:
            raise ColumnsUnavailable("it took too long until it was its turn") from None
        finally:
            self._waiting -= 1

    @asynccontextmanager
    async def _session(self) -> AsyncGenerator[Session]:
        if self._database is None:
            raise ColumnsUnavailable("it is not open")
        try:
            session = self._database.cursor()
        except duckdb.Error as exc:
            raise ColumnsUnavailable(str(exc)) from exc
        self._sessions.add(session)
        try:
            yield session
        finally:
            self._sessions.discard(session)
            session.close()

    def _open(self) -> Session:
        """Open the first file that no other process has; make anew what cannot be read."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for self.slot in range(_MOST_PROCESSES):
            held = (self.folder / f"{self.slot}.lock").open("w")
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                held.close()
                continue
            try:
                database = self._opened_or_made(self.folder / f"{self.slot}.duckdb")
            except BaseException:
                held.close()
                raise
            self._held = held
            return database
        raise OSError(f"{_MOST_PROCESSES} processes have a file in {self.folder} already")

    def _opened_or_made(self, path: Path) -> Session:
        try:
            return self._opened(path)
        except duckdb.Error as exc:
            log.warning("%s cannot be read, it is copied anew: %s", path.name, exc)
            for old in (path, path.with_suffix(".duckdb.wal")):
                old.unlink(missing_ok=True)
            return self._opened(path)

    def _opened(self, path: Path) -> Session:
        database = duckdb.connect(str(path), config=dict(_SETTINGS))
        database.execute(f"set memory_limit = '{self.memory}MB'")
        database.execute(f"set temp_directory = '{path.with_suffix('.spill')}'")
        database.execute("set lock_configuration = true")
        return database


async def _within(
    threads: ThreadPoolExecutor, session: Session, call: Callable[[Session], T], seconds: float
) -> T:
    def in_transaction() -> T:
        session.begin()
        found = call(session)
        session.commit()
        return found

    running = asyncio.get_running_loop().run_in_executor(threads, in_transaction)
    try:
        return await asyncio.wait_for(asyncio.shield(running), seconds)
    except duckdb.Error as exc:
        raise ColumnsUnavailable(str(exc)) from exc
    except (TimeoutError, asyncio.CancelledError) as exc:
        # The thread ends only by itself; the session is not closed under it.
        while not running.done():
            session.interrupt()
            await asyncio.wait([running], timeout=_LOOK)
        with suppress(Exception):
            running.result()
        if isinstance(exc, TimeoutError):
            raise ColumnsUnavailable(f"it took more than {seconds} s") from None
        raise
