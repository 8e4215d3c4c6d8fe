"""Leaky buckets: how much each client may still ask for, here or in all processes together."""

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from backend.infra.shared_scripts import SharedScripts

MOST_KEYS: Final = 10_000

# What is left trickles in by Redis' own clock; a bucket that is full again needs no memory.
_TAKE: Final = """
local capacity, rate, amount = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
local known = redis.call('HMGET', KEYS[1], 'left', 'at')
local left, at = tonumber(known[1]) or capacity, tonumber(known[2]) or now
left = math.min(capacity, left + math.max(0, now - at) * rate)
local taken = 0
if amount <= left then
  left = math.min(capacity, left - amount)
  taken = 1
elseif ARGV[4] == '1' then
  left = 0
  taken = 1
end
redis.call('HSET', KEYS[1], 'left', string.format('%.3f', left), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((capacity - left) / rate * 1000) + 1000)
return {taken, string.format('%.3f', left)}
"""


@dataclass(frozen=True, slots=True)
class Draw:
    """What came of an attempt to take from a bucket."""

    is_granted: bool
    left: float
    """What may be taken now."""
    wait: float
    """Seconds until the same attempt succeeds; 0 where it did."""


class Buckets:
    """One bucket per key, which `rate` per second refills up to `capacity`.

    Kept in this process, and in Redis while `shared` answers. There are at most MOST_KEYS here: the
    one not used for longest is forgotten first.
    """

    def __init__(
        self, name: str, capacity: float, rate: float, shared: SharedScripts | None = None
    ) -> None:
        self.capacity = capacity
        self.rate = rate
        self._name = name
        self._shared = shared
        self._local: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def take(self, key: str, amount: float) -> Draw:
        """Take an amount if it is there; more than the capacity counts as the capacity."""
        return await self._take(key, min(amount, self.capacity))

    async def give_back(self, key: str, amount: float) -> Draw:
        """Put back what was taken and not used."""
        return await self._take(key, -amount)

    async def drain(self, key: str, amount: float) -> Draw:
        """Take an amount, or all there is."""
        return await self._take(key, amount, or_all=True)

    async def _take(self, key: str, amount: float, *, or_all: bool = False) -> Draw:
        if self._shared is not None:
            name = f"shelfcast:bucket:{self._name}:{key}"
            answer = await self._shared.run(
                _TAKE, name, self.capacity, self.rate, amount, int(or_all)
            )
            if answer is not None:
                return self._draw(amount, float(answer[1]), is_granted=bool(answer[0]))
        return self._take_here(key, amount, or_all=or_all)

    def _take_here(self, key: str, amount: float, *, or_all: bool) -> Draw:
        now = time.monotonic()
        left, at = self._local.get(key, (self.capacity, now))
        left = min(self.capacity, left + (now - at) * self.rate)
        is_granted = or_all or amount <= left
        if is_granted:
            left = max(0.0, min(self.capacity, left - amount))
        self._local[key] = (left, now)
        self._local.move_to_end(key)
        if len(self._local) > MOST_KEYS:
            self._local.popitem(last=False)
        return self._draw(amount, left, is_granted=is_granted)

    def _draw(self, amount: float, left: float, *, is_granted: bool) -> Draw:
        return Draw(is_granted, left, 0.0 if is_granted else (amount - left) / self.rate)
