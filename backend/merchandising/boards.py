"""On which board each product stands. Pure."""

from collections.abc import Sequence

import numpy as np

from backend.forecasting.arrays import Ints
from backend.merchandising.bound import Relaxed
from backend.merchandising.space import Space

Places = tuple[int | None, ...]
"""By product: its board; None: none is left for it."""


def as_now(space: Space, least: Ints) -> Places | None:
    """Return the boards of now; None where one is missing, or they do not hold `least`."""
    places = tuple(item.board_now for item in space.problem.items)
    if any(b is None or not space.units[n, b] for n, b in enumerate(places)):
        return None
    apart = any(len({places[n] for n in unit.members}) > 1 for unit in space.blocks)
    return None if apart or not hold(space, places, least) else places


def hold(space: Space, places: Places, least: Ints) -> bool:
    """Tell whether the boards hold `least` [product, board] facings of what stands on them."""
    taken = np.zeros(len(space.room), np.int64)
    for n, board in enumerate(places):
        if board is not None:
            taken[board] += least[n, board] * space.width[n]
    return bool((taken <= space.room).all())


def spread(space: Space, relaxed: Relaxed, least: Ints) -> Places | None:
    """Return boards with room for what each product would take at the price of space.

    The largest first, each where most is left; None where `least` does not fit so, nor with the
    fullest board that still holds it first.
    """
    fits = (space.units > 0) & (least <= space.most)
    wanted = np.where(fits, np.maximum(relaxed.facings, least), 0) * space.width[:, None]
    needed = np.where(fits, least, 0) * space.width[:, None]
    by_wish = _packed(space, wanted, needed, is_tight=False)
    return by_wish or _packed(space, needed, needed, is_tight=True)


def _packed(space: Space, wanted: Ints, needed: Ints, *, is_tight: bool) -> Places | None:
    wishes = [wanted[list(unit.members)].sum(axis=0) for unit in space.blocks]
    order = sorted(range(len(wishes)), key=lambda n: (-int(wishes[n].max()), n))
    left, free = space.room.astype(np.int64), space.room.astype(np.int64)
    places: list[int | None] = [None] * len(space.width)
    for n in order:
        members = space.blocks[n].members
        board = _board_for(
            needed[list(members)], left if is_tight else free, left, is_tight=is_tight
        )
        if board is None:
            return None
        left[board] -= needed[list(members), board].sum()
        free[board] -= wishes[n][board]
        for member in members:
            places[member] = board
    return tuple(places)


def _board_for(needed: Ints, free: Ints, left: Ints, *, is_tight: bool) -> int | None:
    able = np.flatnonzero((needed > 0).all(axis=0) & (needed.sum(axis=0) <= left))
    if not able.size:
        return None
    best = np.argmin(free[able]) if is_tight else np.argmax(free[able])
    return int(able[best])


def by_worth(space: Space) -> Places:
    """Return boards for one facing of each product; what brings the least per mm is left over."""
    one = (space.units > 0).astype(np.int64)
    left = space.room.astype(np.int64)
    places: list[int | None] = [None] * len(space.width)
    first = space.profit(np.ones_like(space.width))

    def worth(members: Sequence[int]) -> float:
        chosen = list(members)
        return float(first[chosen].sum() / space.width[chosen].sum())

    for unit in sorted(space.blocks, key=lambda each: -worth(each.members)):
        members = list(unit.members)
        needed = one[members] * space.width[members, None]
        board = _board_for(needed, left, left, is_tight=False)
        if board is not None:
            left[board] -= needed[:, board].sum()
            for member in members:
                places[member] = board
    return tuple(places)
