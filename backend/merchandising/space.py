"""A shelf as arrays: what each product takes, brings and needs on each board. Pure."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backend.forecasting.arrays import Doubles, Flags, Ints
from backend.merchandising.rules import (
    MOST_FACINGS,
    Allocation,
    Minimum,
    Problem,
    minimum_of,
    units_of_facing,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """What moves from board to board together: a block, or a product alone. Indices of products."""

    members: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Space:
    """The arrays of a problem; products × boards where both count.

    Profit a week with f facings is `scale` · f ** `power`. Where a product does not fit on a
    board, `units`, `least` and `most` are 0.
    """

    problem: Problem
    width: Ints
    scale: Doubles
    power: Doubles
    units: Ints
    least: Ints
    most: Ints
    room: Ints

    @classmethod
    def of(cls, problem: Problem) -> "Space":
        """Return the arrays of a problem."""
        items, boards = problem.items, problem.boards
        shape = len(items), len(boards)
        units, least, most = (np.zeros(shape, np.int64) for _ in range(3))
        for n, item in enumerate(items):
            for b, board in enumerate(boards):
                units[n, b] = held = units_of_facing(item.size, board)
                if held:
                    least[n, b] = minimum_of(item, held).facings
                    by_width = min(board.width // item.size.width, MOST_FACINGS)
                    most[n, b] = min(by_width, item.most or MOST_FACINGS)
        reference = np.array([max(item.now, 1) for item in items], np.float64)
        power = np.array([item.elasticity for item in items], np.float64)
        worth = np.array([item.margin * item.demand for item in items], np.float64)
        return cls(
            problem,
            width=np.array([item.size.width for item in items], np.int64),
            scale=worth / reference**power,
            power=power,
            units=units,
            least=least,
            most=most,
            room=np.array([board.width for board in boards], np.int64),
        )

    @cached_property
    def fits(self) -> Flags:
        """Whether a product's least facings fit on a board at all."""
        return (self.units > 0) & (self.least <= self.most)

    @cached_property
    def blocks(self) -> tuple[Unit, ...]:
        """What moves together, in the order in which products come."""
        found: dict[object, list[int]] = {}
        for n, item in enumerate(self.problem.items):
            found.setdefault(item.block or n, []).append(n)
        return tuple(Unit(tuple(members)) for members in found.values())

    @cached_property
    def block_of(self) -> Ints:
        """By product: the index of its unit."""
        found = np.zeros(len(self.width), np.int64)
        for n, unit in enumerate(self.blocks):
            found[list(unit.members)] = n
        return found

    def profit(self, facings: Ints) -> Doubles:
        """Return the profit a week of each product; 0 without facings."""
        counted = np.maximum(facings, 1)
        return np.where(facings > 0, self.scale * counted**self.power, 0.0)

    def gain(self, facings: Ints) -> Doubles:
        """Return what one more facing of each product brings a week."""
        return self.profit(facings + 1) - self.profit(facings)

    def gain_of(self, item: int, facings: int) -> float:
        """Return what the next facing of one product brings a week; `facings` are 1 or more."""
        scale, power = float(self.scale[item]), float(self.power[item])
        return scale * (float((facings + 1) ** power) - float(facings**power))

    def value(self, allocation: Allocation) -> float:
        """Return the profit a week of an allocation."""
        return float(self.profit(np.array(allocation.facings, np.int64)).sum())

    def used(self, allocation: Allocation) -> Ints:
        """Return the mm that are taken on each board."""
        found = np.zeros(len(self.room), np.int64)
        for n, (facings, board) in enumerate(
            zip(allocation.facings, allocation.boards, strict=True)
        ):
            if board is not None:
                found[board] += facings * self.width[n]
        return found

    def minimum(self, item: int, board: int | None) -> Minimum:
        """Return the least facings of a product where it stands, and why.

        On no board: those it would need where it needs the fewest.
        """
        if board is None:
            able = np.flatnonzero(self.units[item])
            board = int(able[np.argmin(self.least[item, able])]) if able.size else None
        units = 1 if board is None else int(self.units[item, board])
        return minimum_of(self.problem.items[item], units)

    def members(self, group: str) -> Ints:
        """Return the products of a group."""
        items = self.problem.items
        return np.array([n for n, item in enumerate(items) if group in item.groups], np.int64)

    def owed(self, share: float) -> int:
        """Return the mm that a part of all boards is."""
        return int(np.ceil(share * int(self.room.sum()) - 1e-9))
