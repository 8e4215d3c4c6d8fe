"""The live feed of one process.

Every follower gets the organisation's events in order, from memory or from the log.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from backend.core.cursors import FeedPosition
from backend.core.events import Topic
from backend.core.principal import Principal
from backend.core.settings import BackendSettings
from backend.events import log
from backend.events.errors import FeedInterrupted, FeedNotReady
from backend.events.follower import Follower, Source, Wish
from backend.events.notify import Notifier
from backend.events.relay import Relay
from backend.events.rules import Chunk, Fact, FeedGapReason, Gap, Item, Predicate, Stage, Step
from backend.events.tail import Tail
from backend.events.window import Windows
from backend.infra.bus import Bus
from backend.infra.database import Database
from backend.infra.tasks import Tasks

MOST_BEHIND: Final = 50_000
READY_TIMEOUT: Final = 10.0
Listener = Callable[[UUID, list[Fact]], None]


class Feed:
    """Follows the log once per process, for all of its subscribers.

    Open it once; close it before the database.

    `most_behind` is how many entries a live follower may lag before it is given a gap instead of a
    replay.
    """

    def __init__(
        self, database: Database, settings: BackendSettings, *, most_behind: int = MOST_BEHIND
    ) -> None:
        self._database = database
        self._listeners: dict[str, list[Listener]] = {}
        self._oriented = asyncio.Event()
        self._tasks = Tasks()
        self._bus = Bus(settings.redis_url.get_secret_value()) if settings.redis_url else None
        self._notifier = Notifier(database)
        self._windows = Windows()
        self.relay = Relay(self._bus) if self._bus else None
        """How chunks go between processes; None where each follows the log itself."""
        self.tail = Tail(
            database,
            self._deliver,
            self._restart,
            relay=self.relay,
            is_own=lambda pid: pid == self._notifier.pid,
        )
        """The process's one reader of the log."""
        self._source = Source(
            database,
            self.tail,
            self._windows,
            settings.heartbeat_interval.total_seconds(),
            most_behind,
        )

    async def __aenter__(self) -> Self:
        self._tasks.start(self._notifier.run(), "feed notifier")
        self._tasks.start(self.tail.run(), "feed tail")
        if self.relay is not None:
            self._tasks.start(self.relay.send(), "feed relay, sending")
            self._tasks.start(self.relay.receive(), "feed relay, receiving")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._tasks.close()
        if self._bus is not None:
            await self._bus.close()

    @property
    def confirmed_at(self) -> datetime:
        """When this process last knew that it had everything."""
        return self.tail.confirmed_at

    async def here(self) -> FeedPosition:
        """Return the position up to which this process has everything.

        Raises:
            FeedNotReady: the log could not be reached since the process started.
        """
        if self.tail.epoch is None:
            try:
                async with asyncio.timeout(READY_TIMEOUT):
                    await self._oriented.wait()
            except TimeoutError as exc:
                raise FeedNotReady("the event log has not been reached yet; try again") from exc
        return FeedPosition(self.tail.epoch or "", self.tail.position)

    def listen(self, kind: str, listener: Listener) -> None:
        """Call `listener` with organisation and facts of every entry of that kind, anybody's."""
        self._listeners.setdefault(kind, []).append(listener)

    async def follow(
        self,
        principal: Principal,
        topics: Iterable[Topic],
        *,
        after: FeedPosition | None = None,
        stage: Stage = Stage.NEW,
        keep: Predicate | None = None,
        conflate: bool = False,
    ) -> AsyncGenerator[Step]:
        """Yield items in order, gaps and beats after a position (None: from now on), for ever.

        A beat comes as soon as everything has been delivered, and then whenever nothing came for
        the heartbeat interval. Nothing is queued: a slow follower reads on from memory or from the
        log at its own pace. `conflate` leaves out items of a key that are older than another one at
        hand.
        """
        here = await self.here()
        position = after or here
        if await self._is_ahead(principal, position):
            yield Gap(position, here, FeedGapReason.RESET)
            position = here
        wish = Wish(principal, frozenset(topics), keep, conflate)
        follower = Follower(self._source, wish, position, stage)
        async with aclosing(follower.steps()) as steps:
            async for step in steps:
                yield step

    async def live(
        self,
        principal: Principal,
        topics: Iterable[Topic],
        keep: Predicate | None = None,
        *,
        after: FeedPosition | None = None,
    ) -> AsyncGenerator[Item]:
        """Yield the items alone.

        Raises:
            FeedInterrupted: there would be a hole.
        """
        async with aclosing(self.follow(principal, topics, after=after, keep=keep)) as steps:
            async for step in steps:
                if isinstance(step, Item):
                    yield step
                elif isinstance(step, Gap):
                    raise interrupted(step)

    def _deliver(self, chunk: Chunk) -> None:
        self._windows.add(chunk)
        for entry in chunk.entries:
            for listener in self._listeners.get(entry.kind, ()):
                listener(entry.org_id, entry.facts)

    def _restart(self, _epoch: str, position: int) -> None:
        self._windows.restart(position)
        self._oriented.set()

    async def _is_ahead(self, principal: Principal, after: FeedPosition) -> bool:
        """Tell whether a cursor of this history names a place that the log has not reached."""
        if after.epoch != self.tail.epoch or after.seq <= self.tail.position:
            return False
        async with self._database.work(principal, read_only=True) as work:
            return after.seq > await log.drawn(work)


def interrupted(gap: Gap) -> FeedInterrupted:
    """Return a gap as an error, for subscriptions that have no cursor to go on from."""
    return FeedInterrupted(
        f"events are missing here ({gap.reason.value}); subscribe anew", reason=gap.reason.value
    )
