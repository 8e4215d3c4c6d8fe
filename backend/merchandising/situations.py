"""A shelf as it is planned: what stands on it with its size, margin, demand and elasticity."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from backend.catalogue import service as catalogue
from backend.catalogue.rules import Price
from backend.infra.work import Work
from backend.merchandising import sizes
from backend.merchandising.demand import Demand, ProductDemand, demand_of
from backend.merchandising.drafts import ShareKind, group_name
from backend.merchandising.rules import (
    DEFAULT_ELASTICITY,
    Board,
    Item,
    MinimumShare,
    Problem,
    Size,
)
from backend.merchandising.shelves import FullShelf, Standing

USUAL: Final = Size(width=100, height=200, depth=100)
"""What a product is taken to measure that nobody measured."""
BRAND: Final = "brand"


class SizeState(StrEnum):
    """Whether the size of a product is known."""

    MEASURED = "MEASURED"
    """Somebody measured it."""
    NO_WIDTH = "NO_WIDTH"
    """Nobody did: it is taken to be 10 cm wide, 20 high and 10 deep."""


class CostState(StrEnum):
    """Whether the cost of a product is known, and so its margin."""

    KNOWN = "KNOWN"
    """Its margin is price less cost."""
    ESTIMATED = "ESTIMATED"
    """It is not: the mean margin rate of the shelf's other products is taken."""
    PRICE_ONLY = "PRICE_ONLY"
    """No cost on the shelf is known: its margin is taken to be its price."""
    NO_PRICE = "NO_PRICE"
    """It never had a price: it counts nothing."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A product on the shelf and what a plan takes of it, with where that comes from."""

    standing: Standing
    size: Size
    size_state: SizeState
    margin: Decimal
    cost_state: CostState
    demand: ProductDemand
    elasticity: float
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Situation:
    """A shelf with everything that its plan follows from."""

    full: FullShelf
    demand: Demand
    placed: tuple[Placed, ...]

    def problem(self) -> Problem:
        """Return it as plans see it."""
        boards = self.full.boards
        return Problem(
            boards,
            tuple(_item(one, len(boards)) for one in self.placed),
            tuple(MinimumShare(one.group, float(one.share)) for one in self.full.shares),
        )


async def situation_of(work: Work, full: FullShelf) -> Situation:
    """Return what the plan of a shelf follows from, in a handful of statements."""
    standings = full.standings
    ids = [one.product.id for one in standings]
    prices = await catalogue.prices_at(work, [(id_, work.now) for id_ in ids])
    details = await catalogue.product_details(work, ids)
    brands = [str(one.attributes.get(BRAND) or "") if one else "" for one in details]
    settled = await sizes.elasticities(work)
    skus = [one.product.sku for one in standings]
    demand = await demand_of(work, full.location, skus, full.shelf.refill_days)
    margins = margins_of(prices)
    return Situation(
        full,
        demand,
        tuple(
            Placed(
                one,
                one.size or fitting(USUAL, full.boards),
                SizeState.MEASURED if one.size else SizeState.NO_WIDTH,
                *margin,
                demand.of(one.product.sku),
                float(settled.get(one.product.category or "", Decimal(str(DEFAULT_ELASTICITY)))),
                _groups(one, brand),
            )
            for one, margin, brand in zip(standings, margins, brands, strict=True)
        ),
    )


def margins_of(prices: Sequence[Price | None]) -> list[tuple[Decimal, CostState]]:
    """Return the margin of each price, and how it is known."""
    known = [one for one in prices if one is not None and one.cost is not None and one.price > 0]
    sold = sum((one.price for one in known), Decimal(0))
    cost = sum((one.cost for one in known if one.cost is not None), Decimal(0))
    rate = 1 - cost / sold if sold > 0 else None
    return [_margin(one, rate) for one in prices]


def _margin(price: Price | None, rate: Decimal | None) -> tuple[Decimal, CostState]:
    if price is None:
        return Decimal(0), CostState.NO_PRICE
    if price.cost is not None:
        return price.price - price.cost, CostState.KNOWN
    if rate is not None:
        return price.price * rate, CostState.ESTIMATED
    return price.price, CostState.PRICE_ONLY


def fitting(size: Size, boards: Sequence[Board]) -> Size:
    """Return a size that nobody measured so that it fits the roomiest board."""
    if not boards:
        return size
    return replace(
        size,
        width=min(size.width, max(one.width for one in boards)),
        height=min(size.height, max(one.height for one in boards)),
        depth=min(size.depth, max(one.depth for one in boards)),
    )


def _item(one: Placed, boards: int) -> Item:
    standing = one.standing
    board = standing.board if standing.board is not None and standing.board <= boards else None
    return Item(
        key=standing.product.sku,
        size=one.size,
        now=standing.facings,
        margin=float(one.margin),
        demand=one.demand.weekly,
        until_refill=one.demand.until_refill,
        board_now=None if board is None else board - 1,
        elasticity=one.elasticity,
        least=standing.least,
        most=standing.most,
        block=standing.block,
        groups=one.groups,
    )


def _groups(standing: Standing, brand: str) -> frozenset[str]:
    names = (
        (ShareKind.CATEGORY, standing.product.category),
        (ShareKind.SUBCATEGORY, standing.product.subcategory),
        (ShareKind.BRAND, brand),
    )
    return frozenset(group_name(kind, name) for kind, name in names if name)
