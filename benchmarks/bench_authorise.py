"""What it costs to say who asks, and to issue a token."""

import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from backend.core.scopes import Scope
from backend.identity.authentication import Identity
from backend.infra.database import Database
from backend.infra.work import Reactions
from benchmarks import instance
from benchmarks.results import Figure, Result

TOKENS: Final = 300
REPEATS: Final = 20_000


async def run() -> Result:
    """Issue tokens, authorise each for the first time, then one of them again and again."""
    async with instance.running() as installation:
        client = await instance.make_client(
            installation.owner_url, installation.org_id, "a client", Scope.STOCK_READ
        )
        settings = instance.settings()
        async with Database(settings, installation.owner_url, Reactions()) as database:
            identity = Identity(database, settings)
            tokens: list[str] = []

            async def issue() -> None:
                token = await identity.issue_token(*client, None, "benchmark")
                tokens.append(token.access_token)

            await issue()  # opens connections and reads the keys
            await identity.authenticate(tokens.pop())
            issuing = await _measure(issue, TOKENS)
            fresh = iter(tokens)
            new = await _measure(lambda: identity.authenticate(next(fresh)), TOKENS)
            known = await _measure(lambda: identity.authenticate(tokens[-1]), REPEATS)
    figures = [
        Figure("a known token, processor time", known["cpu"] * 1e6, "µs"),
        Figure("a new token, p50", new["p50"] * 1e3, "ms"),
        Figure("a new token, processor time", new["cpu"] * 1e3, "ms"),
        Figure("issuing a token, p50", issuing["p50"] * 1e3, "ms"),
        Figure("issuing a token, processor time", issuing["cpu"] * 1e3, "ms"),
    ]
    notes = ["in one process, without HTTP; processor time is Python's alone, not PostgreSQL's"]
    return Result("authorise", figures, notes)


async def _measure(call: Callable[[], Awaitable[Any]], times: int) -> dict[str, float]:
    """Return seconds per call: the median by the clock, the mean by the processor."""
    taken: list[float] = []
    before = time.process_time()
    for _ in range(times):
        began = time.perf_counter()
        await call()
        taken.append(time.perf_counter() - began)
    cpu = (time.process_time() - before) / times
    return {"p50": statistics.median(taken), "cpu": cpu}
