"""Trying again while something is away."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from backend.core.errors import Unreachable

T = TypeVar("T")
FIRST: Final = 0.05
MOST: Final = 3.0
log = logging.getLogger(__name__)


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Call again and again, ever more slowly, while it is Unreachable; until cancelled."""
    delay = FIRST
    while True:
        try:
            return await call()
        except Unreachable as exc:
            log.info("waiting: %s", exc)
        await asyncio.sleep(delay * random.uniform(0.5, 1))
        delay = min(delay * 2, MOST)
