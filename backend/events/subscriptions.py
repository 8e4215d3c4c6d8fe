"""How a domain offers its events as a subscription without cursors."""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from typing import TypeVar

from backend.core.events import Topic
from backend.events.rules import Gap, Item, Predicate, Stage
from backend.events.service import Feed, interrupted
from backend.infra.api.context import Context
from backend.infra.api.emission import Emission, Style

T = TypeVar("T")


async def changes(
    context: Context,
    topics: Iterable[Topic],
    make: Callable[[Item], T],
    *,
    style: Style = Style.LOG,
    keep: Predicate | None = None,
) -> AsyncGenerator[T]:
    """Yield what `make` makes of the caller's events from now on.

    LOG leaves nothing out; KEYED leaves out what a later event of the same key overtakes. Whoever
    asks the same shares one execution.

    Raises:
        FeedInterrupted: events are missing that cannot be had any more.
    """
    feed, emission = context.service(Feed), context.emission
    start = emission.resume or await feed.here()
    if emission.resume is None and emission.hand_over(start, style):
        return
    following = feed.follow(
        context.principal,
        topics,
        after=start,
        stage=stage_of(emission),
        keep=keep,
        conflate=style is Style.KEYED,
    )
    async with aclosing(following) as steps:
        async for step in steps:
            if isinstance(step, Item):
                emission.mark(step.position, step.key)
                yield make(step)
            elif isinstance(step, Gap):
                if not emission.is_shared:
                    raise interrupted(step)
                emission.dissolve()
                return
            elif emission.hand_over(step.position, style):
                return


def stage_of(emission: Emission) -> Stage:
    """Return how far the subscriber of an execution is."""
    if emission.is_shared:
        return Stage.SHARED
    return Stage.NEW if emission.resume is None else Stage.RESUMED
