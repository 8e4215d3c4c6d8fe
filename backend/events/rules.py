"""Entries of the log, what followers get of them, and the order of positions. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any
from uuid import UUID

import msgspec

from backend.core.cursors import FeedPosition
from backend.core.events import Topic
from backend.core.principal import Principal

Fact = dict[str, Any]
_GOODS = frozenset({Topic.STOCK, Topic.CATALOGUE})
"""What partners see beside their sales: a distributor what it supplies, a channel what it sells."""
_DECODER = msgspec.json.Decoder(list[Fact])


class FeedGapReason(StrEnum):
    """Why events are missing from a feed."""

    RETENTION = "RETENTION"
    """They are older than what is kept."""
    SLOW_CONSUMER = "SLOW_CONSUMER"
    """The subscriber fell too far behind; they can still be had with `after`."""
    PERMISSION_CHANGED = "PERMISSION_CHANGED"
    """What may be seen changed here; nothing else is missing."""
    RESET = "RESET"
    """The log began anew: the cursor belongs to another history."""


class Stage(Enum):
    """How far a follower is when it begins."""

    NEW = "NEW"
    """It may have much to replay, and wants to hear when it has everything."""
    RESUMED = "RESUMED"
    """It was live and fell behind: it may not replay without limit."""
    SHARED = "SHARED"
    """It is live for others who have heard already that they have everything."""


@dataclass(slots=True)
class Entry:
    """Events of one kind at one location of one transaction; `items` is their stored JSON array."""

    org_id: UUID
    seq: int
    topic: str
    kind: str
    location_id: UUID | None
    recorded_at: datetime
    schema_version: int
    items: str
    _facts: list[Fact] | None = field(default=None, compare=False, repr=False)

    @property
    def facts(self) -> list[Fact]:
        """The stored facts, decoded once. Nobody may change them."""
        if self._facts is None:
            self._facts = _DECODER.decode(self.items)
        return self._facts


@dataclass(frozen=True, slots=True)
class Chunk:
    """All entries above `after` up to and including `upto`, in order."""

    after: int
    upto: int
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class Item:
    """One event on its way to one follower."""

    position: FeedPosition
    entry: Entry
    fact: Fact

    @property
    def key(self) -> str:
        """What the event is about: events of one key keep their order."""
        return self.fact["key"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing between `after` and `position` is delivered."""

    after: FeedPosition
    position: FeedPosition
    reason: FeedGapReason


@dataclass(frozen=True, slots=True)
class Beat:
    """Everything up to `position` has been delivered; at `at` there was nothing more."""

    position: FeedPosition
    at: datetime


Step = Item | Gap | Beat
Predicate = Callable[[Entry, Fact], bool]


def visible(principal: Principal, entry: Entry, fact: Fact) -> bool:
    """Tell whether the principal may see an event: its place, and for a partner only its own.

    Goods belong to who supplied them when it happened.
    """
    if not principal.sees(entry.location_id):
        return False
    if not principal.is_partner or entry.topic == Topic.LOCATIONS:
        return True
    if entry.topic == Topic.SALES:
        sale: Fact = fact["sale"]
        return _is_own(principal, sale) and principal.channel in (None, sale["channel"])
    return entry.topic in _GOODS and _is_own(principal, fact)


def _is_own(principal: Principal, fact: Fact) -> bool:
    return principal.partner is None or fact.get("distributorId") == str(principal.partner)


def items_behind(
    position: FeedPosition, entries: Iterable[Entry], wanted: Callable[[Entry, Fact], bool]
) -> Iterator[Item]:
    """Yield the wanted items of `entries` that lie behind `position`, in order."""
    for entry in entries:
        facts = entry.facts
        last = len(facts) - 1
        start = position.item + 1 if entry.seq == position.seq else 0
        for index in range(start, len(facts)):
            if wanted(entry, facts[index]):
                item = -1 if index == last else index
                yield Item(FeedPosition(position.epoch, entry.seq, item), entry, facts[index])


def newest_per_key(items: Iterable[Item]) -> list[Item]:
    """Keep of every key the item with the highest version, in the order of their positions."""
    newest: dict[str, Item] = {}
    for item in items:
        known = newest.get(item.key)
        if known is None or item.fact["version"] >= known.fact["version"]:
            newest.pop(item.key, None)
            newest[item.key] = item
    return list(newest.values())
