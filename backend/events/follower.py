"""One subscriber's way through the log, at its own pace.

From memory where it can, else from the database.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from typing import Final

from backend.core.cursors import FeedPosition
from backend.core.events import Topic
from backend.core.principal import Principal
from backend.events import log
from backend.events.log import Page
from backend.events.rules import (
    Beat,
    Entry,
    Fact,
    FeedGapReason,
    Gap,
    Item,
    Predicate,
    Stage,
    Step,
    items_behind,
    newest_per_key,
    visible,
)
from backend.events.tail import Tail
from backend.events.window import Window, Windows
from backend.infra.database import Database
from backend.infra.patience import patiently

MOST_WAIT: Final = 1.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What one subscriber wants of its organisation's events."""

    principal: Principal
    topics: frozenset[Topic]
    keep: Predicate | None = None
    conflate: bool = False

    def items(self, position: FeedPosition, entries: Iterable[Entry]) -> Iterable[Item]:
        """Return what of `entries` is wanted and may be seen, behind `position`."""
        items = items_behind(position, entries, self._wants)
        return newest_per_key(items) if self.conflate else items

    def _wants(self, entry: Entry, fact: Fact) -> bool:
        return (
            entry.topic in self.topics
            and visible(self.principal, entry, fact)
            and (self.keep is None or self.keep(entry, fact))
        )


@dataclass(frozen=True, slots=True)
class Source:
    """Where a follower reads."""

    database: Database
    tail: Tail
    windows: Windows
    heartbeat: float
    most_behind: int


class Follower:
    """Follows from a position on, for ever."""

    def __init__(
        self,
        source: Source,
        wish: Wish,
        position: FeedPosition,
        stage: Stage,
    ) -> None:
        self._source = source
        self._wish = wish
        self._position = position
        self._is_live = stage is not Stage.NEW
        self._restarts = source.windows.restarts
        self._owes_beat = stage is not Stage.SHARED
        self._beat_due = self._now() + source.heartbeat
        self._beat_at = source.tail.confirmed_at

    async def steps(self) -> AsyncGenerator[Step]:
        """Yield items, gaps and beats."""
        with self._source.windows.of(self._wish.principal.org_id) as window:
            while True:
                found = self._reset() or await self._next(window)
                if isinstance(found, Gap):
                    self._position = found.position
                    yield found
                    continue
                for item in self._wish.items(self._position, found.entries):
                    yield item
                    self._beat_due = self._now() + self._source.heartbeat
                if found.upto > self._position.seq or found.entries:
                    self._position = FeedPosition(self._position.epoch, found.upto)
                if self._position.seq < self._source.tail.position:
                    continue
                if self._is_due():
                    yield self._beat()
                else:
                    await window.wait(min(max(self._beat_due - self._now(), 0.05), MOST_WAIT))

    def _reset(self) -> Gap | None:
        tail = self._source.tail
        if self._position.epoch == tail.epoch and self._restarts == self._source.windows.restarts:
            return None
        self._restarts = self._source.windows.restarts
        return Gap(self._position, self._end(), FeedGapReason.RESET)

    async def _next(self, window: Window) -> Page | Gap:
        """Return what comes next; an empty page when there is nothing."""
        entries = window.above(self._position.whole)
        if entries is not None:
            return Page(entries, max(self._source.windows.position, self._position.seq))
        lag = self._source.tail.position - self._position.seq
        if self._is_live and lag > self._source.most_behind:
            return Gap(self._position, self._end(), FeedGapReason.SLOW_CONSUMER)
        return await patiently(self._read_log)

    async def _read_log(self) -> Page | Gap:
        upto = self._source.tail.position
        database, principal = self._source.database, self._wish.principal
        async with database.work(principal, read_only=True) as work:
            floor = await log.purged_upto(work)
            if floor > self._position.whole:
                kept_from = FeedPosition(self._position.epoch, floor)
                return Gap(self._position, kept_from, FeedGapReason.RETENTION)
            return await log.read_page(work, self._position, upto, self._wish.topics)

    def _is_due(self) -> bool:
        if self._owes_beat:
            return True
        return self._now() >= self._beat_due and self._source.tail.confirmed_at > self._beat_at

    def _beat(self) -> Beat:
        self._is_live, self._owes_beat = True, False
        self._beat_at = self._source.tail.confirmed_at
        self._beat_due = self._now() + self._source.heartbeat
        return Beat(self._position, self._beat_at)

    def _end(self) -> FeedPosition:
        tail = self._source.tail
        return FeedPosition(tail.epoch or "", tail.position)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
