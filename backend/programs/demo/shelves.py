"""What the simulated stores believe to have, and the deliveries they ask for when it gets low."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random
from typing import Final

from backend.programs.demo.goods import Good

Key = tuple[str, str]
"""Place and SKU."""

MINUTES_TO_DELIVERY: Final = (2.0, 8.0)
MINUTES_AT_START: Final = (1.0, 25.0)
LEAST_DELAY: Final = 3.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """Goods on their way."""

    place: str
    good: Good
    units: int


class Shelves:
    """An estimate of the levels, put right by `learn`; times are seconds of any steady clock."""

    def __init__(self, rng: Random, goods: Mapping[str, Good], speed: float) -> None:
        self._rng = rng
        self.goods = goods
        self._speed = speed
        self._levels: dict[Key, int] = {}
        self._asked: set[Key] = set()
        self._due: list[tuple[float, int, Delivery]] = []
        self._count = 0

    def learn(self, levels: Mapping[Key, int], now: float) -> None:
        """Take over what the backend says, except where goods are on their way."""
        is_first = not self._levels
        self._levels.update({key: n for key, n in levels.items() if key not in self._asked})
        for place, sku in levels:
            self._ask_if_low((place, sku), now, MINUTES_AT_START if is_first else None)

    def has(self, place: str, good: Good) -> bool:
        """Tell whether a customer would find it there."""
        return self._levels.get((place, good.sku), 0) > 0

    def take(self, place: str, good: Good, units: int, now: float) -> None:
        """Take units away; what gets low is ordered."""
        key = (place, good.sku)
        self._levels[key] = self._levels.get(key, 0) - units
        self._ask_if_low(key, now)

    def arrivals(self, now: float) -> Iterator[Delivery]:
        """Yield the deliveries that are due; their goods count from then on."""
        while self._due and self._due[0][0] <= now:
            delivery = heappop(self._due)[2]
            key = (delivery.place, delivery.good.sku)
            self._asked.discard(key)
            self._levels[key] = self._levels.get(key, 0) + delivery.units
            yield delivery

    def _ask_if_low(self, key: Key, now: float, minutes: tuple[float, float] | None = None) -> None:
        good = self.goods.get(key[1])
        level = self._levels.get(key, 0)
        if good is None or key in self._asked or level > good.reorder_point:
            return
        wanted = round(good.reorder_point * self._rng.uniform(3, 6)) - level
        parcel = good.case_units or 1
        delivery = Delivery(key[0], good, parcel * max(1, -(-wanted // parcel)))
        delay = 60 * self._rng.uniform(*(minutes or MINUTES_TO_DELIVERY)) / self._speed
        self._count += 1
        self._asked.add(key)
        heappush(self._due, (now + max(LEAST_DELAY, delay), self._count, delivery))


class Dock:
    """Codes waiting to be scanned where goods come in."""

    def __init__(self) -> None:
        self._codes: deque[tuple[str, str]] = deque()

    def unload(self, delivery: Delivery) -> None:
        """Put its codes in the queue: one per case, or one per unit where there is no case."""
        good = delivery.good
        code, units = (
            (f"]I1{good.case_gtin}", good.case_units) if good.case_units else (f"]E0{good.gtin}", 1)
        )
        self._codes.extend([(delivery.place, code)] * (delivery.units // units))

    def next(self, most: int) -> Iterator[tuple[str, str]]:
        """Yield up to `most` pairs of place and code."""
        for _ in range(min(most, len(self._codes))):
            yield self._codes.popleft()
