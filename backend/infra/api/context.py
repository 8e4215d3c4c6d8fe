"""The context of one operation: who asks, and the unit of work it runs in."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from strawberry.dataloader import DataLoader
from strawberry.types.info import Info as StrawberryInfo

from backend.core.errors import Unauthenticated
from backend.core.limits import DEFAULTS, Limits
from backend.core.principal import Principal
from backend.infra.api.emission import Emission
from backend.infra.database import Database
from backend.infra.work import Work

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from backend.infra.api.budget import Budget

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Context:
    """One per HTTP request and one per WebSocket connection.

    `renew` gives each operation of a socket its own.
    """

    def __init__(
        self,
        database: Database,
        services: dict[type, Any],
        connection: "HTTPConnection | None" = None,
        budget: "Budget | None" = None,
    ) -> None:
        self.database = database
        self.connection = connection
        self.budget = budget
        """Where the caller pays; None where nobody has to."""
        self.rows_paid = False
        """Whether the rows of this request were paid already."""
        self.retry_after = 0.0
        """Seconds the caller has to wait before asking again."""
        self.connection_params: dict[str, Any] | None = None
        self.caller: Principal | None = None
        self.ask_again: Callable[[], Awaitable[Principal]] | None = None
        """Returns what lets this socket live, as it is then; None for requests."""
        self.emission = Emission()
        """What a subscription's resolver and the transport tell each other."""
        self._services = services
        self._stack = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._reading: Work | None = None
        self._loaders: dict[object, DataLoader[Any, Any]] = {}

    @property
    def limits(self) -> Limits:
        """How much one request may ask for."""
        return DEFAULTS if self.budget is None else self.budget.limits

    @property
    def principal(self) -> Principal:
        """Who asks.

        Raises:
            Unauthenticated: nobody has proven who they are.
        """
        if self.caller is None:
            raise Unauthenticated("send an access token: Authorization: Bearer …")
        return self.caller

    @property
    def address(self) -> str | None:
        """Where the request came from; None without a connection."""
        client = self.connection.client if self.connection is not None else None
        return client.host if client is not None else None

    def service(self, kind: type[V]) -> V:
        """Return the process-wide service of that type, as registered by the application."""
        return self._services[kind]

    def renew(self) -> "Context":
        """Return a context of the same caller with nothing opened or loaded yet."""
        fresh = Context(self.database, self._services, self.connection, self.budget)
        fresh.connection_params = self.connection_params
        fresh.caller = self.caller
        fresh.ask_again = self.ask_again
        return fresh

    async def pay_rows(self, rows: int) -> bool:
        """Take the rows of this request from what the caller may hand in; tell if they are paid."""
        if self.budget is not None and not self.rows_paid:
            self.rows_paid = await self.budget.take_rows(self.principal, rows)
            return self.rows_paid
        return True

    async def reading(self) -> Work:
        """Return the operation's one read-only unit of work, opening it at the first call."""
        async with self._opening:
            if self._reading is None:
                self._reading = await self._stack.enter_async_context(
                    self.database.work(self.principal, read_only=True)
                )
        return self._reading

    def reading_apart(self) -> AbstractAsyncContextManager[Work]:
        """Open a read-only unit of work that ends before the operation does.

        For what reads once and computes for long: meanwhile no connection is held for it.
        """
        return self.database.work(self.principal, read_only=True)

    def writing(self) -> AbstractAsyncContextManager[Work]:
        """Open the unit of work of a mutation."""
        return self.database.work(self.principal, plan_once=True, address=self.address)

    def loader(
        self, load: Callable[[Work, list[K]], Any], *, max_batch_size: int = 1000
    ) -> DataLoader[K, Any]:
        """Return this operation's DataLoader for `load`.

        `load` takes the work and the distinct keys, and returns their values in the same order.
        """
        if load not in self._loaders:

            async def batch(keys: list[K]) -> list[Any]:
                return await load(await self.reading(), keys)

            self._loaders[load] = DataLoader(load_fn=batch, max_batch_size=max_batch_size)
        return self._loaders[load]

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """Close what the operation opened when it is over."""
        async with self._stack:
            yield
        self._reading = None
        self._loaders.clear()


Info = StrawberryInfo[Context, None]
