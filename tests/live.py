"""The application running: inside the test, or behind a real socket."""

import asyncio
import contextlib
import socket
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette

from backend.app import create_app
from backend.core.scopes import parse_scopes
from backend.identity import clients as identity
from backend.identity.authentication import Identity


@dataclass(frozen=True)
class LiveServer:
    """Where a server listens, and what runs in it."""

    url: str
    app: Starlette

    @property
    def socket_url(self):
        """The address of GraphQL over WebSocket."""
        return self.url.replace("http", "ws", 1) + "/graphql"


@contextlib.asynccontextmanager
async def running(app):
    """Hold an application's lifespan in a task of its own, as a server does."""
    started, stop = asyncio.Event(), asyncio.Event()

    async def live():
        async with app.router.lifespan_context(app):
            started.set()
            await stop.wait()

    task = asyncio.create_task(live())
    waiting = asyncio.create_task(started.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        await task
    try:
        yield app
    finally:
        stop.set()
        await task


@contextlib.asynccontextmanager
async def serving(settings, owner_url):
    """Serve the application with uvicorn on a free loopback port, in this loop."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    app = create_app(settings.model_copy(update={"port": port}), owner_url)
    config = uvicorn.Config(
        app, lifespan="on", log_config=None, date_header=False, ws="websockets-sansio"
    )
    async with listening(config, listener):
        yield LiveServer(f"http://127.0.0.1:{port}", app)


@contextlib.asynccontextmanager
async def listening(config, listener):
    """Let uvicorn answer on an open socket until the block ends; nothing stays open after it."""
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        assert not task.done(), "the server did not start"
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = server.force_exit = True
        await task
        listener.close()
        # Whom it does not wait for it leaves open, for the garbage collector to complain of.
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)


async def issue_token(app, principal, scopes, locations=None):
    """Make a client of the principal's organisation and return an access token for it."""
    service = app.state.services[Identity]
    async with service.database.work(principal) as work:
        made = await identity.create_client(
            work, "a test", parse_scopes(" ".join(scopes)), locations
        )
    token = await service.issue_token(made.client_id, made.client_secret, None, "test")
    return token.access_token


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):
        """Leave the signals to pytest."""
        yield
