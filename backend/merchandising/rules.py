"""What a plan of a shelf is made of: boards, products, and how many facings they need. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DEFAULT_ELASTICITY: Final = 0.17
"""Mean of 1,268 measured elasticities of sales to shelf space (Eisend 2014)."""
COVERED: Final = 0.95
"""How often the facings are to hold what is wanted until the next refill."""
MOST_FACINGS: Final = 200
"""Of one product on one board."""


class MinimumReason(StrEnum):
    """Why a product gets no fewer facings."""

    PRESENCE = "PRESENCE"
    """What stands on a shelf has a facing."""
    DEMAND = "DEMAND"
    """They hold what is wanted until the next refill, 95 times of 100."""
    SETTLED = "SETTLED"
    """Somebody settled it."""
    CAPPED = "CAPPED"
    """Demand asks for more than the most that somebody settled."""


class PlanMethod(StrEnum):
    """How the facings of a plan are found."""

    AUTO = "AUTO"
    """Greedy; exact where that leaves a gap or cannot keep a minimum, and the shelf is small."""
    GREEDY = "GREEDY"
    """Facing by facing, each to the product that brings the most profit per cm."""
    EXACT = "EXACT"
    """Mixed-integer programming: the best plan there is, or the best found in the time there is."""
    PROPORTIONAL = "PROPORTIONAL"
    """Space in proportion to the units wanted, as planners often do; knows no minimum."""


@dataclass(frozen=True, slots=True)
class Board:
    """One board of a shelf: the room on it, in mm; `height` is free up to the next board."""

    width: int
    height: int
    depth: int


@dataclass(frozen=True, slots=True)
class Size:
    """What one unit of a product takes as it stands, in mm.

    `units_per_facing` is what somebody counted; None: what fits behind and, if it can be stacked,
    above one another.
    """

    width: int
    height: int
    depth: int
    units_per_facing: int | None = None
    is_stackable: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A product as a plan sees it.

    `now` facings stand on board `board_now` (None: on none yet). `margin` is the profit of a unit,
    `demand` what sells in a week with the facings of now, `until_refill` what is not exceeded 95
    times of 100 until the next refill. `block`: what has the same stands together on one board.
    `groups` are what minimum shares are given to.
    """

    key: str
    size: Size
    now: int
    margin: float
    demand: float
    until_refill: float
    board_now: int | None = None
    elasticity: float = DEFAULT_ELASTICITY
    least: int | None = None
    most: int | None = None
    block: str | None = None
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MinimumShare:
    """The part of all boards' width, as a part of one, that a group gets at least."""

    group: str
    share: float


@dataclass(frozen=True, slots=True)
class Problem:
    """A shelf to plan. Boards count from 0, the highest first."""

    boards: tuple[Board, ...]
    items: tuple[Item, ...]
    shares: tuple[MinimumShare, ...] = ()


@dataclass(frozen=True, slots=True)
class Minimum:
    """The least facings of a product on a board, and why no fewer."""

    facings: int
    reason: MinimumReason


@dataclass(frozen=True, slots=True)
class Allocation:
    """By product: its facings, and the board they stand on (None: on none, with no facings)."""

    facings: tuple[int, ...]
    boards: tuple[int | None, ...]


def stacked(size: Size, board: Board) -> int:
    """Return how many units stand above one another."""
    return max(board.height // size.height, 1) if size.is_stackable else 1


def units_of_facing(size: Size, board: Board) -> int:
    """Return how many units one facing holds on a board; 0: the product does not fit on it."""
    if size.width > board.width or size.height > board.height or size.depth > board.depth:
        return 0
    if size.units_per_facing is not None:
        return size.units_per_facing
    return board.depth // size.depth * stacked(size, board)


def minimum_of(item: Item, units: int) -> Minimum:
    """Return the least facings of a product where one facing holds so many units, 1 or more."""
    held = min(math.ceil(item.until_refill / units - 1e-9), MOST_FACINGS)
    found = Minimum(1, MinimumReason.PRESENCE)
    if held > 1:
        found = Minimum(held, MinimumReason.DEMAND)
    if item.least is not None and item.least > found.facings:
        found = Minimum(item.least, MinimumReason.SETTLED)
    if item.most is not None and item.most < found.facings:
        return Minimum(item.most, MinimumReason.CAPPED)
    return found


def profit_of(item: Item, facings: int) -> float:
    """Return the profit a week with so many facings: margin × demand × (facings / now)^β.

    What has no facings sells nothing; what has none now is taken to sell its demand with one.
    """
    if facings <= 0:
        return 0.0
    return item.margin * item.demand * (facings / max(item.now, 1)) ** item.elasticity


def profit_now(items: Sequence[Item]) -> float:
    """Return the profit a week with the facings of now."""
    return sum(profit_of(item, item.now) for item in items)
