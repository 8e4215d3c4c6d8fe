"""A small client of the feed, as a phone has one: it reconnects for ever, after its last cursor."""

import asyncio
import contextlib
import json
from collections import defaultdict

import httpx2
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

PROTOCOL = Subprotocol("graphql-transport-ws")
RETRY_S = 0.1
SILENCE_S = 20
"""A feed sends a heartbeat every five seconds: after this one the connection is dead."""

FEED = """
subscription ($after: Cursor, $locations: [String!], $topics: [Topic!]) {
  feed(after: $after, locations: $locations, topics: $topics, snapshot: false) {
    __typename
    ... on FeedHeartbeat { cursor serverTime }
    ... on FeedGap { cursor reason }
    ... on FeedEvent { cursor kind payload {
      __typename
      ... on StockMoved {
        movement { id quantity reason reference }
        level { onHand version product { sku } location { code } } }
      ... on SaleRecorded { sale { id idempotencyKey location { code } lines { product { sku } } } }
      ... on AlertChanged { alert { id kind state version product { sku } location { code } } }
    } } } }"""


class Follower:
    """Everything one subscriber was sent, in the order in which it came."""

    def __init__(self, caller, *, locations=None, topics=("STOCK", "SALES", "ALERTS")):
        self._caller = caller
        self._variables = {"locations": locations, "topics": list(topics)}
        self.cursor = None
        self.events = []
        self.movements = []
        """The ids of the movements, as they came."""
        self.sales = []
        """The ids of the sales, as they came."""
        self.gaps = []
        self.faults = []
        self.connections = 0
        self._news = asyncio.Event()

    @contextlib.asynccontextmanager
    async def following(self):
        """Follow until the block ends; it begins once the feed has begun."""
        task = asyncio.create_task(self._follow_for_ever())
        try:
            await self.until(lambda: self.cursor)
            yield self
        finally:
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled():
                task.result()

    async def until(self, claim, timeout_s=30):
        """Wait for what the events will make true."""
        async with asyncio.timeout(timeout_s):
            while not claim():
                self._news.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await self._news.wait()

    def of(self, kind):
        """Return the payloads of one kind."""
        return [event["payload"] for event in self.events if event["kind"] == kind]

    @property
    def alert_states(self):
        """The state of the last alert of each product."""
        alerts = [payload["alert"] for payload in self.of("AlertChanged")]
        return {alert["product"]["sku"]: alert["state"] for alert in alerts}

    @property
    def versions(self):
        """The versions of each level and of each alert, as they came."""
        seen = defaultdict(list)
        for payload in self.of("StockMoved"):
            level = payload["level"]
            seen[level["location"]["code"], level["product"]["sku"]].append(level["version"])
        for payload in self.of("AlertChanged"):
            seen[payload["alert"]["id"]].append(payload["alert"]["version"])
        return seen

    async def _follow_for_ever(self):
        while True:
            with contextlib.suppress(OSError, TimeoutError, WebSocketException, httpx2.HTTPError):
                await self._follow()
            await asyncio.sleep(RETRY_S)

    async def _follow(self):
        token = await self._caller.token()
        url = self._caller.url.replace("http", "ws", 1) + "/graphql"
        async with connect(url, subprotocols=[PROTOCOL], max_size=None, compression=None) as socket:
            hello = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
            await socket.send(json.dumps(hello))
            variables = self._variables | {"after": self.cursor}
            async with asyncio.timeout(SILENCE_S):
                acknowledged = json.loads(await socket.recv())
            assert acknowledged["type"] == "connection_ack", acknowledged
            self.connections += 1
            payload = {"query": FEED, "variables": variables}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            while True:
                async with asyncio.timeout(SILENCE_S):
                    message = json.loads(await socket.recv())
                if not await self._take(socket, message):
                    return

    async def _take(self, socket, message):
        """Note a message; false when the subscription is over."""
        if message["type"] == "ping":
            await socket.send(json.dumps({"type": "pong"}))
            return True
        if message["type"] != "next" or message["payload"].get("errors"):
            self.faults.append(message)
            self._news.set()
            return False
        item = message["payload"]["data"]["feed"]
        if item["__typename"] == "FeedEvent":
            self._note(item)
        elif item["__typename"] == "FeedGap":
            self.gaps.append(item)
        self.cursor = item["cursor"]
        self._news.set()
        return True

    def _note(self, event):
        self.events.append(event)
        payload = event["payload"]
        if event["kind"] == "StockMoved":
            self.movements.append(payload["movement"]["id"])
        elif event["kind"] == "SaleRecorded":
            self.sales.append(payload["sale"]["id"])
