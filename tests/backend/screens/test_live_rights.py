import asyncio
import contextlib
import json

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from backend.core.scopes import Scope
from backend.identity import clients as identity
from backend.identity.authentication import Identity
from tests.backend.screens.test_feed import FEED

PROTOCOL = [Subprotocol("graphql-transport-ws")]


@contextlib.asynccontextmanager
async def feed(server, principal, *scopes):
    """Subscribe to everything as a client of its own; yields its id and a way to read on."""
    service = server.app.state.services[Identity]
    async with service.database.work(principal) as work:
        client = await identity.create_client(work, "a screen", frozenset(scopes))
    token = await service.issue_token(client.client_id, client.client_secret, None, "here")
    async with connect(server.socket_url, subprotocols=PROTOCOL) as socket:

        async def receive():
            return json.loads(await asyncio.wait_for(socket.recv(), 10))

        async def send(**message):
            await socket.send(json.dumps(message))

        bearer = f"Bearer {token.access_token}"
        await send(type="connection_init", payload={"authorization": bearer})
        await receive()
        await send(id="1", type="subscribe", payload={"query": FEED})
        yield service.database, client.client_id, receive


async def test_a_feed_whose_client_may_see_less_says_so_and_goes_on(server, principal):
    scopes = (Scope.STOCK_READ, Scope.DEVICES_READ)
    async with feed(server, principal, *scopes) as (database, client_id, receive):
        while (await receive())["payload"]["data"]["feed"]["__typename"] != "FeedHeartbeat":
            pass

        async with database.work(principal) as work:
            await identity.update_client(work, client_id, scopes=frozenset({Scope.DEVICES_READ}))
        async with asyncio.timeout(1):
            message = await receive()
            while message["payload"]["data"]["feed"]["__typename"] == "FeedHeartbeat":
                message = await receive()

    gap = message["payload"]["data"]["feed"]
    assert (gap["__typename"], gap["reason"]) == ("FeedGap", "PERMISSION_CHANGED")
    assert gap["fromCursor"] == gap["cursor"]
