"""Facings handed out one by one, each to the product that brings the most per mm. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from backend.forecasting.arrays import Ints
from backend.merchandising.boards import Places
from backend.merchandising.rules import Allocation
from backend.merchandising.space import Space

Worth = Callable[[int, int], float]
"""What the next facing of a product brings that has so many."""


def fill(space: Space, places: Places, least: Ints) -> Allocation:
    """Return the facings that greedy choice gives on these boards, from `least` [product] on.

    Minimum shares are filled first. As profits are concave, this is the best there is where all
    widths are equal and there is no minimum share; else it misses less than one facing a board.
    """
    filling = _Filling.begin(space, places, least)
    for one in space.problem.shares:
        members = [int(n) for n in space.members(one.group)]
        has = sum(filling.facings[n] * int(space.width[n]) for n in members)
        filling.hand_out(members, space.gain_of, space.owed(one.share) - has)
    filling.hand_out(range(len(places)), space.gain_of)
    return Allocation(tuple(filling.facings), places)


def up_to(space: Space, places: Places, wanted: Ints) -> Ints:
    """Return facings from one each towards `wanted` [product], as far as the boards hold them.

    First where the next facing saves the most margin of what would not be there until the refill.
    """
    items = space.problem.items

    def saved(item: int, has: int) -> float:
        board = places[item]
        if board is None or has >= wanted[item]:
            return 0.0
        units = int(space.units[item, board])
        short = min(max(items[item].until_refill - has * units, 0.0), units)
        # What was settled and demand does not ask for comes last.
        return max(items[item].margin, 0.0) * short + 1e-9

    filling = _Filling.begin(space, places, np.ones(len(places), np.int64))
    filling.hand_out(range(len(places)), saved)
    return np.array(filling.facings, np.int64)


@dataclass(slots=True)
class _Filling:
    """Facings so far, and the mm that are free on each board."""

    space: Space
    places: Places
    facings: list[int]
    left: list[int]

    @classmethod
    def begin(cls, space: Space, places: Places, least: Ints) -> "_Filling":
        facings = [0 if b is None else int(least[n]) for n, b in enumerate(places)]
        used = space.used(Allocation(tuple(facings), places))
        return cls(space, places, facings, [int(one) for one in space.room - used])

    def hand_out(self, chosen: Iterable[int], worth: Worth, owed: int | None = None) -> None:
        """Hand out facings until nothing fits or is worth it, or `owed` mm are handed out."""
        queue = [one for item in chosen for one in self._offers(item, worth)]
        heapify(queue)
        while queue and (owed is None or owed > 0):
            _, item = heappop(queue)
            board, width = self.places[item], int(self.space.width[item])
            # What does not fit never will: narrower ones may.
            if board is None or width > self.left[board]:
                continue
            self.facings[item] += 1
            self.left[board] -= width
            owed = None if owed is None else owed - width
            for one in self._offers(item, worth):
                heappush(queue, one)

    def _offers(self, item: int, worth: Worth) -> list[tuple[float, int]]:
        """Return the next facing of a product, if there may be one; the best sorts first."""
        board, has = self.places[item], self.facings[item]
        if board is None or has >= self.space.most[item, board]:
            return []
        value = worth(item, has)
        return [(-value / float(self.space.width[item]), item)] if value > 0 else []
