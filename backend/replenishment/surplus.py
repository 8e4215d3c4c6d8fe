"""Verbs of what there is too much of: where it is short, and at which price it would sell."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

import numpy as np

from backend.forecasting.arrays import Doubles
from backend.forecasting.demand.ledger import LedgerCriteria, read_panel
from backend.infra.work import Work
from backend.pieces import queries as pieces
from backend.pieces.queries import ExpiringStock
from backend.replenishment.elasticity import Elasticity, price_elasticity
from backend.replenishment.levels import SupplyCriteria
from backend.replenishment.markdowns import (
    Batch,
    Cut,
    Excess,
    MarkdownCause,
    best_cut,
    expiring,
    surplus,
)
from backend.replenishment.positions import Position, Positions, positions
from backend.replenishment.suggesting import Plan, plan
from backend.replenishment.terms import Terms, check_terms
from backend.replenishment.transferring import Holding, best_transfers

_HUNDREDTH: Final = Decimal("0.01")
MOST_SHOWN: Final = 500
"""Transfers or markdowns of one answer."""
MOST_PRICED: Final = 500
"""Products from whose prices an elasticity is learned, those with the most to clear first."""
PRICED_DAYS: Final = 364


@dataclass(frozen=True, slots=True)
class StockTransfer:
    """Units to move, and what that is expected to change until an order would arrive."""

    giver: Position
    taker: Position
    quantity: Decimal
    surplus: Decimal
    """What the giver has beyond what it needs."""
    short: Decimal
    """What the taker lacks up to what an order would bring it to."""
    sold: Decimal
    """More units expected to be sold there."""
    sales: Decimal | None
    """What customers pay for them; None: there is no price."""
    profit: Decimal | None
    """What is earned with them; None: price or cost is not known."""


@dataclass(frozen=True, slots=True)
class StockTransfers:
    """The most valuable transfers, and what all of them are worth beside the most possible."""

    rows: list[StockTransfer]
    found: int
    sold: Decimal
    value: Decimal
    bound: Decimal


async def stock_transfers(
    work: Work, criteria: SupplyCriteria, wanted: Terms, *, first: int
) -> StockTransfers:
    """Return what to move from where there is surplus to where goods are short.

    Surplus is what is available beyond the demand of the days to cover, and beyond what an order
    would be made up to. Locations of the filter give and take among themselves.

    Raises:
        InvalidSupplyTerms, InvalidServiceLevel: terms that cannot be.
        TooManyPositions: more than one answer goes through.
    """
    found = await positions(work, criteria, check_terms(wanted, []))
    return await asyncio.to_thread(_transfers, found, first)


def _transfers(found: Positions, first: int) -> StockTransfers:
    made = plan(found.stock, found.policy, found.totals)
    spare, short = _surplus(found, made), _short(found, made)
    best = best_transfers(_holdings(found, spare, short))
    rows = [
        StockTransfer(
            giver=found.at(one.giver),
            taker=(taker := found.at(one.taker)),
            quantity=_units(one.units),
            surplus=_units(spare[one.giver]),
            short=_units(short[one.taker]),
            sold=_units(one.sold),
            sales=_money(one.sold, taker.price),
            profit=_money(one.sold, _margin(taker)),
        )
        for one in best.transfers[:first]
    ]
    sold = sum(one.sold for one in best.transfers)
    return StockTransfers(
        rows, len(best.transfers), _units(sold), _units(best.value), _units(best.bound)
    )


def _surplus(found: Positions, made: Plan) -> Doubles:
    """Return by position what is available beyond what it needs in the days to cover."""
    mean, _ = found.totals.after(found.cover)
    keep = np.maximum(mean, made.order_up_to)
    return np.floor(np.maximum(found.stock.available - keep, 0.0))


def _short(found: Positions, made: Plan) -> Doubles:
    """Return by position what is missing where an order is due."""
    missing = made.order_up_to - found.stock.position
    return np.where(made.quantity > 0, np.maximum(missing, 0.0), 0.0)


def _holdings(found: Positions, spare: Doubles, short: Doubles) -> list[Holding]:
    chosen = np.nonzero((spare >= 1) | (short >= 1))[0]
    if not len(chosen):
        return []
    _, quantiles = found.totals.of(chosen).after(found.policy.lead_days[chosen])
    goods, available = found.levels.goods, found.stock.available
    return [
        Holding(
            product_id=(good := goods[int(found.levels.good[n])]).product.id,
            place=int(n),
            available=float(available[n]),
            surplus=float(spare[n]),
            short=float(short[n]),
            worth=float(good.price or 0),
            quantiles=quantiles[at],
        )
        for at, n in enumerate(chosen)
    ]


@dataclass(frozen=True, slots=True)
class Markdown:
    """What is expected to be left, and the discount that earns most; None: none is known to."""

    position: Position
    excess: Excess
    until: date
    cut: Cut | None

    @property
    def units(self) -> Decimal:
        """Units to sell by then."""
        return _units(self.excess.units)

    @property
    def discount(self) -> Decimal | None:
        """Part of the price to take off."""
        return None if self.cut is None else Decimal(repr(self.cut.discount))

    @property
    def sold(self) -> Decimal | None:
        """More units expected to be sold."""
        return None if self.cut is None else _units(self.cut.sold)

    @property
    def sales(self) -> Decimal | None:
        """More money from customers."""
        return None if self.cut is None else _units(self.cut.sales)

    @property
    def gain(self) -> Decimal | None:
        """What is earned by the discount."""
        return None if self.cut is None else _units(self.cut.gain)

    @property
    def left(self) -> Decimal:
        """Units expected to be left at today's price."""
        return _units(self.excess.left)

    @property
    def left_at_cost(self) -> Decimal | None:
        """What they cost; None: nobody knows."""
        return _money(self.excess.left, self.position.cost)

    @property
    def new_price(self) -> Decimal | None:
        """The price to ask; None: today's."""
        price = self.position.price
        if self.cut is None or price is None:
            return None
        return (price * (1 - Decimal(repr(self.cut.discount)))).quantize(_HUNDREDTH)


@dataclass(frozen=True, slots=True)
class Markdowns:
    """What is expected to be left, the costliest first; from what the effect of prices is known.

    `elasticity` None: prices never differed enough to tell.
    """

    rows: list[Markdown]
    found: int
    elasticity: Elasticity | None


async def markdown_suggestions(
    work: Work, criteria: SupplyCriteria, wanted: Terms, *, first: int
) -> Markdowns:
    """Return what will not be sold in time, and which discount would earn most.

    Batches that expire (as far as pieces say so) count by their day; of everything else what is
    expected to lie there after the days to cover, unless an order of it is due. How demand answers
    to prices is learned from the prices of the past year.

    Raises:
        InvalidSupplyTerms, InvalidServiceLevel: terms that cannot be.
        TooManyPositions: more than one answer goes through.
    """
    found = await positions(work, criteria, check_terms(wanted, []))
    expiring_stock = await pieces.expiring_stock(work)
    excess = await asyncio.to_thread(_excess, found, expiring_stock)
    elasticity = await _elasticity(work, await asyncio.to_thread(_products, found, list(excess)))
    rows = await asyncio.to_thread(
        lambda: [_markdown(found, n, excess[n], elasticity) for n in list(excess)[:first]]
    )
    return Markdowns(rows, len(excess), elasticity)


def _batches(found: Positions, stock: Sequence[ExpiringStock]) -> dict[int, list[Batch]]:
    """Return by position the pieces in stock that expire, by how many days from its today."""
    levels, batches = found.levels, dict[int, list[Batch]]()
    places = {one.id: n for n, one in enumerate(levels.places)}
    goods = {one.product.id: n for n, one in enumerate(levels.goods)}
    rows = {
        pair: n
        for n, pair in enumerate(zip(levels.place.tolist(), levels.good.tolist(), strict=True))
    }
    for one in stock:
        place, good = places.get(one.location_id, -1), goods.get(one.product_id, -1)
        n = rows.get((place, good))
        if n is not None:
            days = (one.expires_on - found.today[place]).days
            batches.setdefault(n, []).append(Batch(days, float(one.units)))
    return batches


def _products(found: Positions, chosen: Sequence[int]) -> list[UUID]:
    """Return the first products of these positions, in their order."""
    goods = dict.fromkeys(found.levels.good[chosen].tolist())
    return [found.levels.goods[n].product.id for n in list(goods)[:MOST_PRICED]]


def _excess(found: Positions, stock: Sequence[ExpiringStock]) -> dict[int, Excess]:
    """Return by position what will not be sold in time, the costliest first."""
    made, batches = plan(found.stock, found.policy, found.totals), _batches(found, stock)
    held = found.stock.available
    excess: dict[int, Excess] = {}
    for n, those in batches.items():
        of_one = found.totals.of(np.array([n]))
        if (one := expiring(those, of_one, float(held[n]))) is not None:
            excess[n] = one
    for n, one in surplus(found.totals, found.cover, held).items():
        if made.quantity[n] == 0:
            excess.setdefault(n, one)
    ordered = sorted(excess, key=lambda n: _place(found.at(n), excess[n]))
    return {n: excess[n] for n in ordered}


async def _elasticity(work: Work, products: Sequence[UUID]) -> Elasticity | None:
    """Return how demand answers to prices, learned from those of the products to clear."""
    if not products:
        return None
    found = await read_panel(
        work, LedgerCriteria(product_ids=frozenset(products)), PRICED_DAYS, ahead=0
    )
    if found is None:
        return None
    panel, plans = found.panel, found.panel.plans
    if plans.price is None:
        return None
    price = plans.price[:, : panel.periods]
    if plans.promo is not None:
        price = price * (1 - plans.promo[:, : panel.periods])
    return await asyncio.to_thread(price_elasticity, panel.demand, panel.exposure, price)


def _markdown(found: Positions, n: int, excess: Excess, elasticity: Elasticity | None) -> Markdown:
    row = found.at(n)
    cut = None
    if elasticity is not None and row.price is not None:
        cost = None if row.cost is None else float(row.cost)
        totals = found.totals.of(np.array([n]))
        cut = best_cut(excess, totals, elasticity, float(row.price), cost)
    return Markdown(row, excess, row.today + timedelta(days=excess.days), cut)


def _place(row: Position, excess: Excess) -> tuple[bool, float, str, str]:
    """Return by what markdowns are sorted: what expires first, then what costs most."""
    worth = excess.left * float(row.cost or row.price or 0)
    is_surplus = excess.cause is MarkdownCause.SURPLUS
    return is_surplus, -worth, row.product.sku, row.location.code


def _margin(row: Position) -> Decimal | None:
    return None if row.price is None or row.cost is None else row.price - row.cost


def _money(units: float, each: Decimal | None) -> Decimal | None:
    return None if each is None else (_units(units) * each).quantize(_HUNDREDTH)


def _units(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(_HUNDREDTH)
