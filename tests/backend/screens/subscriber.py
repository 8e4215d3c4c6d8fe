"""One who subscribes, without a socket between."""

import asyncio
import json

from backend.infra.api.emission import Emission
from backend.infra.api.sharing import Request

LONG = 15


class Subscriber:
    """Takes the results of one subscription one by one: `async with subscribe(…) as subscriber`."""

    def __init__(self, executions, query, variables, context, emission):
        self.emission = emission or Emission()
        request = Request(query, variables, None)
        self._batches = executions.results(request, context, self.emission)
        self._waiting = []

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self._batches.aclose()

    async def payload(self):
        """Return the next result."""
        while not self._waiting:
            self._waiting = list(await asyncio.wait_for(anext(self._batches), LONG))
        produced = self._waiting.pop(0)
        if produced.position is not None:
            self.emission.resume = produced.position
        return json.loads(produced.text)

    async def next(self):
        """Return what the one root field of the next result says."""
        payload = await self.payload()
        assert "errors" not in payload, payload
        return next(iter(payload["data"].values()))

    async def until(self, is_last):
        """Return what comes, up to the first for which `is_last` holds."""
        async with asyncio.timeout(LONG):
            got = [await self.next()]
            while not is_last(got[-1]):
                got.append(await self.next())
        return got

    async def of(self, *types, count=1):
        """Return the next `count` items of these types; others are left out."""
        got = []
        async with asyncio.timeout(LONG):
            while len(got) < count:
                item = await self.next()
                if item["__typename"] in types:
                    got.append(item)
        return got
