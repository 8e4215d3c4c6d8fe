"""One subscriber's feed: gaps said out loud, a snapshot where one is due, then every event."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from backend.core.cursors import FeedPosition
from backend.events.rules import Beat, Entry, Fact, FeedGapReason, Gap, Stage, Step
from backend.events.service import Feed
from backend.events.subscriptions import stage_of
from backend.infra.api.emission import Emission, Style
from backend.screens.snapshot import Chunk, Scene


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a subscriber asked for. `after` wins over `snapshot`, which then only follows gaps."""

    after: FeedPosition | None
    snapshot: bool
    kinds: frozenset[str]


class Session:
    """Runs one execution of `feed`: for one subscriber up to the present, from there for many."""

    def __init__(self, feed: Feed, scene: Scene, wanted: Wanted, emission: Emission) -> None:
        self._feed = feed
        self._scene = scene
        self._wanted = wanted
        self._emission = emission
        self._position = FeedPosition("", 0)
        self._stage = stage_of(emission)

    async def steps(self) -> AsyncGenerator[Step | Chunk]:
        """Yield gaps, chunks of a snapshot, events and beats."""
        async with aclosing(self._begin()) as beginning:
            async for step in beginning:
                yield step
        is_over = False
        while not is_over:
            is_over = True
            async with aclosing(self._follow()) as following:
                async for step in following:
                    self._emission.mark(step.position)
                    self._position = step.position
                    yield step
                    if isinstance(step, Gap):
                        is_over = False
                        break
                    if isinstance(step, Beat) and self._hand_over(step):
                        return
            if not is_over and self._wanted.snapshot:
                async for chunk in self._snapshot(self._position):
                    yield chunk

    async def _begin(self) -> AsyncGenerator[Step | Chunk]:
        """Find the position to follow from, with all that comes before the first event."""
        emission, wanted = self._emission, self._wanted
        here = await self._feed.here()
        start = emission.resume or wanted.after
        self._position = start or here
        if emission.permission_changed and start is not None:
            gap = Gap(start, start, FeedGapReason.PERMISSION_CHANGED)
            emission.mark(start)
            yield gap
        is_inside = start is not None and start.snapshot is not None and start.epoch == here.epoch
        is_due = start is None or emission.permission_changed
        if is_inside or (is_due and wanted.snapshot):
            async for chunk in self._snapshot(self._position):
                yield chunk

    async def _snapshot(self, position: FeedPosition) -> AsyncGenerator[Chunk]:
        async with aclosing(self._scene.chunks(position)) as chunks:
            async for chunk in chunks:
                self._position = chunk.position
                self._emission.mark(chunk.position)
                yield chunk

    async def _follow(self) -> AsyncGenerator[Step]:
        steps = self._feed.follow(
            self._scene.principal,
            self._scene.topics,
            after=self._position,
            stage=self._stage,
            keep=self._keeps,
        )
        async with aclosing(steps):
            async for step in steps:
                if isinstance(step, Gap) and self._emission.is_shared:
                    self._emission.dissolve()
                    return
                if isinstance(step, Beat) and self._stage is Stage.NEW:
                    self._stage = Stage.RESUMED
                yield step

    def _hand_over(self, beat: Beat) -> bool:
        return self._emission.hand_over(beat.position, Style.LOG)

    def _keeps(self, entry: Entry, _fact: Fact) -> bool:
        places = self._scene.places
        is_here = places is None or entry.location_id is None or entry.location_id in places
        return is_here and entry.kind in self._wanted.kinds
