import asyncio
import contextlib
import json

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from backend.core.roles import Role
from backend.core.scopes import Scope
from backend.identity import clients
from backend.identity.authentication import Identity
from backend.identity.people import accounts
from backend.identity.people.accounts import UserChange
from tests.backend.screens.test_feed import FEED
from tests.people import add_user, sign_in

PROTOCOL = [Subprotocol("graphql-transport-ws")]


@pytest.fixture
def database(server):
    """The database of the running server."""
    return server.app.state.services[Identity].database


@pytest.fixture
def client(server, database, principal):
    """Makes a client: returns its token and how it comes to see less."""

    async def make():
        scopes = frozenset({Scope.STOCK_READ, Scope.DEVICES_READ})
        async with database.work(principal) as work:
            made = await clients.create_client(work, "a screen", scopes)
        service = server.app.state.services[Identity]
        token = await service.issue_token(made.client_id, made.client_secret, None, "here")

        async def lessen():
            async with database.work(principal) as work:
                less = frozenset({Scope.DEVICES_READ})
                await clients.update_client(work, made.client_id, scopes=less)

        return token.access_token, lessen

    return make


@pytest.fixture
def person(server, database, principal, owner_url):
    """Signs somebody in: returns their token and how their role is lowered."""

    async def make():
        email = "kim@shop.example"
        user_id = await add_user(server.app, owner_url, principal.org_id, email, "ANALYST")
        token = await sign_in(server.app, principal, email)

        async def lessen():
            async with database.work(principal) as work:
                await accounts.change_user(work, user_id, UserChange(role=Role.SCREEN))

        return token, lessen

    return make


@contextlib.asynccontextmanager
async def feed(server, token):
    """Subscribe to everything; yields a way to read on."""
    async with connect(server.socket_url, subprotocols=PROTOCOL) as socket:

        async def receive():
            return json.loads(await asyncio.wait_for(socket.recv(), 10))

        async def send(**message):
            await socket.send(json.dumps(message))

        await send(type="connection_init", payload={"authorization": f"Bearer {token}"})
        await receive()
        await send(id="1", type="subscribe", payload={"query": FEED})
        yield receive


@pytest.mark.alone
@pytest.mark.parametrize("who", ["client", "person"])
async def test_a_feed_whose_bearer_may_see_less_says_so_and_goes_on(server, request, who):
    token, lessen = await request.getfixturevalue(who)()
    async with feed(server, token) as receive:
        while (await receive())["payload"]["data"]["feed"]["__typename"] != "FeedHeartbeat":
            pass

        await lessen()
        async with asyncio.timeout(1):
            message = await receive()
            while message["payload"]["data"]["feed"]["__typename"] == "FeedHeartbeat":
                message = await receive()

    gap = message["payload"]["data"]["feed"]
    assert (gap["__typename"], gap["reason"]) == ("FeedGap", "PERMISSION_CHANGED")
    assert gap["fromCursor"] == gap["cursor"]
