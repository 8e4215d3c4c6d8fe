"""How good any plan of a shelf could be: an upper bound by Lagrangian relaxation. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.forecasting.arrays import Doubles, Ints
from backend.merchandising.space import Space

_HALVINGS: Final = 40
_STEPS: Final = 80
_LARGE: Final = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """What a price of space leads to.

    No plan that holds the minimums brings more than `bound` a week; `facings` [product, board] are
    what each product would take on each board at that price, wherever it stands.
    """

    bound: float
    price: Doubles
    facings: Ints


def relax(space: Space) -> Relaxed:
    """Return the least bound that prices of space give.

    For any price λ of a mm of a board, max Σ profit ≤ Σ λ·width + Σ max (profit − λ·taken): the
    first price is the same for all boards, found by halving; subgradient steps then tell boards
    apart, since what fits on the high one need not fit on the others.
    """
    low, high = 0.0, _most_per_mm(space)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        one = _at(space, np.full(len(space.room), middle))
        is_too_much = _taken(space, one) > int(space.room.sum())
        low, high = (middle, high) if is_too_much else (low, middle)
    best = _at(space, np.full(len(space.room), high))
    return best if len(space.room) == 1 else _refine(space, best)


def _refine(space: Space, best: Relaxed) -> Relaxed:
    price = best.price.copy()
    pace = float(price.mean()) or _most_per_mm(space)
    for step in range(_STEPS):
        now = _at(space, price)
        if now.bound < best.bound:
            best = now
        slope = space.room - _used(space, now)
        length = float(np.linalg.norm(slope))
        if length == 0:
            break
        price = np.maximum(price - pace / (1 + step) * slope / length, 0.0)
    return best


def _at(space: Space, price: Doubles) -> Relaxed:
    facings = _wanted(space, price)
    kept = _net(space, facings, price)
    by_unit = np.zeros((len(space.blocks), len(price)))
    np.add.at(by_unit, space.block_of, kept)
    bound = float(price @ space.room) + float(by_unit.max(axis=1).sum())
    return Relaxed(bound, price, facings)


def _wanted(space: Space, price: Doubles) -> Ints:
    """Return the facings worth their space: profit is concave, so the last gain above its price."""
    cost = np.maximum(space.width[:, None] * price[None, :], 1e-12)
    ratio = np.maximum(space.scale * space.power, 1e-300)[:, None] / cost
    # Where the slope of profit is the price: a f^(β-1) β = price.
    smooth = np.exp(np.minimum(np.log(ratio) / (1 - space.power[:, None]), _LARGE))
    near = np.clip(np.floor(smooth), space.least, space.most).astype(np.int64)
    best = near
    for step in (-1, 1):
        other = np.clip(near + step, space.least, space.most)
        is_better = _net(space, other, price) > _net(space, best, price)
        best = np.where(is_better, other, best)
    return best


def _net(space: Space, facings: Ints, price: Doubles) -> Doubles:
    """Return profit less the price of space; minus infinity where a product does not fit."""
    profit = space.scale[:, None] * np.maximum(facings, 1) ** space.power[:, None]
    net = profit - price[None, :] * space.width[:, None] * facings
    return np.where(space.fits, net, -np.inf)


def _used(space: Space, relaxed: Relaxed) -> Ints:
    """Return the mm taken on each board when every unit stands where it keeps most."""
    net = _net(space, relaxed.facings, relaxed.price)
    by_unit = np.zeros((len(space.blocks), len(relaxed.price)))
    np.add.at(by_unit, space.block_of, net)
    board = by_unit.argmax(axis=1)[space.block_of]
    taken = relaxed.facings[np.arange(len(board)), board] * space.width
    return np.bincount(board, weights=taken, minlength=len(space.room)).astype(np.int64)


def _taken(space: Space, relaxed: Relaxed) -> int:
    return int(_used(space, relaxed).sum())


def _most_per_mm(space: Space) -> float:
    """Return a price at which nobody takes more than the least: the first gain is the largest."""
    gain = space.gain(np.ones_like(space.width)) / space.width
    return max(float(gain.max(initial=0.0)) * 2, 1e-9)
