"""Shelves to plan, made up at random and small enough to try everything."""

from itertools import product

import hypothesis.strategies as st
import numpy as np

from backend.merchandising.rules import Allocation, Board, Item, Problem, Size
from backend.merchandising.space import Space


def item(key: str, width: int = 100, **changes) -> Item:
    size = Size(width, 100, 100)
    return Item(**{"key": key, "size": size, "now": 1, "margin": 2.0, "demand": 10.0,
                   "until_refill": 1.0, **changes})  # fmt: skip


def board(width: int, height: int = 300, depth: int = 400) -> Board:
    return Board(width, height, depth)


def random_shelf(count: int, seed: int, *, boards: int = 1, has_equal_widths: bool = False):
    draw = np.random.default_rng(seed)
    widths = draw.choice([60, 80, 100, 120, 150, 200, 300], count)
    if has_equal_widths:
        widths[:] = 100
    most = draw.integers(4, 13, count)
    room = int(widths.sum() + 0.45 * ((widths * most).sum() - widths.sum())) // boards
    items = tuple(
        item(
            str(n),
            int(widths[n]),
            margin=float(draw.lognormal(0, 0.6)),
            demand=float(draw.lognormal(2, 1)),
            elasticity=float(np.clip(draw.normal(0.17, 0.08), 0.02, 0.6)),
            most=int(most[n]),
        )
        for n in range(count)
    )
    return Problem((board(room),) * boards, items)


@st.composite
def problems(draw, most_items: int = 4, most_boards: int = 2, has_equal_widths: bool = False):
    """Equal widths come with room for one facing each, which is all they need."""
    least_room = 100 * most_items if has_equal_widths else 150
    rooms = st.integers(least_room, least_room + 300)
    boards = draw(st.lists(rooms, min_size=1, max_size=most_boards))
    count = draw(st.integers(1, most_items))
    widths = [100] * count if has_equal_widths else draw(_widths(count))
    items = [
        item(
            str(n),
            width,
            now=draw(st.integers(0, 4)),
            margin=draw(st.floats(-1, 20)),
            demand=draw(st.floats(0, 100)),
            until_refill=draw(st.floats(0, 4 if has_equal_widths else 12)),
            elasticity=draw(st.floats(0, 0.9)),
            most=draw(st.none() | st.integers(1, 5)),
            block=draw(st.sampled_from([None, None, None, "a"])),
        )
        for n, width in enumerate(widths)
    ]
    height = st.just(120) if has_equal_widths else st.sampled_from([90, 120, 250])
    return Problem(tuple(board(width, draw(height)) for width in boards), tuple(items))


def _widths(count: int):
    return st.lists(st.sampled_from([60, 90, 100, 140]), min_size=count, max_size=count)


def best_by_trying(space: Space) -> float | None:
    """Return the profit of the best allocation that holds everything; None without one."""
    ways = [
        [
            (int(facings), b)
            for b in range(len(space.room))
            if space.fits[n, b]
            for facings in range(space.least[n, b], space.most[n, b] + 1)
        ]
        for n in range(len(space.width))
    ]
    profits = [
        space.value(allocation)
        for way in product(*ways)
        for allocation in [Allocation(tuple(f for f, _ in way), tuple(b for _, b in way))]
        if is_within(space, allocation) and is_together(space, allocation)
    ]
    return max(profits, default=None)


def is_within(space: Space, allocation: Allocation) -> bool:
    return bool((space.used(allocation) <= space.room).all())


def is_together(space: Space, allocation: Allocation) -> bool:
    return all(len({allocation.boards[n] for n in unit.members}) == 1 for unit in space.blocks)
