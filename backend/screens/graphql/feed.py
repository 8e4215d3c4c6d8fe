"""The items of the feed."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from backend.alerts.graphql import Alert
from backend.core.events import Topic
from backend.events.rules import Beat, FeedGapReason, Gap, Item, Step
from backend.infra.api.declared import chosen_by_scope, public
from backend.infra.api.described import enum_type, object_type
from backend.infra.api.scalars import Cursor
from backend.sales.graphql import Sale
from backend.screens.graphql.payloads import PAYLOADS, FeedPayload
from backend.screens.snapshot import Chunk
from backend.stock.graphql import StockLevel

enum_type(Topic)
enum_type(FeedGapReason)


@chosen_by_scope
@object_type
class FeedSnapshot:
    """A part of the state at the beginning, or after a gap; at most 500 rows.

    Rows may be newer than the cursor: of two states of a thing the higher version is the later.
    """

    cursor: Cursor
    """Goes on with the next part; with the events once it is complete."""
    as_of: datetime
    """When the rows were read."""
    complete: bool
    """Whether this is the last part."""
    stock_levels: list[StockLevel]
    """Levels, where stock was asked for."""
    alerts: list[Alert]
    """Alerts that are not resolved, where alerts were asked for."""
    sales: list[Sale]
    """The last sales and returns, oldest first, where sales were asked for."""

    @classmethod
    def of(cls, chunk: Chunk) -> Self:
        """Return a chunk as clients see it."""
        return cls(
            cursor=Cursor(str(chunk.position)),
            as_of=chunk.as_of,
            complete=chunk.is_last,
            stock_levels=[StockLevel.of(level) for level in chunk.levels],
            alerts=[Alert.of(alert) for alert in chunk.alerts],
            sales=[Sale.from_fact(fact) for fact in chunk.sales],
        )


@chosen_by_scope
@object_type
class FeedEvent:
    """Something that happened. Events about one thing come in the order in which it happened."""

    cursor: Cursor
    """Goes on after this event."""
    kind: str
    """Name of the payload's type."""
    topic: Topic
    """What it belongs to."""
    occurred_at: datetime
    """When it happened."""
    recorded_at: datetime
    """When we learnt of it."""
    schema_version: int
    """Version of the stored fact's form."""
    payload: FeedPayload
    """What it says."""

    @classmethod
    def of(cls, item: Item) -> Self:
        """Return an item as clients see it."""
        entry = item.entry
        return cls(
            cursor=Cursor(str(item.position)),
            kind=entry.kind,
            topic=Topic(entry.topic),
            occurred_at=datetime.fromisoformat(item.fact["occurredAt"]),
            recorded_at=entry.recorded_at,
            schema_version=entry.schema_version,
            payload=PAYLOADS[entry.kind](item.fact),
        )


@public
@object_type
class FeedGap:
    """Events between the two cursors are not delivered here."""

    from_cursor: Cursor
    """The last position before the gap; asking for the feed after it tries again."""
    cursor: Cursor
    """Where the feed goes on."""
    reason: FeedGapReason
    """Why."""

    @classmethod
    def of(cls, gap: Gap) -> Self:
        """Return a gap as clients see it."""
        return cls(
            from_cursor=Cursor(str(gap.after)),
            cursor=Cursor(str(gap.position)),
            reason=gap.reason,
        )


@public
@object_type
class FeedHeartbeat:
    """Everything up to the cursor has been delivered; there was nothing more at that time."""

    cursor: Cursor
    """The watermark."""
    server_time: datetime
    """When the server last knew that there was nothing more."""

    @classmethod
    def of(cls, beat: Beat) -> Self:
        """Return a beat as clients see it."""
        return cls(cursor=Cursor(str(beat.position)), server_time=beat.at)


FeedItem = Annotated[
    FeedSnapshot | FeedEvent | FeedGap | FeedHeartbeat,
    strawberry.union("FeedItem", description="What a feed consists of; all parts carry `cursor`."),
]


def feed_item(step: Step | Chunk) -> FeedSnapshot | FeedEvent | FeedGap | FeedHeartbeat:
    """Return a step of the feed as clients see it."""
    if isinstance(step, Item):
        return FeedEvent.of(step)
    if isinstance(step, Chunk):
        return FeedSnapshot.of(step)
    return FeedGap.of(step) if isinstance(step, Gap) else FeedHeartbeat.of(step)
