"""How far this machine's clock is off, learnt from the `Date` header of ordinary replies."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_agent.clock import Stamp

DATE_RESOLUTION_MS: Final = 1000
"""`Date` has whole seconds: the server's clock showed this much more, at most."""


@dataclass(frozen=True, slots=True)
class Offset:
    """The server's clock minus our monotonic one, in milliseconds: at least and at most."""

    low_ms: int
    high_ms: int

    @property
    def middle_ms(self) -> int:
        """What is most likely."""
        return (self.low_ms + self.high_ms) // 2

    def skew_ms(self, at: Stamp) -> int:
        """Return our wall clock minus the server's; 0 while nothing proves a skew."""
        if self.low_ms <= at.offset_ms <= self.high_ms:
            return 0
        return at.offset_ms - self.middle_ms

    def narrowed(self, other: Offset) -> Offset:
        """Return what both agree with; the other where they do not: the server's clock was set."""
        low_ms, high_ms = max(self.low_ms, other.low_ms), min(self.high_ms, other.high_ms)
        return Offset(low_ms, high_ms) if low_ms <= high_ms else other


class SkewEstimator:
    """Narrow down what the server's clock shows to an interval that every recent reply agrees with.

    It is tied to the monotonic clock of each boot, so that it stays known when somebody sets ours,
    and of reads that waited through a restart.
    """

    def __init__(self) -> None:
        self._offsets: dict[str, Offset] = {}
        self._bases: Mapping[str, int] = {}

    def recall(self, bases: Mapping[str, int], offsets: Mapping[str, Offset]) -> None:
        """Take over what is known of boots: powered time when each began, and what it learnt.

        What was learnt since stays. May be called from another thread.
        """
        self._bases = bases
        for boot_id, offset in offsets.items():
            self._offsets.setdefault(boot_id, offset)

    def offset(self, boot_id: str) -> Offset | None:
        """Return what is known of a boot; None while no reply has come in it."""
        return self._offsets.get(boot_id)

    def skew_ms(self, at: Stamp) -> int | None:
        """Return our wall clock minus the server's at a moment, in milliseconds.

        Positive when we are ahead, so the true time of a read is `observedAt` minus the skew.
        0 while nothing proves a skew, None where no reply has come in that boot.
        """
        offset = self._offsets.get(at.boot_id)
        return None if offset is None else offset.skew_ms(at)

    def skew_then_ms(self, then: Stamp, now: Stamp) -> int | None:
        """Return the skew at a moment that may lie in an earlier boot; None while nothing is known.

        What our clock was like in a boot without replies nobody knows. As now is the best guess,
        as long as it puts nothing later than the time the machine was powered since allows.
        """
        if (known_ms := self.skew_ms(then)) is not None:
            return known_ms
        present = self._offsets.get(now.boot_id)
        if present is None:
            return None
        latest_ms = present.high_ms - self._base_ms(now, now) + self._base_ms(then, now)
        return max(present.skew_ms(now), then.offset_ms - latest_ms)

    def observe(self, date: str, *, sent: Stamp, received: Stamp) -> None:
        """Learn from a reply's `Date`; `sent` and `received` are the moments around it."""
        try:
            server_ms = round(parsedate_to_datetime(date).timestamp() * 1000)
        except ValueError:
            return
        told = Offset(server_ms - received.mono_ms, server_ms + DATE_RESOLUTION_MS - sent.mono_ms)
        if told.low_ms > told.high_ms:
            return
        known = self._offsets.get(received.boot_id)
        self._offsets[received.boot_id] = told if known is None else known.narrowed(told)

    def _base_ms(self, at: Stamp, now: Stamp) -> int:
        """Return the powered time when a boot began; one nobody knows of, as if `at` were now."""
        present_ms = self._bases.get(now.boot_id, 0)
        return self._bases.get(at.boot_id, present_ms + now.mono_ms - at.mono_ms)
