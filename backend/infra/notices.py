"""Messages between the processes on one database, by NOTIFY: where there is no Redis."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Final

import asyncpg

from backend.infra.database import DOWN, Database, DatabaseUnreachable

TIMEOUT: Final = 5.0
QUIET: Final = 1.0
MOST_WAITING: Final = 1_000
_NOTIFY: Final = "select pg_notify($1, $2)"


class Notices:
    """As `Bus`: small messages (3,900 bytes at most), any of which may get lost."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def publish(self, stream: str, body: bytes) -> None:
        """Send a message to whoever listens now.

        Raises:
            DatabaseUnreachable: it could not be sent.
        """
        async with self._database.auth() as connection:
            await connection.execute(_NOTIFY, stream, body.hex(), timeout=TIMEOUT)

    async def listen(self, stream: str) -> AsyncGenerator[bytes | None]:
        """Yield the messages from now on; None at the beginning and after each quiet second.

        Raises:
            DatabaseUnreachable: the connection broke.
        """
        waiting: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)

        def hear(_connection: object, _pid: int, _channel: str, payload: object) -> None:
            if not waiting.full():
                waiting.put_nowait(bytes.fromhex(str(payload)))

        connection = await self._database.connect("auth")
        try:
            await connection.add_listener(stream, hear)
            yield None
            while not connection.is_closed():
                yield await _next(waiting)
        except (asyncpg.PostgresError, *DOWN) as exc:
            raise DatabaseUnreachable("the connection to the database broke") from exc
        finally:
            with contextlib.suppress(asyncpg.PostgresError, *DOWN, TimeoutError):
                await connection.close(timeout=TIMEOUT)
        raise DatabaseUnreachable("the connection to the database broke")

    async def close(self) -> None:
        """Do nothing: between calls nothing is open."""


async def _next(waiting: asyncio.Queue[bytes]) -> bytes | None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(QUIET):
            return await waiting.get()
    return None
