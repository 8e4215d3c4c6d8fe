"""The state a feed begins with, in chunks; after any of them it can be resumed."""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.alerts import service as alerts
from backend.alerts.rules import AlertFact, AlertState
from backend.alerts.service import AlertCriteria, AlertOrder
from backend.core.cursors import FeedPosition, InvalidCursor
from backend.core.events import Topic
from backend.core.principal import Principal
from backend.events import log
from backend.events.rules import Fact, visible
from backend.infra.database import Database
from backend.infra.patience import patiently
from backend.infra.work import Work
from backend.sales.events import ReturnRecorded, SaleRecorded
from backend.screens import statements
from backend.stock import service as stock
from backend.stock.queries import names
from backend.stock.rules import Level

CHUNK: Final = 500
SALES: Final = 100
SALES_ENTRIES: Final = 400
_FIRST: Final = UUID(int=0)
_SECTIONS: Final = (Topic.STOCK, Topic.ALERTS, Topic.SALES)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of the snapshot; `position` resumes after it and is the feed's own with the last."""

    position: FeedPosition
    as_of: datetime
    is_last: bool
    levels: list[Level] = field(default_factory=list)
    alerts: list[AlertFact] = field(default_factory=list)
    sales: list[Fact] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rows:
    """One section's next rows, and the key after which it goes on; None: it is done."""

    after: str | None
    levels: list[Level] = field(default_factory=list)
    alerts: list[AlertFact] = field(default_factory=list)
    sales: list[Fact] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a snapshot shows, to whom; `places` None: every location.

    `most` bounds the rows of a chunk.
    """

    database: Database
    principal: Principal
    topics: frozenset[Topic]
    places: frozenset[UUID] | None
    most: int = CHUNK

    async def chunks(self, position: FeedPosition) -> AsyncGenerator[Chunk]:
        """Yield the state for a feed that goes on at `position`, which may lie inside a snapshot.

        Rows are as of their chunk and may hold more than `position`: what comes behind it comes
        again with the same version.
        """
        base = replace(position, snapshot=None)
        sections = [topic for topic in _SECTIONS if topic in self.topics]
        section, after = _place_of(position, sections)
        while section is not None:
            chunk, section, after = await self._chunk(base, sections, section, after)
            yield chunk
        if not sections:
            async with self.database.work(self.principal, read_only=True) as work:
                now = work.now
            yield Chunk(base, now, is_last=True)

    async def _chunk(
        self, base: FeedPosition, sections: list[Topic], section: Topic, after: str
    ) -> tuple[Chunk, Topic | None, str]:
        async def read() -> tuple[Rows, datetime]:
            async with self.database.work(self.principal, read_only=True) as work:
                return await self._rows(work, section, after, base), work.now

        rows, now = await patiently(read)
        following = section if rows.after is not None else _after(sections, section)
        key = rows.after or ""
        position = base if following is None else replace(base, snapshot=f"{following}:{key}")
        is_last = following is None
        chunk = Chunk(position, now, is_last, rows.levels, rows.alerts, rows.sales)
        return chunk, following, key

    async def _rows(self, work: Work, section: Topic, after: str, base: FeedPosition) -> Rows:
        if section is Topic.STOCK:
            return await self._levels(work, after)
        if section is Topic.ALERTS:
            return await self._alerts(work, after)
        return await self._sales(work, base)

    async def _levels(self, work: Work, after: str) -> Rows:
        location, product = _keys(after)
        allowed = _narrowest(self.places, self.principal.locations)
        rows = await work.rows(
            statements.LEVELS, work.principal.org_id, location, product, allowed, self.most
        )
        found = zip(rows, await names(work, rows), strict=True)
        levels = [stock.level_of(row, item, place) for row, (item, place) in found]
        if len(rows) < self.most:
            return Rows(None, levels=levels)
        return Rows(f"{rows[-1]['location_id']}:{rows[-1]['product_id']}", levels=levels)

    async def _alerts(self, work: Work, after: str) -> Rows:
        if self.principal.is_partner:
            return Rows(None)
        unresolved = frozenset(AlertState) - {AlertState.RESOLVED}
        page = await alerts.list_alerts(
            work,
            AlertCriteria(states=unresolved),
            AlertOrder.OPENED_AT,
            descending=False,
            first=self.most,
            after=after or None,
        )
        shown = [alert for _, alert in page.rows if self._shows(alert.location)]
        return Rows(page.rows[-1][0] if page.has_next else None, alerts=shown)

    async def _sales(self, work: Work, base: FeedPosition) -> Rows:
        """Take the last sales and returns from the log itself: what follows in it is not here."""
        entries = [
            entry
            for kind in (SaleRecorded.kind, ReturnRecorded.kind)
            for entry in await log.latest(work, kind, base.whole, SALES_ENTRIES)
        ]
        entries.sort(key=lambda entry: entry.seq)
        facts = [
            fact
            for entry in entries
            if self.places is None or entry.location_id in self.places
            for fact in entry.facts
            if visible(self.principal, entry, fact)
        ]
        return Rows(None, sales=facts[-SALES:])

    def _shows(self, location: object) -> bool:
        place = getattr(location, "id", None)
        chosen = self.places is None or place is None or place in self.places
        return chosen and self.principal.sees(place)


def _place_of(position: FeedPosition, sections: list[Topic]) -> tuple[Topic | None, str]:
    """Return section and key to go on with.

    Raises:
        InvalidCursor: the cursor names a section that is not shown.
    """
    if position.snapshot is None:
        return (sections[0] if sections else None), ""
    name, _, key = position.snapshot.partition(":")
    for section in sections:
        if section == name:
            return section, key
    raise InvalidCursor("this cursor belongs to other topics", field=["after"])


def _after(sections: list[Topic], section: Topic) -> Topic | None:
    following = sections.index(section) + 1
    return sections[following] if following < len(sections) else None


def _keys(after: str) -> tuple[UUID, UUID]:
    """Return location and product of the last level sent."""
    if not after:
        return _FIRST, _FIRST
    location, _, product = after.partition(":")
    try:
        return UUID(location), UUID(product)
    except ValueError as exc:
        raise InvalidCursor("this is not a feed cursor", field=["after"]) from exc


def _narrowest(*limits: Iterable[UUID] | None) -> list[UUID] | None:
    """Return what all limits allow; None when there is none."""
    sets = [frozenset(limit) for limit in limits if limit is not None]
    return sorted(frozenset.intersection(*sets)) if sets else None
