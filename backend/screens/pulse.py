"""The pulse: figures from SQL once, from then on kept up by the events."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from backend.alerts.events import AlertChanged
from backend.alerts.rules import AlertState
from backend.core.cursors import FeedPosition
from backend.core.events import Topic
from backend.core.principal import Principal
from backend.events import log
from backend.events.rules import Beat, Gap, Item
from backend.events.service import Feed
from backend.infra.database import Database
from backend.infra.patience import patiently
from backend.infra.tasks import Tasks
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.events import LocationChanged
from backend.sales.events import ReturnRecorded, SaleRecorded
from backend.screens import statements
from backend.screens.rules import (
    MINUTE,
    MOST_MINUTES,
    WEEK,
    Book,
    PastAlert,
    PulseFigures,
    Sold,
    sold_of_fact,
)

TOPICS: Final = (Topic.SALES, Topic.ALERTS, Topic.LOCATIONS)
_SALES: Final = {SaleRecorded.kind: False, ReturnRecorded.kind: True}


@dataclass(frozen=True, slots=True)
class Reading:
    """Figures that hold everything up to `position`, were true at `as_of` and made at `now`."""

    position: FeedPosition
    as_of: datetime
    now: datetime
    currency: str
    timezone: str
    figures: PulseFigures


class Pulse:
    """Keeps the figures of some locations; `chosen` None: of all that may be seen."""

    def __init__(
        self,
        feed: Feed,
        database: Database,
        principal: Principal,
        chosen: frozenset[UUID] | None,
    ) -> None:
        self._feed = feed
        self._database = database
        self._principal = principal
        self._chosen = chosen
        self._book = Book([], datetime.now(UTC))
        self._included: frozenset[int] = frozenset()
        self._position = FeedPosition("", 0)
        self._as_of = datetime.now(UTC)
        self._is_stale = False
        self._currency = ""
        self._timezone = ""
        self._changed = asyncio.Event()
        self._loading = asyncio.Lock()

    async def readings(self, pause: timedelta) -> AsyncGenerator[Reading]:
        """Yield the figures at once, and after changes at most once every `pause`, for ever."""
        await self._load(await self._feed.here())
        tasks = Tasks()
        following = tasks.start(self._follow(), "pulse")
        try:
            yield self._reading()
            while not following.done():
                await asyncio.sleep(pause.total_seconds())
                await self._changed.wait()
                self._changed.clear()
                await self._turn_day()
                yield self._reading()
            await following
        finally:
            await tasks.close()

    async def _follow(self) -> None:
        try:
            steps = self._feed.follow(self._principal, TOPICS, after=self._position)
            async with aclosing(steps):
                async for step in steps:
                    await self._take(step)
                    self._changed.set()
        finally:
            self._changed.set()

    async def _take(self, step: Item | Gap | Beat) -> None:
        async with self._loading:
            if isinstance(step, Gap):
                await self._load_at(step.position)
                return
            if isinstance(step, Beat):
                self._position, self._as_of = step.position, max(self._as_of, step.at)
                return
            is_included = step.entry.seq in self._included
            self._position = step.position
            self._as_of = max(self._as_of, step.entry.recorded_at)
            if step.entry.kind == LocationChanged.kind:
                self._is_stale = True
            elif not is_included:
                self._apply(step)

    def _apply(self, item: Item) -> None:
        kind = item.entry.kind
        if kind in _SALES:
            self._book.add_sale(sold_of_fact(item.fact, is_return=_SALES[kind]))
        elif kind == AlertChanged.kind and item.entry.location_id is not None:
            alert = item.fact["alert"]
            self._book.set_alert(
                alert["id"],
                item.entry.location_id,
                alert["severity"],
                is_open=alert["state"] != AlertState.RESOLVED,
            )

    def _reading(self) -> Reading:
        now = datetime.now(UTC)
        self._book.forget_minutes_before(now - (MOST_MINUTES + 1) * MINUTE)
        return Reading(
            self._position,
            self._as_of,
            now,
            self._currency,
            self._timezone,
            self._book.figures(now),
        )

    async def _turn_day(self) -> None:
        """Begin anew where a location is new or its business day is over."""
        if self._is_stale or not self._book.is_of(datetime.now(UTC)):
            await self._load(self._position)

    async def _load(self, position: FeedPosition) -> None:
        async with self._loading:
            await self._load_at(position)

    async def _load_at(self, position: FeedPosition) -> None:
        """Count everything anew; events above `position` that are in the count are noted."""

        async def load() -> None:
            async with self._database.work(self._principal, read_only=True) as work:
                self._included = await log.seqs_seen_above(work, position.whole)
                self._book = await count(work, self._chosen, work.now)
                self._currency, self._timezone = work.currency, work.timezone
                self._as_of = max(self._as_of, work.now)

        self._is_stale = False
        await patiently(load)
        self._position = position


async def count(work: Work, chosen: frozenset[UUID] | None, now: datetime) -> Book:
    """Return the book as of `now`, from SQL; `chosen` None: of all locations that may be seen."""
    refs = [
        ref for ref in await locations.all_locations(work) if chosen is None or ref.id in chosen
    ]
    book = Book(refs, now)
    org, ids = work.principal.org_id, [ref.id for ref in refs]
    days = {ref.business_day(now) for ref in refs}
    recent = {ref.business_day(now - MOST_MINUTES * MINUTE) for ref in refs}
    wanted = sorted(days | {day - WEEK for day in days} | recent)
    for row in await work.rows(statements.SALES, org, wanted, ids):
        book.add_sale(
            Sold(
                row["location_id"],
                row["channel"],
                row["kind"] == "RETURN",
                row["sold_at"],
                row["business_day"],
                row["net"],
                row["units"],
            )
        )
    first = await work.row(statements.FIRST_DAY, org, ids)
    book.first_day = first["business_day"] if first else None
    await _count_alerts(work, book, ids, now)
    return book


async def _count_alerts(work: Work, book: Book, ids: list[UUID], now: datetime) -> None:
    org, then = work.principal.org_id, now - WEEK
    for row in await work.rows(statements.OPEN_ALERTS, org, ids):
        book.set_alert(str(row["id"]), row["location_id"], row["severity"], is_open=True)
    until = then + timedelta(days=2)  # a book is begun anew at least once a day
    for row in await work.rows(statements.PAST_ALERTS, org, ids, then, until):
        book.add_past_alert(PastAlert(row["opened_at"], row["resolved_at"]))
    first = await work.row(statements.FIRST_ALERT, org, ids)
    book.first_alert = first["opened_at"] if first else None
