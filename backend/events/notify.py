"""One NOTIFY for many commits: writers never pay for waking the readers."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from typing import Final

import asyncpg

from backend.core.errors import Unreachable
from backend.events import statements
from backend.infra.database import DOWN, Database
from backend.infra.tasks import Tasks

STATEMENT_TIMEOUT: Final = 5.0
RETRY: Final = 0.5
_log: Final = logging.getLogger(__name__)


class Notifier:
    """Tells other processes that this one has committed events.

    Losing a NOTIFY delays them until their next look.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._appended = asyncio.Event()
        self._told = asyncio.Event()
        self._is_telling = False
        self.pid: int | None = None
        """The server process of its connection: what it sends is no news to this process."""

    async def run(self) -> None:
        """Notify after commits, until cancelled."""
        self._database.on_append.append(self._appended)
        try:
            while True:
                try:
                    await self._notify_while_connected()
                except (Unreachable, asyncpg.PostgresError, *DOWN, TimeoutError):
                    _log.info("cannot notify other processes; trying again")
                    await asyncio.sleep(RETRY)
        finally:
            self._database.on_append.remove(self._appended)

    async def settle(self) -> None:
        """Wait until what was committed so far has been told, for a moment at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STATEMENT_TIMEOUT):
                while self._appended.is_set() or self._is_telling:
                    self._told.clear()
                    await self._told.wait()

    async def _notify_while_connected(self) -> None:
        await self._appended.wait()
        connection = await self._database.connect("tail")
        try:
            self.pid = connection.get_server_pid()
            while True:
                await self._appended.wait()
                await self._tell(connection)
        finally:
            self.pid = None
            with contextlib.suppress(*DOWN, asyncpg.PostgresError, TimeoutError):
                await connection.close(timeout=STATEMENT_TIMEOUT)

    async def _tell(self, connection: asyncpg.Connection) -> None:
        self._appended.clear()
        self._is_telling = True
        try:
            await connection.execute(statements.NOTIFY, timeout=STATEMENT_TIMEOUT)
        except BaseException:
            self._appended.set()
            raise
        finally:
            self._is_telling = False
        self._told.set()


@contextlib.asynccontextmanager
async def notifying(database: Database) -> AsyncGenerator[None]:
    """Tell other processes of what the block commits, for programs that have no feed."""
    notifier = Notifier(database)
    tasks = Tasks()
    tasks.start(notifier.run(), "notifier")
    try:
        yield
    finally:
        await notifier.settle()
        await tasks.close()
