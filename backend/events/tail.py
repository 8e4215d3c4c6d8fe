"""The one reader of the log in a process: woken by commits, exact after any failure."""

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg

from backend.core.errors import Unreachable
from backend.events import statements
from backend.events.log import entry_of
from backend.events.relay import Relay
from backend.events.rules import Chunk
from backend.infra.database import DOWN, Database

PAGE: Final = 200
PAGE_BYTES: Final = 2_000_000
"""Where a chunk ends although more entries would fit: importers write entries of many items."""
STATEMENT_TIMEOUT: Final = 10.0
SPACING: Final = 0.004  # seconds between two looks under load: a few commits share one
IDLE: Final = 0.5  # a look without being woken, in case a NOTIFY was lost
PENDING_FIRST: Final = 0.002  # while somebody is still writing: nobody notifies of a rollback
PENDING_MOST: Final = 0.1
RETRY_FIRST: Final = 0.05
RETRY_MOST: Final = 2.0
_log: Final = logging.getLogger(__name__)


class Tail:
    """Follows the log of all organisations and delivers it in chunks that join exactly.

    `restart` is called with the epoch and the position whenever the history is another one than
    before.
    """

    def __init__(
        self,
        database: Database,
        deliver: Callable[[Chunk], None],
        restart: Callable[[str, int], None],
        *,
        relay: Relay | None = None,
        is_own: Callable[[int], bool] = lambda _: False,
    ) -> None:
        self._database = database
        self._deliver = deliver
        self._restart = restart
        self._relay = relay
        self._is_own = is_own
        self._woken = asyncio.Event()
        self._notified = False
        self.epoch: str | None = None
        """The present history; None until the log was reached for the first time."""
        self.position: int = 0
        """Everything up to this seq has been delivered."""
        self.confirmed_at = datetime.min.replace(tzinfo=UTC)
        """When there was last known to be nothing more."""
        self.looks = 0
        """How often the log was read, to see that this process is not the one that reads it."""

    async def run(self) -> None:
        """Follow until cancelled; connections that break are made anew."""
        self._database.on_append.append(self._woken)
        delay = RETRY_FIRST
        try:
            while True:
                try:
                    async with self._connected() as connection:
                        await self._orient(connection)
                        delay = RETRY_FIRST
                        await self._follow(connection)
                except (Unreachable, asyncpg.PostgresError, *DOWN, TimeoutError) as exc:
                    _log.warning("lost the log, trying again: %s", exc)
                await asyncio.sleep(delay * random.uniform(0.5, 1))
                delay = min(delay * 2, RETRY_MOST)
        finally:
            self._database.on_append.remove(self._woken)

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncGenerator[asyncpg.Connection]:
        connection = await self._database.connect("tail")
        try:
            connection.add_termination_listener(self._lost)
            await connection.add_listener("feed", self._hear)
            yield connection
        finally:
            connection.remove_termination_listener(self._lost)
            if self._relay is not None:
                self._relay.leads = False
            with contextlib.suppress(*DOWN, asyncpg.PostgresError, TimeoutError):
                await connection.close(timeout=STATEMENT_TIMEOUT)

    async def _orient(self, connection: asyncpg.Connection) -> None:
        """Find out which history this is and where it ends.

        Go on where we were if it is the same.
        """
        epoch: Any = await connection.fetchval(statements.EPOCH, timeout=STATEMENT_TIMEOUT)
        began = datetime.now(UTC)
        row = await self._horizon(connection)
        if epoch != self.epoch or row["drawn"] < self.position:
            end: Any = await connection.fetchval(
                statements.END, row["horizon"], timeout=STATEMENT_TIMEOUT
            )
            self.epoch, self.position = str(epoch), int(end)
            self.confirmed_at = began
            self._restart(epoch, self.position)
        if self._relay is not None:
            self._relay.attach(epoch, self._woken)

    async def _follow(self, connection: asyncpg.Connection) -> None:
        pending = await self._catch_up(connection)
        pause = PENDING_FIRST
        while True:
            if self._relay is not None and not await self._relay.lead(connection):
                await self._listen_to(self._relay)
            else:
                await self._rest(pause if pending else IDLE)
            if connection.is_closed():
                raise asyncpg.ConnectionDoesNotExistError("the connection was closed")
            pending = await self._catch_up(connection)
            pause = min(pause * 2, PENDING_MOST) if pending else PENDING_FIRST

    async def _rest(self, timeout: float) -> None:
        await asyncio.sleep(SPACING)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._woken.wait()

    async def _catch_up(self, connection: asyncpg.Connection) -> bool:
        """Deliver all there is; tell whether somebody was still writing."""
        while True:
            self._woken.clear()
            self._notified = False
            self.looks += 1
            began = datetime.now(UTC)
            row = await self._horizon(connection)
            rows = await connection.fetch(
                statements.BETWEEN,
                self.position,
                row["horizon"],
                PAGE,
                PAGE_BYTES,
                timeout=STATEMENT_TIMEOUT,
            )
            if rows:
                self._advance(Chunk(self.position, rows[-1]["seq"], [entry_of(r) for r in rows]))
            if not rows or len(rows) == rows[0]["found"] < PAGE:
                self.confirmed_at = began
                return row["drawn"] > row["horizon"]

    def _advance(self, chunk: Chunk) -> None:
        self.position = chunk.upto
        self._deliver(chunk)
        if self._relay is not None:
            self._relay.publish(chunk)

    async def _listen_to(self, relay: Relay) -> None:
        """Take chunks from the relay until it is time to look at the log.

        It broke, is late, or was quiet for long.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + IDLE
        while (left := until - loop.time()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._woken.wait()
            self._woken.clear()
            for chunk in relay.take():
                if chunk.after > self.position:
                    return
                if chunk.upto > self.position:
                    fresh = [entry for entry in chunk.entries if entry.seq > self.position]
                    self.position, after = chunk.upto, self.position
                    self._deliver(Chunk(after, chunk.upto, fresh))
            if relay.is_broken:
                return
            if self._notified:
                until = min(until, loop.time() + relay.patience)
                self._notified = False

    async def _horizon(self, connection: asyncpg.Connection) -> Any:
        return await connection.fetchrow(statements.HORIZON, timeout=STATEMENT_TIMEOUT)

    def _hear(self, _connection: object, pid: int, _channel: str, _payload: object) -> None:
        if self._is_own(pid) and self._relay is None:
            return
        self._notified = True
        self._woken.set()

    def _lost(self, _connection: object) -> None:
        self._woken.set()
