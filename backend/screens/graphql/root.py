"""The subscriptions of screens."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from typing import Final

import strawberry

from backend.core.cursors import parse_feed_position
from backend.core.events import Topic
from backend.core.scopes import Scope
from backend.events.service import Feed
from backend.infra.api.access import Requires
from backend.infra.api.context import Info
from backend.infra.api.emission import Style
from backend.infra.api.scalars import Cursor
from backend.screens import pulse as pulses
from backend.screens.access import location_ids, topics_for
from backend.screens.errors import InvalidFrequency
from backend.screens.feed import Session, Wanted
from backend.screens.graphql.feed import FeedItem, feed_item
from backend.screens.graphql.payloads import PAYLOADS
from backend.screens.graphql.pulse import Pulse
from backend.screens.snapshot import Scene

SLOWEST: Final = 0.1
FASTEST: Final = 20.0


@strawberry.type
class Subscription:
    """Root fields."""

    @strawberry.subscription
    async def feed(
        self,
        info: Info,
        after: Cursor | None = None,
        topics: list[Topic] | None = None,
        locations: list[str] | None = None,
        snapshot: bool = True,
    ) -> AsyncGenerator[FeedItem, None]:
        """Everything that happens, in order, with nothing left out unless a FeedGap says so.

        It begins after the cursor if there is one, else with the state as it is (unless `snapshot`
        is false). Without `topics`, all that the token's scopes open.
        """
        context = info.context
        chosen = topics_for(context.principal, topics)
        position = parse_feed_position(after) if after is not None else None
        async with context.database.work(context.principal, read_only=True) as work:
            places = await location_ids(work, locations)
        scene = Scene(context.database, context.principal, chosen, places)
        wanted = Wanted(position, snapshot, frozenset(PAYLOADS))
        session = Session(context.service(Feed), scene, wanted, context.emission)
        async with aclosing(session.steps()) as steps:
            async for step in steps:
                yield feed_item(step)

    @strawberry.subscription(extensions=[Requires(Scope.SALES_READ, Scope.ALERTS_READ)])
    async def pulse(
        self, info: Info, locations: list[str] | None = None, max_hz: float = 4
    ) -> AsyncGenerator[Pulse, None]:
        """How the business stands, at once and then after changes, at most `maxHz` times a second.

        Whoever cannot keep up gets the newest figures only. Quiet times are broken by the heartbeat
        interval, so that `asOf` tells whether the figures are still true.
        """
        context = info.context
        if not SLOWEST <= max_hz <= FASTEST:
            message = f"maxHz is {SLOWEST} to {FASTEST:g}"
            raise InvalidFrequency(message, field=["maxHz"], value=str(max_hz)[:20])
        async with context.database.work(context.principal, read_only=True) as work:
            places = await location_ids(work, locations)
        feed = context.service(Feed)
        if context.emission.hand_over(await feed.here(), Style.LATEST):
            return
        pulse = pulses.Pulse(feed, context.database, context.principal, places)
        async with aclosing(pulse.readings(timedelta(seconds=1 / max_hz))) as readings:
            async for reading in readings:
                context.emission.mark(reading.position)
                yield Pulse.of(reading)
