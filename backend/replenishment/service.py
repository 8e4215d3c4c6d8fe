"""Verbs of replenishment."""

import asyncio
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from backend.core.cursors import list_cursor, parse_list_cursor
from backend.core.errors import Invalid, TooMuch
from backend.core.numbers import ZERO
from backend.forecasting.arrays import Ints
from backend.infra.api.relay import Page
from backend.infra.work import Work
from backend.replenishment.expecting import Expectation
from backend.replenishment.levels import SupplyCriteria
from backend.replenishment.positions import Position, Positions, positions
from backend.replenishment.reasons import Reason, reasons
from backend.replenishment.suggesting import URGENCIES, Plan, Urgency, plan
from backend.replenishment.terms import Terms, check_terms

MOST_SHOWN: Final = 2_000
"""Suggestions of one page."""
_LIST: Final = "reorder-suggestions"
_HUNDREDTH: Final = Decimal("0.01")
_Key = tuple[int, float, str, str]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to order of a product at a location, and why.

    Money is in the organisation's currency, None where the catalogue does not know it; `days_left`
    None: more than a year.
    """

    position: Position
    expectation: Expectation
    available: Decimal
    inventory_position: Decimal
    expected_demand: Decimal
    safety_stock: Decimal
    reorder_point: Decimal
    until_review: Decimal
    order_up_to: Decimal
    quantity: Decimal
    days_left: Decimal | None
    urgency: Urgency

    @property
    def stockout_on(self) -> date | None:
        """The day on which it is expected to run out; None: in more than a year."""
        if self.days_left is None:
            return None
        return self.position.today + timedelta(days=int(self.days_left))

    @property
    def order_cost(self) -> Decimal | None:
        """What the order costs."""
        cost = self.position.cost
        return None if cost is None else (self.quantity * cost).quantize(_HUNDREDTH)

    @property
    def order_value(self) -> Decimal | None:
        """What the order sells for."""
        price = self.position.price
        return None if price is None else (self.quantity * price).quantize(_HUNDREDTH)

    @property
    def reasons(self) -> list[Reason]:
        """Every figure in words."""
        return reasons(self)


@dataclass(frozen=True, slots=True)
class Totalled:
    """All that meets the filter, whichever page is shown."""

    positions: int
    to_order: int
    units: Decimal
    cost: Decimal
    uncosted: int
    """Orders of what nobody knows the cost of."""
    by_urgency: dict[Urgency, int]
    forecast: int
    """Positions whose demand is forecast; that of the others is from their past."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """A page of suggestions, the most urgent first; `trained_through` None: nothing is forecast."""

    page: Page[Suggestion]
    totals: Totalled
    trained_through: datetime | None


@dataclass(frozen=True, slots=True)
class ReorderCriteria:
    """Which suggestions; None does not limit. `to_order`: only what is to be ordered."""

    supply: SupplyCriteria = field(default_factory=SupplyCriteria)
    urgencies: frozenset[Urgency] | None = None
    to_order: bool | None = None


async def reorder_suggestions(
    work: Work, criteria: ReorderCriteria, wanted: Terms, *, first: int, after: str | None
) -> Suggestions:
    """Return what to order where, the most urgent first; `wanted` are terms that count before all.

    Raises:
        InvalidSupplyTerms, InvalidServiceLevel: terms that cannot be.
        TooManyPositions: more than one answer goes through.
        TooMuch: `first` is too large.
        InvalidCursor: `after` is not a cursor of this list.
    """
    if not 0 <= first <= MOST_SHOWN:
        raise TooMuch(f"first is 0 to {MOST_SHOWN}", field=["first"], value=first)
    begin = None if after is None else _read_key(after)
    found = await positions(work, criteria.supply, check_terms(wanted, []))
    # Seconds of the processor for tens of thousands of positions: others are answered meanwhile.
    return await asyncio.to_thread(_suggestions, found, criteria, first, begin)


def _suggestions(
    found: Positions, criteria: ReorderCriteria, first: int, begin: _Key | None
) -> Suggestions:
    made = plan(found.stock, found.policy, found.totals)
    chosen, key = _chosen(found, made, criteria)
    at = 0 if begin is None else bisect_right(chosen, begin, key=key)
    rows = [
        (list_cursor(_LIST, list(map(str, key(n)))), _suggestion(found, made, n))
        for n in chosen[at : at + first]
    ]
    page = Page(rows, at + first < len(chosen), begin is not None)
    totals = _totals(found, made, np.array(chosen, np.int64))
    return Suggestions(page, totals, found.expected.trained_through)


def _chosen(
    found: Positions, made: Plan, criteria: ReorderCriteria
) -> tuple[list[int], Callable[[int], _Key]]:
    """Return what is chosen in its order: by urgency, by how late an order comes, by SKU.

    And by what a position stands there.
    """
    levels, is_chosen = found.levels, np.ones(len(found.levels), np.bool_)
    if criteria.urgencies is not None:
        is_chosen &= np.isin(made.urgency, [URGENCIES.index(one) for one in criteria.urgencies])
    if criteria.to_order is not None:
        is_chosen &= (made.quantity > 0) == criteria.to_order
    slack = np.round(np.minimum(made.days_left - found.policy.lead_days, 1e6), 4)
    order = np.lexsort((levels.place, levels.good, slack, made.urgency))

    def key(n: int) -> _Key:
        good, place = levels.goods[int(levels.good[n])], levels.places[int(levels.place[n])]
        return int(made.urgency[n]), float(slack[n]), good.product.sku, place.code

    return order[is_chosen[order]].tolist(), key


def _read_key(after: str) -> _Key:
    texts = parse_list_cursor(after, _LIST)
    try:
        urgency, slack, sku, code = (one or "" for one in texts)
        return int(urgency), float(slack), sku, code
    except ValueError as exc:
        raise Invalid(
            "this is not a cursor of this list", field=["after"], value=after[:60]
        ) from exc


def _suggestion(found: Positions, made: Plan, n: int) -> Suggestion:
    row = found.at(n)
    days_left = float(made.days_left[n])
    expected, safety = _units(made.points.expected[n]), _units(made.points.safety_stock[n])
    until_review = _units(made.until_review[n])
    free = max(row.on_hand, ZERO) - row.unavailable - row.committed
    return Suggestion(
        position=row,
        expectation=found.expected.of(n),
        available=max(free, ZERO),
        inventory_position=free + row.incoming,
        expected_demand=expected,
        safety_stock=safety,
        reorder_point=expected + safety,
        until_review=until_review,
        order_up_to=expected + safety + until_review,
        quantity=_units(made.quantity[n]),
        days_left=None if np.isinf(days_left) else _units(days_left),
        urgency=URGENCIES[int(made.urgency[n])],
    )


def _totals(found: Positions, made: Plan, chosen: Ints) -> Totalled:
    goods, orders = found.levels.goods, chosen[made.quantity[chosen] > 0]
    good, units = found.levels.good[orders], np.round(made.quantity[orders], 2)
    by_good = np.bincount(good, weights=units, minlength=len(goods))
    costs = [one.cost for one in goods]
    has_cost = np.array([one is not None for one in costs], np.bool_)
    urgencies = np.bincount(made.urgency[chosen], minlength=len(URGENCIES)).tolist()
    return Totalled(
        positions=len(chosen),
        to_order=len(orders),
        units=_units(units.sum()),
        cost=sum(
            (_units(by_good[n]) * cost for n, cost in enumerate(costs) if cost is not None), ZERO
        ),
        uncosted=int((~has_cost[good]).sum()),
        by_urgency=dict(zip(URGENCIES, urgencies, strict=True)),
        forecast=int(found.expected.is_forecast[chosen].sum()),
    )


def _units(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(_HUNDREDTH)
