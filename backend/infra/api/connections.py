"""All open live connections of a process.

None outlives its token, its rights or its client's patience.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from backend.core.errors import ShelfcastError, Unreachable
from backend.core.limits import DEFAULTS, Limits
from backend.core.principal import Principal
from backend.infra.api.problems import TooManyConnections
from backend.infra.tasks import Tasks

FORBIDDEN: Final = 4403
TRY_AGAIN_LATER: Final = 1013
NORMAL: Final = 1000
ROUND: Final = 0.25
END_PATIENCE: Final = 30.0
"""Seconds the closing of a connection may take."""
WARNING: Final = timedelta(seconds=60)
"""How long before its token expires a connection is warned; half the rest of a short life."""
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

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs on it."""
        ...

    async def warn(self, expires_at: datetime) -> None:
        """Tell the client that its token is about to expire."""
        ...

    async def end(self, code: int, reason: str) -> None:
        """Close."""
        ...


@dataclass(slots=True)
class _Watch:
    """What is remembered of an open connection."""

    client: str | None
    warn_at: datetime | None
    idle_since: float | None = None


class Connections:
    """Watches over open connections.

    `note` is told the name of each limit that took effect.
    """

    def __init__(
        self, limits: Limits = DEFAULTS, note: Callable[[str], None] = lambda _: None
    ) -> None:
        self._open: dict[LiveConnection, _Watch] = {}
        self._per_client: Counter[str] = Counter()
        self._limits = limits
        self._note = note
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

    def admit(self, who: Principal) -> None:
        """Refuse one connection too many.

        Raises:
            TooManyConnections: the client has as many as it may have.
        """
        most = self._limits.max_connections
        if self._per_client[_client(who)] >= most:
            self._note("connections")
            raise TooManyConnections(f"close some of your {most} connections first", limit=most)

    def add(self, connection: LiveConnection) -> None:
        """Watch over a connection."""
        who = connection.principal
        if who is None:
            self._open[connection] = _Watch(None, None)
            return
        self._per_client[_client(who)] += 1
        self._open[connection] = _Watch(_client(who), _warning_time(who.expires_at))

    def remove(self, connection: LiveConnection) -> None:
        """Forget a connection that ended."""
        watch = self._open.pop(connection, None)
        if watch is not None and watch.client is not None:
            self._per_client[watch.client] -= 1
            if not self._per_client[watch.client]:
                del self._per_client[watch.client]

    def look_again(self, concerns: Callable[[Principal], bool]) -> None:
        """Look anew at what the open connections of those whom it concerns may do."""
        for connection in self._open:
            if connection.principal is not None and concerns(connection.principal):
                self._tasks.start(_look_again(connection), "permission change")

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(ROUND)
            now, moment = datetime.now(UTC), asyncio.get_running_loop().time()
            for connection, watch in list(self._open.items()):
                self._check_token(connection, watch, now)
                self._check_pace(connection, watch, moment)

    def _check_token(self, connection: LiveConnection, watch: _Watch, now: datetime) -> None:
        who = connection.principal
        if who is None or who.expires_at is None:
            return
        if who.expires_at <= now:
            self._end(connection, FORBIDDEN, "the access token has expired")
        elif watch.warn_at is not None and watch.warn_at <= now:
            watch.warn_at = None
            self._tasks.start(_warn(connection, who.expires_at), "warning a connection")

    def _check_pace(self, connection: LiveConnection, watch: _Watch, moment: float) -> None:
        since = connection.sending_since
        if since and moment - since > self._limits.send_timeout.total_seconds():
            self._note("slow_reader")
            self._end(connection, TRY_AGAIN_LATER, "too slow")
        if not connection.is_idle:
            watch.idle_since = None
        elif watch.idle_since is None:
            watch.idle_since = moment
        elif moment - watch.idle_since > self._limits.idle_timeout.total_seconds():
            self._note("idle")
            self._end(connection, NORMAL, "idle")

    def _end(self, connection: LiveConnection, code: int, reason: str) -> None:
        if connection in self._open:
            self.remove(connection)
            self._tasks.start(_end(connection, code, reason), "closing a connection")


def _client(who: Principal) -> str:
    """A person's connections are counted apart from those of others who use the same client."""
    return f"{who.org_id}:{who.user_id or who.client_id}"


def _warning_time(expires_at: datetime | None) -> datetime | None:
    if expires_at is None:
        return None
    return expires_at - min(WARNING, (expires_at - datetime.now(UTC)) / 2)


async def _warn(connection: LiveConnection, expires_at: datetime) -> None:
    with suppress(TimeoutError, RuntimeError, OSError):
        async with asyncio.timeout(END_PATIENCE):
            await connection.warn(expires_at)


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
        async with asyncio.timeout(END_PATIENCE):
            await connection.end(code, reason)
