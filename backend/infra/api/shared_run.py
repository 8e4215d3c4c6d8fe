"""The newest results of one shared execution, from which each subscriber takes at its own pace."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

from backend.core.cursors import FeedPosition
from backend.infra.api.emission import Style

MOST_RESULTS: Final = 512
MOST_CHARACTERS: Final = 4_000_000


class Behind(Exception):
    """The subscriber must go on alone from where it is: what follows is not here (any more)."""


@dataclass(frozen=True, slots=True)
class Produced:
    """An encoded result, where it lies and what it is about."""

    text: str
    position: FeedPosition | None
    key: str | None


class SharedRun:
    """Results behind `base`, numbered; nothing is queued per subscriber."""

    def __init__(self, style: Style, start: FeedPosition) -> None:
        self.style = style
        self.base = start
        """Up to here results have left memory, or were never here."""
        self.subscribers = 0
        self.task: asyncio.Task[None] | None = None
        self._results: list[Produced] = []
        self._first = 0
        self._characters = 0
        self._has_ended = False
        self._is_dissolved = False
        self._waiters: list[asyncio.Future[None]] = []

    def add(self, produced: Produced) -> None:
        """Offer a result to all subscribers."""
        self._results.append(produced)
        self._characters += len(produced.text)
        if len(self._results) > MOST_RESULTS or self._characters > MOST_CHARACTERS:
            self._shrink()
        self._wake()

    def end(self, *, dissolved: bool) -> None:
        """Nothing follows; `dissolved` lets the subscribers go on alone instead of completing."""
        self._has_ended, self._is_dissolved = True, dissolved
        self._wake()

    async def batches(self, position: FeedPosition) -> AsyncGenerator[list[Produced]]:
        """Yield all results behind `position` as they come.

        Raises:
            Behind: some are not here.
        """
        number = self._number_after(position)
        while True:
            if number < self._first and self.style is not Style.LATEST:
                raise Behind
            batch = self._chosen(self._results[max(0, number - self._first) :])
            number = self._first + len(self._results)
            if batch:
                yield batch
            elif self._is_dissolved:
                raise Behind
            elif self._has_ended:
                return
            else:
                await self._wait()

    def _number_after(self, position: FeedPosition) -> int:
        """Return the number of the first result behind `position`; of the last one for LATEST."""
        end = self._first + len(self._results)
        if self.style is Style.LATEST:
            return max(self._first, end - 1)
        for index in range(len(self._results) - 1, -1, -1):
            at = self._results[index].position
            if at is not None and (at.epoch != position.epoch or at.reach <= position.reach):
                return self._first + index + 1
        if self.base.epoch != position.epoch or self.base.reach > position.reach:
            raise Behind
        return self._first

    def _chosen(self, batch: list[Produced]) -> list[Produced]:
        """Leave out what a subscriber that reads it only now may miss."""
        if len(batch) < 2 or self.style is Style.LOG:
            return batch
        if self.style is Style.LATEST:
            return batch[-1:]
        newest: dict[str | None, Produced] = {}
        for produced in batch:
            newest.pop(produced.key, None)
            newest[produced.key] = produced
        return list(newest.values())

    async def _wait(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _shrink(self) -> None:
        half = max(1, len(self._results) // 2)
        gone = self._results[:half]
        del self._results[:half]
        self._first += half
        self._characters -= sum(len(produced.text) for produced in gone)
        for produced in gone:
            if produced.position is not None:
                self.base = produced.position
