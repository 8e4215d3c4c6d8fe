"""Space in proportion to the units wanted, as planners often share it out. Pure."""

from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Ints
from backend.merchandising.boards import Places
from backend.merchandising.rules import Allocation
from backend.merchandising.space import Space

_HALVINGS: Final = 50


def share_out(space: Space, places: Places, least: Ints) -> Allocation:
    """Return facings in proportion to demand on each board, between `least` and the most.

    It knows no margin and no elasticity. The part is rounded down; what that leaves free goes to
    those furthest below it.
    """
    facings = np.zeros(len(space.width), np.int64)
    demand = np.array([max(item.demand, 0.0) for item in space.problem.items])
    for board, room in enumerate(space.room):
        here = np.array([n for n, place in enumerate(places) if place == board], np.int64)
        if here.size:
            wish = demand[here] / space.width[here]
            most = np.maximum(space.most[here, board], least[here])
            facings[here] = _on_board(wish, space.width[here], least[here], most, int(room))
    return Allocation(tuple(int(one) for one in facings), places)


def _on_board(wish: Doubles, width: Ints, least: Ints, most: Ints, room: int) -> Ints:
    """Return whole facings near `wish` times the largest factor that the board has room for."""

    def at(factor: float) -> Ints:
        return np.clip(np.floor(factor * wish), least, most).astype(np.int64)

    low, high = 0.0, room / max(float((wish * width).sum()), 1e-9) * len(wish) + 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_too_much = int((at(middle) * width).sum()) > room
        low, high = (low, middle) if is_too_much else (middle, high)
    facings = at(low)
    while True:
        left = room - int((facings * width).sum())
        is_able = (width <= left) & (facings < most)
        if not is_able.any():
            return facings
        facings[np.argmax(np.where(is_able, (low * wish - facings) * width, -np.inf))] += 1
