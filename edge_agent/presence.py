"""RFID de-duplication: hundreds of answers a second become appear, present and leave.

A reader tells of the same tag many times a second. What a shop wants to know is that the tag came,
that it is still there, and that it went. Pure: time comes in as stamps, of which the monotonic part
decides, so a clock that is set makes no tag leave.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from edge_agent.clock import Stamp
    from edge_agent.protocols import TagSeen

MAX_TAGS: Final = 50_000
"""More tags than any reader has in its field; beyond it the longest unseen one leaves."""
_STRIDES: Final = 20


class Presence(StrEnum):
    """What a sighting reports."""

    APPEARED = "APPEARED"
    PRESENT = "PRESENT"
    LEFT = "LEFT"


class ReportMode(StrEnum):
    """When a tag is reported."""

    CHANGE = "change"
    PERIOD = "period"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class TagSettings:
    """How answers about one tag are smoothed into sightings."""

    report: ReportMode = ReportMode.CHANGE
    """change: came and went; period: every so often what was seen; both."""
    period_ms: int = 60_000
    appear_count: int = 1
    """So many answers within `appear_window_ms` make a tag appear: more keep out passers-by."""
    appear_window_ms: int = 1_000
    leave_ms: int = 5_000
    """A tag unseen for so long has left."""
    min_rssi: float | None = None
    """Answers weaker than this, in the reader's own figure, count for nothing."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One report of one tag at one read point, over what was seen since the report before."""

    presence: Presence
    epc: bytes
    read_point: str
    count: int
    antenna: int | None
    """Where it was nearest."""
    rssi: float | None
    """The peak, dBm."""
    first_seen: Stamp
    """Since it appeared."""
    last_seen: Stamp


@dataclass(slots=True)
class _Track:
    """A tag in the field."""

    first_seen: Stamp
    last_seen: Stamp
    reported_ms: int
    has_appeared: bool = False
    count: int = 0
    strength: float | None = None
    rssi: float | None = None
    antenna: int | None = None

    def note(self, tag: TagSeen, at: Stamp) -> None:
        """Add an answer."""
        self.last_seen = at
        self.count += tag.count
        strength = tag.strength
        if self.antenna is None and self.strength is None:
            self.antenna = tag.antenna
        if strength is not None and (self.strength is None or strength > self.strength):
            self.strength, self.rssi, self.antenna = strength, tag.rssi, tag.antenna


_Key = tuple[bytes, str]


@dataclass(slots=True)
class TagField:
    """The tags that one device sees, each by EPC and read point."""

    settings: TagSettings = field(default_factory=TagSettings)
    _tracks: dict[_Key, _Track] = field(default_factory=dict[_Key, _Track])
    """In the order in which they were last seen: the head is the next to leave."""
    _next_period_ms: int = 0
    _resumed_ms: int = 0

    def __len__(self) -> int:
        return len(self._tracks)

    def see(self, tag: TagSeen, read_point: str, at: Stamp) -> list[Sighting]:
        """Take an answer; returns what it makes worth reporting."""
        settings = self.settings
        strength = tag.strength
        if settings.min_rssi is not None and (strength is None or strength < settings.min_rssi):
            return []
        sightings = self.tick(at)
        key = (tag.epc, read_point)
        track = self._tracks.pop(key, None)
        if track is None or self._is_stale_candidate(track, at):
            track = _Track(at, at, at.mono_ms)
        self._tracks[key] = track
        track.note(tag, at)
        if not track.has_appeared and track.count >= settings.appear_count:
            track.has_appeared = True
            if settings.report is not ReportMode.PERIOD:
                sightings.append(_report(Presence.APPEARED, key, track, at.mono_ms))
        if len(self._tracks) > MAX_TAGS:
            sightings += self._leave(next(iter(self._tracks)), at)
        return sightings

    def resume(self, at: Stamp) -> None:
        """Note that the reader was away until now: nobody saw whether a tag had left."""
        self._resumed_ms = at.mono_ms

    def tick(self, at: Stamp) -> list[Sighting]:
        """Return what the passing of time makes worth reporting."""
        sightings: list[Sighting] = []
        while self._tracks:
            key, track = next(iter(self._tracks.items()))
            if at.mono_ms < self._leaves_at_ms(track):
                break
            sightings += self._leave(key, at)
        if self.settings.report is not ReportMode.CHANGE and at.mono_ms >= self._next_period_ms:
            sightings += self._report_due(at)
        return sightings

    def due_ms(self, at: Stamp) -> int | None:
        """Return in how many milliseconds `tick` has something to do; None when never."""
        if not self._tracks:
            return None
        due = self._leaves_at_ms(next(iter(self._tracks.values())))
        if self.settings.report is not ReportMode.CHANGE:
            due = min(due, self._next_period_ms)
        return max(due - at.mono_ms, 0)

    def forget(self, epc: bytes, read_point: str) -> None:
        """Undo an appearance that could not be stored: the next answer reports it again."""
        self._tracks.pop((epc, read_point), None)

    def close(self, at: Stamp) -> list[Sighting]:
        """Report what was seen since the last report: the agent stops, the tags stay."""
        return [
            _report(Presence.PRESENT, key, track, at.mono_ms)
            for key, track in self._tracks.items()
            if track.has_appeared and track.count
        ]

    def _leaves_at_ms(self, track: _Track) -> int:
        return max(track.last_seen.mono_ms, self._resumed_ms) + self.settings.leave_ms

    def _leave(self, key: _Key, at: Stamp) -> list[Sighting]:
        track = self._tracks.pop(key)
        if not track.has_appeared:
            return []
        if self.settings.report is ReportMode.PERIOD:
            return [_report(Presence.PRESENT, key, track, at.mono_ms)] if track.count else []
        return [_report(Presence.LEFT, key, track, at.mono_ms)]

    def _report_due(self, at: Stamp) -> list[Sighting]:
        """Report the tags whose period is over; note when the next one's is."""
        period = self.settings.period_ms
        due = [
            (key, track)
            for key, track in self._tracks.items()
            if at.mono_ms - track.reported_ms >= period
        ]
        sightings = [
            _report(Presence.PRESENT, key, track, at.mono_ms)
            for key, track in due
            if track.has_appeared and track.count
        ]
        for _, track in due:
            track.reported_ms = at.mono_ms
        oldest = min((track.reported_ms for track in self._tracks.values()), default=at.mono_ms)
        # Tags come one by one, each with a period of its own: look through them in strides.
        self._next_period_ms = max(oldest + period, at.mono_ms + period // _STRIDES)
        return sightings

    def _is_stale_candidate(self, track: _Track, at: Stamp) -> bool:
        """Whether a tag that has not appeared yet took too long for it."""
        age_ms = at.mono_ms - track.first_seen.mono_ms
        return not track.has_appeared and age_ms > self.settings.appear_window_ms


def _report(presence: Presence, key: _Key, track: _Track, now_ms: int) -> Sighting:
    """Make a report and begin to count anew."""
    epc, read_point = key
    sighting = Sighting(
        presence, epc, read_point, track.count, track.antenna, track.rssi,
        track.first_seen, track.last_seen,
    )  # fmt: skip
    track.count = 0
    track.strength = track.rssi = None
    track.reported_ms = now_ms
    return sighting
