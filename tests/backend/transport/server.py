"""A schema of a few fields behind uvicorn, and a client that speaks graphql-transport-ws."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import strawberry
import uvicorn
from starlette.responses import PlainTextResponse
from strawberry.extensions import FieldExtension
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from backend.core.errors import Unauthenticated
from backend.core.events import Topic
from backend.core.limits import DEFAULTS, Limits
from backend.core.scopes import Scope
from backend.core.settings import BackendSettings
from backend.events.service import Feed
from backend.events.subscriptions import changes
from backend.infra.api.access import Requires
from backend.infra.api.budget import Budget
from backend.infra.api.context import Info
from backend.infra.api.emission import Style
from backend.infra.api.operation import EXTENSIONS
from backend.infra.api.transport import LiveView
from backend.infra.api.view import Surroundings
from backend.infra.database import Database
from backend.infra.metrics import Metrics
from tests.live import listening

SMALL = 65_536
PROTOCOL = Subprotocol("graphql-transport-ws")
READS: list[FieldExtension] = [Requires(Scope.STOCK_READ)]
executions = []
"""One entry for each run of a resolver that serves subscribers."""


@strawberry.type
class Count:
    """A number of a key."""

    key: str
    number: int


def _count(item):
    return Count(key=item.key, number=item.fact["version"])


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field
    async def organisation(self, info: Info) -> str:
        """Return the caller's organisation, read from the database."""
        work = await info.context.reading()
        rows = await work.rows("select id::text from organisations")
        return rows[0]["id"]


@strawberry.type
class Mutation:
    """What can be done."""

    @strawberry.mutation
    async def touch(self, info: Info) -> int:
        """Write something."""
        async with info.context.writing() as work:
            org_id = work.principal.org_id
            await work.rows("insert into feed_floor (org_id, seq) values ($1, 0)", org_id)
        return 1


@strawberry.type
class Subscription:
    """What can be followed."""

    @strawberry.subscription(extensions=READS)
    async def counted(self, info: Info, note: str = "") -> AsyncGenerator[Count, None]:
        """Yield every event."""
        executions.append(info.context.emission.is_shared)
        async for count in changes(info.context, [Topic.STOCK], _count):
            yield count

    @strawberry.subscription(extensions=READS)
    async def levels(self, info: Info) -> AsyncGenerator[Count, None]:
        """Yield the newest event of each key."""
        async for count in changes(info.context, [Topic.STOCK], _count, style=Style.KEYED):
            yield count

    @strawberry.subscription
    async def latest(self, info: Info) -> AsyncGenerator[Count, None]:
        """Yield events of which only the last one matters."""
        async for count in changes(info.context, [Topic.STOCK], _count, style=Style.LATEST):
            yield count

    @strawberry.subscription
    async def alone(self, info: Info) -> AsyncGenerator[Count, None]:
        """Yield two numbers to each subscriber for itself."""
        for number in range(2):
            yield Count(key="alone", number=number)


SCHEMA = strawberry.Schema(Query, Mutation, Subscription, extensions=EXTENSIONS)


@dataclass
class Server:
    """The view of the tiny schema and who its tokens stand for."""

    database: Database
    settings: BackendSettings
    feed: Feed
    limits: Limits = DEFAULTS
    callers: dict = field(default_factory=dict)
    port: int = 0
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self):
        surroundings = Surroundings(
            database=self.database,
            services={type(self.feed): self.feed},
            authenticate=self._authenticate,
            dashboard_url=self.settings.dashboard_url,
            page=lambda _: PlainTextResponse("page"),
            limits=self.limits,
            budget=Budget(self.limits, self.metrics),
        )
        self.view = LiveView(SCHEMA, surroundings)

    def times(self, limit):
        """Return how often a limit took effect."""
        head = f'shelfcast_limits_total{{limit="{limit}"}} '
        lines = self.metrics.text().splitlines()
        return sum(int(line.removeprefix(head)) for line in lines if line.startswith(head))

    async def _authenticate(self, bearer):
        if bearer not in self.callers:
            raise Unauthenticated("nobody")
        return self.callers[bearer]

    @contextlib.asynccontextmanager
    async def running(self):
        """Serve on a free port of the loopback interface."""
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            self.view, lifespan="off", log_config=None, ws_per_message_deflate=False
        )
        async with self.view.running(), listening(config, listener):
            yield

    @property
    def url(self):
        """Where HTTP is answered."""
        return f"http://127.0.0.1:{self.port}/graphql"

    @contextlib.asynccontextmanager
    async def client(self, token="all", **options):
        """Connect, and be let in."""
        async with self.socket(**options) as client:
            await client.send(type="connection_init", payload={"authorization": f"Bearer {token}"})
            assert (await client.receive())["type"] == "connection_ack"
            yield client

    @contextlib.asynccontextmanager
    async def socket(self, **options):
        """Open a socket, and say nothing."""
        address = f"ws://127.0.0.1:{self.port}/graphql"
        async with connect(address, subprotocols=[PROTOCOL], **options) as opened:
            yield Client(opened)

    def slow_client(self):
        """Connect as somebody who takes in next to nothing until it reads."""
        opened = socket.socket()
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        opened.connect(("127.0.0.1", self.port))
        return self.client(max_queue=1, sock=opened)


class Client:
    """One socket."""

    def __init__(self, opened):
        self.socket = opened

    async def send(self, **message):
        """Send one message."""
        await self.socket.send(json.dumps(message))

    async def receive_text(self):
        """Return the next message as it came."""
        return await asyncio.wait_for(self.socket.recv(), 10)

    async def receive(self):
        """Return the next message."""
        return json.loads(await self.receive_text())

    async def subscribe(self, query, number="1", variables=None):
        """Begin an operation."""
        payload = {"query": query, "variables": variables}
        await self.send(id=number, type="subscribe", payload=payload)

    async def data(self, count, name):
        """Return the field `name` of the next `count` results."""
        messages = [await self.receive() for _ in range(count)]
        return [message["payload"]["data"][name] for message in messages]

    async def closed(self):
        """Wait until the server closes; return its code."""
        await asyncio.wait_for(self.socket.wait_closed(), 10)
        return self.socket.close_code
