"""The connections of one process to PostgreSQL.

A pool as `app`, one as `limited`, one as `auth`, single ones as `tail`.
"""

import asyncio
import traceback
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Self

import asyncpg
from tortoise.exceptions import OperationalError

from backend.core.errors import NotAllowed, Unreachable
from backend.core.principal import Principal
from backend.core.settings import BackendSettings
from backend.infra import orm
from backend.infra.secret_key import secret_key
from backend.infra.work import Reactions, Work

if TYPE_CHECKING:
    from backend.infra.columns import Columns

CONNECT_TIMEOUT: Final = 10.0
DOWN: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a connection says whose server was killed under it
)


class DatabaseUnreachable(Unreachable):
    """PostgreSQL does not answer, or has no connection free in time."""

    code = "DATABASE_UNAVAILABLE"


class OutOfReach(NotAllowed):
    """A change outside the locations, the distributor or the channel of who asks."""

    code = "OUT_OF_REACH"


def is_down(failure: BaseException) -> bool:
    """Tell whether PostgreSQL does not answer; a file or another server that fails is not it."""
    if not isinstance(failure, DOWN):
        return False
    if not isinstance(failure, OSError):
        return True
    # The system's errors do not say whose they are; that the driver was on the way does.
    frames = traceback.walk_tb(failure.__traceback__)
    modules = (str(frame.f_globals.get("__name__")) for frame, _ in frames)
    return any(module.partition(".")[0] == "asyncpg" for module in modules)


class Database:
    """Gives out units of work. Open it once per process."""

    def __init__(self, settings: BackendSettings, owner_url: str, reactions: Reactions) -> None:
        self._settings = settings
        self._owner_url = owner_url
        self._reactions = reactions
        self._app: asyncpg.Pool | None = None
        self._limited: asyncpg.Pool | None = None
        self._auth: asyncpg.Pool | None = None
        self._keys: dict[str, bytes] = {}
        self.columns: Columns | None = None
        """Handed to each unit of work; set by a process that keeps one."""
        self.on_append: list[asyncio.Event] = []
        """Set after each commit that appended events, to wake this process's tail at once."""

    async def __aenter__(self) -> Self:
        await orm.prepare_models()
        self._app = await self._pool("app", self._settings.pool_size)
        self._limited = await self._pool("limited", self._settings.pool_size, least=0)
        self._auth = await self._pool("auth", 2)
        return self

    async def __aexit__(self, *_: object) -> None:
        for pool in (self._app, self._limited, self._auth):
            if pool is not None:
                await _close(pool)

    @asynccontextmanager
    async def work(
        self,
        principal: Principal,
        *,
        read_only: bool = False,
        plan_once: bool = False,
        address: str | None = None,
    ) -> AsyncGenerator[Work]:
        """Open one unit of work: a transaction that sees only what the principal may see.

        At its end reactions run, events are appended and everything commits; an exception leaves
        nothing behind. `plan_once` is for the few statements that run all day: not for queries
        whose best plan depends on what is asked, nor for long runs that begin with empty tables.
        `address` is where the request came from, for the audit log.

        Raises:
            DatabaseUnreachable: no connection in time, or lost on the way.
            OutOfReach: it wrote what a limited principal may not.
            Unreachable: what it rests on changed meanwhile; anew it would see that.
        """
        pool = self._limited if principal.is_limited else self._app
        if pool is None:
            raise DatabaseUnreachable("the database is not open")
        timeout = self._settings.pool_timeout.total_seconds()
        not_ours: BaseException | None = None
        try:
            async with orm.transaction(pool, timeout, read_only=read_only) as tx:
                now = datetime.now(UTC)
                kept = self._settings.key_retention
                horizon = None if kept is None else now - kept
                work = Work(tx, principal, now, self._reactions, self._derived_key, horizon)
                work.address = address
                work.columns = self.columns
                work.is_snapshot = read_only
                await work.identify(plan_once=plan_once)
                try:
                    yield work
                except (OSError, TimeoutError) as exc:
                    # What breaks while the connection stands is something else: a file, a mail.
                    not_ours = None if orm.is_lost(tx) else exc
                    raise
                appended = await work.finish()
        except (*DOWN, TimeoutError) as exc:
            if exc is not_ours:
                raise
            raise DatabaseUnreachable("the database does not answer; try again") from exc
        except asyncpg.SerializationError as exc:
            raise Unreachable("something changed while this was on its way; send it again") from exc
        except (asyncpg.InsufficientPrivilegeError, OperationalError) as exc:
            if not principal.is_limited or "row-level security" not in str(exc):
                raise
            raise OutOfReach("this changes what your access does not reach") from exc
        if appended:
            for waiter in self.on_append:
                waiter.set()

    def pool_size(self) -> int:
        """Return how many connections the pools for requests hold."""
        return sum(pool.get_size() for pool in (self._app, self._limited) if pool)

    def pool_idle(self) -> int:
        """Return how many of them nobody uses at the moment."""
        return sum(pool.get_idle_size() for pool in (self._app, self._limited) if pool)

    @asynccontextmanager
    async def auth(self) -> AsyncGenerator[asyncpg.pool.PoolConnectionProxy]:
        """Hold a connection that can do nothing but look up whose credential this is.

        Raises:
            DatabaseUnreachable: no connection in time, or lost on the way.
        """
        if self._auth is None:
            raise DatabaseUnreachable("the database is not open")
        try:
            async with self._auth.acquire(timeout=CONNECT_TIMEOUT) as connection:
                yield connection
        except (*DOWN, TimeoutError) as exc:
            raise DatabaseUnreachable("the database does not answer; try again") from exc

    async def connect(self, role: str) -> asyncpg.Connection:
        """Open one connection outside the pools; the caller closes it.

        Raises:
            DatabaseUnreachable: it cannot be had.
        """
        try:
            return await asyncpg.connect(
                self._settings.role_url(role, self._owner_url), timeout=int(CONNECT_TIMEOUT)
            )
        except (*DOWN, TimeoutError) as exc:
            raise DatabaseUnreachable("the database does not answer; try again") from exc

    def _derived_key(self, purpose: str) -> bytes:
        if purpose not in self._keys:
            self._keys[purpose] = secret_key(self._settings).derive(purpose)
        return self._keys[purpose]

    async def _pool(self, role: str, size: int, *, least: int = 1) -> asyncpg.Pool:
        milliseconds = int(self._settings.statement_timeout.total_seconds() * 1000)
        return await asyncpg.create_pool(
            self._settings.role_url(role, self._owner_url),
            min_size=least,
            max_size=size,
            timeout=CONNECT_TIMEOUT,
            init=_read_numbers_as_text,
            reset=_leave_as_it_is,
            server_settings={
                "application_name": f"shelfcast-{role}",
                "statement_timeout": str(milliseconds),
                "timezone": "UTC",
            },
        )


async def _read_numbers_as_text(connection: asyncpg.Connection) -> None:
    """Let numeric travel as text.

    asyncpg's binary form takes Decimals apart digit by digit, which costs twice the time.
    """
    await connection.set_type_codec(
        "numeric", schema="pg_catalog", encoder=str, decoder=Decimal, format="text"
    )


async def _leave_as_it_is(_: asyncpg.pool.PoolConnectionProxy) -> None:
    """Save the round trip of asyncpg's RESET ALL: what a unit of work sets ends with it."""


async def _close(pool: asyncpg.Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), CONNECT_TIMEOUT)
    except TimeoutError:
        pool.terminate()
