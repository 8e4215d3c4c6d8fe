"""Waiting for conditions instead of for time."""

from __future__ import annotations

import asyncio
import inspect


async def eventually(claim, timeout_s: float = 15.0):
    """Wait until the claim, plain or async, holds; return what it returned."""
    async with asyncio.timeout(timeout_s):
        while True:
            outcome = claim()
            if inspect.isawaitable(outcome):
                outcome = await outcome
            if outcome:
                return outcome
            await asyncio.sleep(0.005)
