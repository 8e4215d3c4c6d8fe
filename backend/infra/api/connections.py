"""All open live connections of a process.

None outlives its token, its rights or its client's patience.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, Protocol

from backend.core.errors import ShelfcastError, Unreachable
from backend.core.principal import Principal
from backend.infra.tasks import Tasks

FORBIDDEN: Final = 4403
TRY_AGAIN_LATER: Final = 1013
ROUND: Final = 0.25
LONGEST_SEND: Final = 30.0
ATTEMPTS: Final = 5
_log: Final = logging.getLogger(__name__)


class LiveConnection(Protocol):
    """A socket or an event stream with operations that stay open."""

    sending_since: float | None
    """Loop time at which the message now being sent was begun."""

    @property
    def principal(self) -> Principal | None:
        """Who is at the other end; None before that is known."""
        ...

    async def authenticate_again(self) -> Principal:
        """Return what its token is worth now.

        Raises:
            ShelfcastError: nothing any more.
        """
        ...

    def narrow(self, principal: Principal) -> None:
        """Go on with other rights: what runs is begun anew where it stands."""
        ...

    async def end(self, code: int, reason: str) -> None:
        """Close."""
        ...


class Connections:
    """Watches over open connections."""

    def __init__(self) -> None:
        self._open: set[LiveConnection] = set()
        self._tasks = Tasks()

    def __len__(self) -> int:
        return len(self._open)

    def start(self) -> None:
        """Begin to watch."""
        self._tasks.start(self._watch(), "connections")

    async def close(self) -> None:
        """Close all connections and stop watching."""
        await self._tasks.close()
        await asyncio.gather(*(_end(one, TRY_AGAIN_LATER, "restarting") for one in self._open))

    def add(self, connection: LiveConnection) -> None:
        """Watch over a connection."""
        self._open.add(connection)

    def remove(self, connection: LiveConnection) -> None:
        """Forget a connection that ended."""
        self._open.discard(connection)

    def look_again(self, concerns: Callable[[Principal], bool]) -> None:
        """Look anew at what the open connections of those whom it concerns may do."""
        for connection in self._open:
            if connection.principal is not None and concerns(connection.principal):
                self._tasks.start(_look_again(connection), "permission change")

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(ROUND)
            now, moment = datetime.now(UTC), asyncio.get_running_loop().time()
            for connection in list(self._open):
                who = connection.principal
                if who is not None and who.expires_at is not None and who.expires_at <= now:
                    self._end(connection, FORBIDDEN, "the access token has expired")
                elif (since := connection.sending_since) and moment - since > LONGEST_SEND:
                    self._end(connection, TRY_AGAIN_LATER, "too slow")

    def _end(self, connection: LiveConnection, code: int, reason: str) -> None:
        self._open.discard(connection)
        self._tasks.start(_end(connection, code, reason), "closing a connection")


async def _look_again(connection: LiveConnection) -> None:
    before = connection.principal
    try:
        principal = await _authenticate(connection)
    except Unreachable as exc:
        await _end(connection, TRY_AGAIN_LATER, exc.code)
    except ShelfcastError as exc:
        await _end(connection, FORBIDDEN, exc.code)
    else:
        if before is None or principal.audience != before.audience:
            connection.narrow(principal)


async def _authenticate(connection: LiveConnection) -> Principal:
    """Ask again while the database is away, for a moment: nobody may look on unchecked."""
    for attempt in range(1, ATTEMPTS):
        try:
            return await connection.authenticate_again()
        except Unreachable:
            await asyncio.sleep(0.1 * attempt)
    return await connection.authenticate_again()


async def _end(connection: LiveConnection, code: int, reason: str) -> None:
    with suppress(TimeoutError, RuntimeError, OSError):
        async with asyncio.timeout(LONGEST_SEND):
            await connection.end(code, reason)
