"""Which surplus to move where goods are short. Pure.

What more units are worth to a location is how many more it is expected to sell until an order made
now arrives: each further unit a little less. So the best use of a product's surplus is found by
giving the next few units to whoever gains most by them; no other use of it gains more, units taken
as divisible, which is the bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace
from itertools import groupby
from typing import Final
from uuid import UUID

import numpy as np

from backend.forecasting.arrays import Doubles
from backend.replenishment.totals import expected_served

_STEPS: Final = 16
"""Into how many parts what is short is divided at most."""
_LEAST_GAIN: Final = 0.005
"""Units that a part must be expected to sell, each, to be moved at all."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A product at a location: what it can give, or what it is short of.

    `place` is its number among the positions, `worth` what a unit sells for. `quantiles` are those
    of the demand until an order made now arrives.
    """

    product_id: UUID
    place: int
    available: float
    surplus: float
    short: float
    worth: float
    quantiles: Doubles


@dataclass(frozen=True, slots=True)
class Transfer:
    """Whole units from one place to another, and how many more are expected to be sold so."""

    giver: int
    taker: int
    units: float
    sold: float
    value: float


@dataclass(frozen=True, slots=True)
class Transfers:
    """What to move, the most valuable first; `bound`: no transfers are worth more than that."""

    transfers: tuple[Transfer, ...]
    bound: float

    @property
    def value(self) -> float:
        """What they are worth together."""
        return sum(one.value for one in self.transfers)


@dataclass(slots=True)
class _Taker:
    """Who is short: how many units have been given, and what each part of the rest is worth."""

    holding: Holding
    parts: list[float]
    gains: list[float]
    taken: int = 0
    units: float = 0.0
    sold: float = 0.0

    @property
    def next_gain(self) -> float:
        """What a unit of the next part is worth; 0: there is none."""
        if self.taken == len(self.parts):
            return 0.0
        gain = self.gains[self.taken] / self.parts[self.taken]
        return gain * self.holding.worth if gain >= _LEAST_GAIN else 0.0


def best_transfers(holdings: Sequence[Holding]) -> Transfers:
    """Return what to move among the holdings, each product by itself."""
    made: list[Transfer] = []
    bound = 0.0
    ordered = sorted(holdings, key=lambda one: (one.product_id, one.place))
    for _, group in groupby(ordered, key=lambda one: one.product_id):
        among = list(group)
        if any(one.surplus >= 1 for one in among) and any(one.short >= 1 for one in among):
            found, best = _of_product(among)
            made += found
            bound += best
    made.sort(key=lambda one: (-one.value, one.giver, one.taker))
    return Transfers(tuple(made), bound)


def _of_product(among: Sequence[Holding]) -> tuple[list[Transfer], float]:
    takers = [_taker(one) for one in among if one.short >= 1]
    given = sum(float(np.floor(one.surplus)) for one in among)
    bound = _give(takers, given)
    givers = [[one.place, float(np.floor(one.surplus))] for one in among if one.surplus >= 1]
    takers.sort(key=lambda one: -one.units)
    return [one for taker in takers for one in _moves(taker, givers)], bound


def _taker(holding: Holding) -> _Taker:
    short = int(np.floor(holding.short))
    parts = np.diff(np.unique(np.linspace(0, short, min(short, _STEPS) + 1).round()))
    held = holding.available + np.concatenate([[0.0], np.cumsum(parts)])
    quantiles = np.repeat(holding.quantiles[None, :], len(held), axis=0)
    gains = np.diff(expected_served(quantiles, held))
    return _Taker(holding, parts.tolist(), gains.tolist())


def _give(takers: Sequence[_Taker], left: float) -> float:
    """Give parts to whoever gains most by them; return what divisible units would be worth."""
    waiting = [(-one.next_gain, n) for n, one in enumerate(takers) if one.next_gain > 0]
    heapify(waiting)
    bound = 0.0
    while waiting and left > 0:
        gain, n = waiting[0]
        taker = takers[n]
        part = taker.parts[taker.taken]
        moved = min(part, left)
        taker.units += moved
        taker.sold += taker.gains[taker.taken] * moved / part
        bound += -gain * moved
        taker.taken += 1
        left -= moved
        if taker.next_gain > 0:
            heapreplace(waiting, (-taker.next_gain, n))
        else:
            heappop(waiting)
    return bound


def _moves(taker: _Taker, givers: list[list[float]]) -> list[Transfer]:
    """Return from where a taker gets its units: from as few as possible."""
    wanted, moves = taker.units, list[Transfer]()
    while wanted >= 1 and givers:
        enough = [one for one in givers if one[1] >= wanted]
        giver = (
            min(enough, key=lambda one: one[1]) if enough else max(givers, key=lambda one: one[1])
        )
        moved = min(giver[1], wanted)
        sold = taker.sold * moved / taker.units
        moves.append(
            Transfer(int(giver[0]), taker.holding.place, moved, sold, sold * taker.holding.worth)
        )
        giver[1] -= moved
        wanted -= moved
        givers[:] = [one for one in givers if one[1] >= 1]
    return moves
