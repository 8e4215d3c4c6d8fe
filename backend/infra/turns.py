"""Turns at what one can use at a time."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Turns:
    """Who came first has the next turn; those that are ahead go before all others that wait."""

    def __init__(self) -> None:
        self._is_taken = False
        self._ahead: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def take(self, *, is_ahead: bool = False) -> AsyncGenerator[None]:
        """Wait for a turn, and end it with the block."""
        if self._is_taken:
            await self._wait(self._ahead if is_ahead else self._others)
        self._is_taken = True
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, queue: deque[asyncio.Future[None]]) -> None:
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._pass_on()  # it came at that moment
            raise

    def _pass_on(self) -> None:
        for queue in (self._ahead, self._others):
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._is_taken = False
