"""Waiting for what a worker does."""

import asyncio

from tests.world import run_sql


async def until(owner_url, statement, wanted):
    """Wait until the first row of a query is so."""
    async with asyncio.timeout(90):
        while tuple((await run_sql(owner_url, statement))[0]) != wanted:
            await asyncio.sleep(0.05)
