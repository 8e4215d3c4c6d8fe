"""Slows down whoever guesses credentials: pure, the time comes in."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    failures: float
    at: float


class Throttle:
    """Counts failures per key and forgets them at an even pace; holds a bounded number of keys."""

    def __init__(self, most: int, per_seconds: float, keys: int = 10_000) -> None:
        self._most = most
        self._pace = most / per_seconds
        self._keys = keys
        self._buckets: OrderedDict[Hashable, _Bucket] = OrderedDict()

    def wait_of(self, key: Hashable, now: float) -> float:
        """Return the seconds `key` has to wait before another try; 0 when it may go on."""
        excess = self._failures(key, now) - self._most + 1
        return max(0.0, excess / self._pace)

    def note_failure(self, key: Hashable, now: float) -> None:
        """Count one failure."""
        self._buckets[key] = _Bucket(self._failures(key, now) + 1, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._keys:
            self._buckets.popitem(last=False)

    def take_back(self, key: Hashable, now: float) -> None:
        """Forget one failure that was counted before its outcome was known."""
        if key in self._buckets:
            self._buckets[key] = _Bucket(max(0.0, self._failures(key, now) - 1), now)

    def _failures(self, key: Hashable, now: float) -> float:
        bucket = self._buckets.get(key)
        if bucket is None:
            return 0.0
        return max(0.0, bucket.failures - (now - bucket.at) * self._pace)
