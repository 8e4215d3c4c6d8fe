"""The demo retailer as a whole: what it deals in, what each place carries, who buys."""

from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

from backend.programs.demo.goods import Good, goods
from backend.programs.demo.places import STORES, WAREHOUSE, WEB_SHOP, Store
from backend.programs.demo.seasons import taste

SEED: Final = 1
_CUSTOMERS: Final = 1500
_SEGMENTS: Final = ("Consumer", "Corporate", "Home Office")
_SEGMENT_SHARES: Final = (0.55, 0.28, 0.17)


@dataclass(frozen=True, slots=True)
class Customer:
    """Who buys: a reference as the shop knows it, a segment, and the store next door."""

    reference: str
    segment: str
    home: Store


@dataclass(frozen=True, slots=True)
class Retailer:
    """What a seed makes. `ranges` are the products each place carries, by its code."""

    seed: int
    goods: tuple[Good, ...]
    ranges: dict[str, tuple[Good, ...]]
    customers: tuple[Customer, ...]

    def customer(self, rng: Random) -> Customer:
        """Return who orders; some come often."""
        # The square of a uniform number.
        return self.customers[int(len(self.customers) * rng.random() ** 2)]

    def shares(
        self, place: str, region: str, month: int, on_offer: frozenset[str | None]
    ) -> list[float]:
        """Return the running totals of what is bought of a place's range, in its order.

        `on_offer` are the categories with a discount.
        """
        return list(
            accumulate(
                taste(good, region, month, good.group.category in on_offer)
                for good in self.ranges[place]
            )
        )


def retailer(seed: int = SEED) -> Retailer:
    """Return the demo retailer of a seed, always the same."""
    rng = Random(f"demo retailer {seed}")
    everything = goods(rng)
    ranges = {store.code: _range(rng, store, everything) for store in STORES}
    ranges |= {WEB_SHOP: everything, WAREHOUSE: everything}
    homes = rng.choices(STORES, [store.size for store in STORES], k=_CUSTOMERS)
    customers = tuple(
        Customer(f"demo-customer-{n:04d}", rng.choices(_SEGMENTS, _SEGMENT_SHARES)[0], home)
        for n, home in enumerate(homes, 1)
    )
    return Retailer(seed, everything, ranges, customers)


def _range(rng: Random, store: Store, everything: tuple[Good, ...]) -> tuple[Good, ...]:
    """Return what a store carries: the larger the more, popular things first."""
    count = min(440, round(170 + 100 * store.size))
    ranked = sorted(everything, key=lambda good: -good.popularity * rng.random())
    return tuple(sorted(ranked[:count], key=lambda good: good.sku))
