"""What a device saw becomes reads in the outbox, and the device learns what became of them."""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge_agent.presence import Presence, Sighting, TagField
from edge_agent.protocols import Event, Garbage, Scan, TagSeen
from edge_agent.reads import EPC, Read, TagDetails, new_key

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from edge_agent.clock import Clock, Stamp
    from edge_agent.outbox import Outbox
    from edge_agent.settings import DeviceSettings

log = logging.getLogger(__name__)

MAX_UNSTORED_READS: Final = 1000
"""With more reads than this on their way to the disk, the device should not be listened to."""
WARNING_INTERVAL_MS: Final = 10_000


@dataclass(slots=True)
class DeviceCounters:
    """What happened at one device since the agent started."""

    is_connected: bool = False
    connections: int = 0
    reads: int = 0
    """Made durable."""
    last_read_ms: int | None = None
    """When the last of them was, by the wall clock."""
    refused: int = 0
    garbage: int = 0
    tag_answers: int = 0
    """Answers of a reader about tags, before de-duplication."""
    tags_present: int = 0
    quarantines: int = 0
    """How often it sent so much garbage that it was left alone for a while."""
    quarantined_until_ms: int | None = None
    """Wall clock; None: it is not quarantined."""
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class _Pending:
    """A read on its way to the disk, with what it was made from."""

    read: Read
    source: Scan | Sighting


class Intake:
    """The way of one device's events into the outbox.

    `note_stored` is called with each scan once it is durable or refused; `note_flow` whenever the
    device should be listened to again, or not.
    """

    def __init__(self, settings: DeviceSettings, outbox: Outbox, clock: Clock) -> None:
        self.counters = DeviceCounters()
        self.note_stored: Callable[[Scan, bool], None] = lambda _scan, _is_durable: None
        self.note_flow: Callable[[], None] = lambda: None
        self._settings = settings
        self._outbox = outbox
        self._clock = clock
        self._field = TagField(settings.tags)
        self._unstored = 0
        self._untold_bytes = 0
        self._warn_at_ms = 0
        self._untold_refusals = 0
        self._alarm_at_ms = 0

    @property
    def is_full(self) -> bool:
        """Whether so much is on its way that the device should wait."""
        return self._unstored > MAX_UNSTORED_READS

    @property
    def is_free(self) -> bool:
        """Whether a device that had to wait may go on."""
        return self._unstored <= MAX_UNSTORED_READS // 2

    def take(self, events: Sequence[Event]) -> None:
        """Hand what the events hold to the outbox."""
        now = self._clock.now()
        pending: list[_Pending] = []
        for event in events:
            if isinstance(event, Scan):
                pending.append(_Pending(self._read(event.raw, event.symbology, now), event))
            elif isinstance(event, TagSeen):
                self.counters.tag_answers += event.count
                pending += self._sight(self._field.see(event, self._read_point(event), now))
            elif isinstance(event, Garbage):
                self._keep_garbage(event, now)
        self._store(pending)
        self._warn_of_garbage()

    def resume_tags(self) -> None:
        """Note that the reader is there (again): while it was away no tag can have been seen."""
        self._field.resume(self._clock.now())

    def tick(self) -> float | None:
        """Report tags that left or are due; return the seconds until the next call, None: never."""
        now = self._clock.now()
        self._store(self._sight(self._field.tick(now)))
        due_ms = self._field.due_ms(now)
        return None if due_ms is None else due_ms / 1000

    def close(self) -> None:
        """Keep what was seen of tags since their last report."""
        self._store(self._sight(self._field.close(self._clock.now())))

    def _read_point(self, tag: TagSeen) -> str:
        at = self._settings
        return at.antenna_points.get(tag.antenna or 0, at.read_point)

    def _read(self, raw: bytes, symbology: str | None, now: Stamp) -> Read:
        at = self._settings
        return Read(new_key(), at.code, at.read_point, raw, symbology, now)

    def _sight(self, sightings: Sequence[Sighting]) -> list[_Pending]:
        self.counters.tags_present = len(self._field)
        return [_Pending(self._tag_read(sighting), sighting) for sighting in sightings]

    def _tag_read(self, seen: Sighting) -> Read:
        has_come = seen.presence is Presence.APPEARED
        details = TagDetails(seen.presence.value, seen.antenna, seen.rssi, seen.first_seen.wall_ms)
        return Read(
            new_key(), self._settings.code, seen.read_point,
            seen.epc.hex().upper().encode("ascii"), EPC,
            seen.first_seen if has_come else seen.last_seen, seen.count, details,
        )  # fmt: skip

    def _keep_garbage(self, garbage: Garbage, now: Stamp) -> None:
        self.counters.garbage += 1
        if garbage.raw:
            self._untold_bytes += len(garbage.raw)
            self._outbox.park(self._read(garbage.raw, None, now), garbage.reason)

    def _warn_of_garbage(self) -> None:
        """Log what came since the last warning, at most every few seconds: noise can be much."""
        now_ms = self._clock.now().mono_ms
        if self._untold_bytes and now_ms >= self._warn_at_ms:
            log.warning("Device %s: %d bytes make no read", self._settings.code, self._untold_bytes)
            self._untold_bytes = 0
            self._warn_at_ms = now_ms + WARNING_INTERVAL_MS

    def _store(self, pending: list[_Pending]) -> None:
        if not pending:
            return
        self._unstored += len(pending)
        self.note_flow()
        future = self._outbox.append([one.read for one in pending])
        future.add_done_callback(functools.partial(self._note_outcome, pending))

    def _note_outcome(self, pending: list[_Pending], future: asyncio.Future[int]) -> None:
        """Count what became durable; reads the outbox refused are an alarm, never a silence."""
        self._unstored -= len(pending)
        refused = len(pending) if future.cancelled() else future.result()
        durable = len(pending) - refused
        self.counters.reads += durable
        if durable:
            self.counters.last_read_ms = self._clock.now().wall_ms
        self.counters.refused += refused
        for index, one in enumerate(pending):
            self._tell(one.source, is_durable=index < durable)
        self._untold_refusals += refused
        self._raise_alarm()
        self.note_flow()

    def _raise_alarm(self) -> None:
        """Log what was refused since the last alarm, at once the first time: tags come often."""
        now_ms = self._clock.now().mono_ms
        if self._untold_refusals and now_ms >= self._alarm_at_ms:
            code, count = self._settings.code, self._untold_refusals
            log.error("Device %s: outbox full, %d reads REFUSED", code, count)
            self._untold_refusals = 0
            self._alarm_at_ms = now_ms + WARNING_INTERVAL_MS

    def _tell(self, source: Scan | Sighting, *, is_durable: bool) -> None:
        if isinstance(source, Scan):
            self.note_stored(source, is_durable)
        elif not is_durable and source.presence is Presence.APPEARED:
            self._field.forget(source.epc, source.read_point)
