"""The best plan of a small shelf, by mixed-integer programming (HiGHS, through scipy)."""

import importlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.merchandising.errors import TooLargeToSolve
from backend.merchandising.rules import Allocation
from backend.merchandising.space import Space

MOST_VARIABLES: Final = 4_000
SECONDS: Final = 4.0
_GAP: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Solved:
    """The best allocation found (None: there is none), whether it is proven, and what none beats.

    `is_infeasible`: it is proven that no allocation holds all minimums and shares.
    """

    allocation: Allocation | None
    is_optimal: bool
    is_infeasible: bool
    bound: float


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """The variables: for each product and board whether it stands there, then each next facing.

    `facings` is what a variable adds to the facings, `profit` to the profit; `stands` is the
    column that says whether its product stands there, -1 for those columns themselves.
    """

    item: np.ndarray
    board: np.ndarray
    facings: np.ndarray
    profit: np.ndarray
    stands: np.ndarray


def size_of(space: Space) -> int:
    """Return how many variables the exact problem has."""
    return int(np.where(space.fits, space.most - space.least + 1, 0).sum())


def solve(space: Space, seconds: float = SECONDS) -> Solved:
    """Return the best allocation; not proven where `seconds` did not suffice.

    Raises:
        TooLargeToSolve: more possibilities than are tried.
    """
    size = size_of(space)
    if size > MOST_VARIABLES:
        raise TooLargeToSolve(
            f"{size} possible facings; at most {MOST_VARIABLES} are solved exactly",
            field=["method"],
            limit=MOST_VARIABLES,
        )
    if not space.fits.any(axis=1).all():
        return Solved(None, is_optimal=False, is_infeasible=True, bound=-np.inf)
    columns = _columns(space)
    # A second and 54 MB to load, for who solves exactly only.
    optimize: Any = importlib.import_module("scipy.optimize")
    rows, low, high = _constraints(space, columns)
    found = optimize.milp(
        -columns.profit,
        constraints=optimize.LinearConstraint(rows, low, high),
        bounds=optimize.Bounds(0, 1),
        integrality=np.ones(len(columns.profit)),
        options={"time_limit": seconds, "mip_rel_gap": _GAP},
    )
    bound = found.get("mip_dual_bound")
    return Solved(
        None if found.x is None else _allocation(space, columns, found.x),
        is_optimal=found.status == 0,
        is_infeasible=found.status == 2,
        bound=np.inf if bound is None or found.x is None else -float(bound),
    )


def _columns(space: Space) -> _Columns:
    parts: list[tuple[int, int, int, float, int]] = []
    for item, board in np.argwhere(space.fits):
        least, most = int(space.least[item, board]), int(space.most[item, board])
        stands = len(parts)
        ladder = (
            space.scale[item] * np.arange(least, most + 1, dtype=np.float64) ** (space.power[item])
        )
        parts.append((item, board, least, float(ladder[0]), -1))
        parts += [(item, board, 1, float(gain), stands) for gain in np.diff(ladder)]
    item, board, facings, profit, stands = (np.array(one) for one in zip(*parts, strict=True))
    return _Columns(item, board, facings, profit, stands)


def _constraints(space: Space, columns: _Columns) -> tuple[Any, np.ndarray, np.ndarray]:
    """Return the matrix and the bounds of its rows.

    Every product stands on one board; facings only where it stands; widths; blocks; shares.
    """
    sparse: Any = importlib.import_module("scipy.sparse")
    count = len(columns.profit)
    number = np.arange(count)
    taken = (columns.facings * space.width[columns.item]).astype(np.float64)
    is_place = columns.stands < 0
    places, nexts = number[is_place], number[~is_place]
    blocks: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = [
        (columns.item[places], places, np.ones(len(places))),
        (columns.board, number, taken),
        (
            np.repeat(np.arange(len(nexts)), 2),
            np.stack([nexts, columns.stands[nexts]], axis=1).ravel(),
            np.tile([1.0, -1.0], len(nexts)),
        ),
        _together(space, columns),
        *[
            (np.zeros(len(at), np.int64), at, taken[at])
            for one in space.problem.shares
            for at in [number[np.isin(columns.item, space.members(one.group))]]
        ],
    ]
    heights = [len(space.width), len(space.room), len(nexts), _ties(space)]
    heights += [1] * len(space.problem.shares)
    matrices = [
        sparse.csr_matrix((value, (row, column)), shape=(height, count))
        for (row, column, value), height in zip(blocks, heights, strict=True)
    ]
    owed = [float(space.owed(one.share)) for one in space.problem.shares]
    low = [
        np.ones(heights[0]),
        np.full(heights[1] + heights[2], -np.inf),
        np.zeros(heights[3]),
        owed,
    ]
    high = [
        np.ones(heights[0]),
        space.room,
        np.zeros(heights[2] + heights[3]),
        np.full(len(owed), np.inf),
    ]
    return sparse.vstack(matrices), np.concatenate(low), np.concatenate(high)


def _ties(space: Space) -> int:
    return sum(len(unit.members) - 1 for unit in space.blocks) * len(space.room)


def _together(space: Space, columns: _Columns) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the entries that say: the products of a block stand on the same board as its first."""
    at = {
        (int(columns.item[n]), int(columns.board[n])): int(n)
        for n in np.flatnonzero(columns.stands < 0)
    }
    entries: list[tuple[int, int, float]] = []
    row = 0
    for unit in space.blocks:
        first, *others = unit.members
        for other in others:
            for board in range(len(space.room)):
                for item, sign in ((first, 1.0), (other, -1.0)):
                    column = at.get((item, board))
                    if column is not None:
                        entries.append((row, column, sign))
                row += 1
    if not entries:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    rows, column_of, values = zip(*entries, strict=True)
    return np.array(rows), np.array(column_of), np.array(values)


def _allocation(space: Space, columns: _Columns, chosen: np.ndarray) -> Allocation:
    is_on = chosen > 0.5
    facings = np.bincount(
        columns.item[is_on], weights=columns.facings[is_on], minlength=len(space.width)
    )
    boards: list[int | None] = [None] * len(space.width)
    for n in np.flatnonzero(is_on & (columns.stands < 0)):
        boards[int(columns.item[n])] = int(columns.board[n])
    return Allocation(tuple(int(one) for one in facings), tuple(boards))
