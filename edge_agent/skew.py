"""How far this machine's clock is off, learnt from the `Date` header of ordinary replies."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge_agent.clock import Stamp

# `Date` has whole seconds: the server's clock showed this much more, at most.
_DATE_RESOLUTION_MS = 1000


class SkewEstimator:
    """Narrow down what the server's clock shows to an interval that every recent reply agrees with.

    It is tied to the monotonic clock of this boot, so that it stays known when somebody sets ours.
    """

    def __init__(self) -> None:
        self._low_ms: int | None = None
        """The server's clock minus our monotonic one, at least."""
        self._high_ms = 0

    def skew_ms(self, at: Stamp) -> int | None:
        """Return our wall clock minus the server's at a moment of this boot, in milliseconds.

        Positive when we are ahead, so the true time of a read is `observedAt` minus the skew.
        0 while nothing proves a skew, None before the first reply.
        """
        if self._low_ms is None:
            return None
        if self._low_ms <= at.offset_ms <= self._high_ms:
            return 0
        return at.offset_ms - (self._low_ms + self._high_ms) // 2

    def observe(self, date: str, *, sent: Stamp, received: Stamp) -> None:
        """Learn from a reply's `Date`; `sent` and `received` are the moments around it."""
        try:
            server_ms = round(parsedate_to_datetime(date).timestamp() * 1000)
        except ValueError:
            return
        low, high = server_ms - received.mono_ms, server_ms + _DATE_RESOLUTION_MS - sent.mono_ms
        if low > high:
            return
        if self._low_ms is None or low > self._high_ms or high < self._low_ms:
            # The first reply, or the server's clock was set: what was known no longer holds.
            self._low_ms, self._high_ms = low, high
        else:
            self._low_ms, self._high_ms = max(low, self._low_ms), min(high, self._high_ms)
