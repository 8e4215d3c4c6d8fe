"""How far this machine's clock is off, learnt from the `Date` header of ordinary replies."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

# `Date` has whole seconds: the server's clock showed this much more, at most.
_DATE_RESOLUTION_MS = 1000


class SkewEstimator:
    """Narrow the skew down to an interval that every recent reply agrees with.

    Skew is this clock minus the server's, in milliseconds: positive when we are ahead, so the
    true time of a read is `observedAt` minus the skew.
    """

    def __init__(self) -> None:
        self._low_ms: int | None = None
        self._high_ms = 0

    @property
    def skew_ms(self) -> int | None:
        """The estimate; 0 while nothing proves a skew, None before the first reply."""
        if self._low_ms is None:
            return None
        if self._low_ms <= 0 <= self._high_ms:
            return 0
        return (self._low_ms + self._high_ms) // 2

    def observe(self, date: str, *, sent_ms: int, received_ms: int) -> None:
        """Learn from a reply's `Date`; `sent_ms` and `received_ms` are our wall clock around it."""
        try:
            server_ms = round(parsedate_to_datetime(date).timestamp() * 1000)
        except ValueError:
            return
        low, high = sent_ms - server_ms - _DATE_RESOLUTION_MS, received_ms - server_ms
        if low > high:
            return
        if self._low_ms is None or low > self._high_ms or high < self._low_ms:
            # The first reply, or one of the two clocks was set: what was known no longer holds.
            self._low_ms, self._high_ms = low, high
        else:
            self._low_ms, self._high_ms = max(low, self._low_ms), min(high, self._high_ms)
