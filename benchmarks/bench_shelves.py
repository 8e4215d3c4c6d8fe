"""How near the best greedy plans of shelves are, what they cost, and what proportion misses."""

import asyncio
import time
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np

from backend.merchandising import exact
from backend.merchandising.picture import Planogram, Shown, draw
from backend.merchandising.placing import place
from backend.merchandising.planning import Plan, make_plan, proportional_to
from backend.merchandising.rules import Board, Item, PlanMethod, Problem, Size
from benchmarks.results import Figure, Result, at_most

SIZES: Final = (20, 100, 1000)
BOARDS: Final = (1, 4)
SECONDS: Final = 20.0
IMAGE: Final = Path(__file__).parents[1] / "docs" / "images" / "shelf-plan.svg"
_DRAWN: Final = (
    ("Ground coffee", "Coffee"), ("Whole beans", "Coffee"), ("Green tea", "Tea"),
    ("Black tea", "Tea"), ("Herbal tea", "Tea"), ("Jam", "Preserves"), ("Honey", "Preserves"),
    ("Olive oil", "Preserves"), ("Crackers", "Snacks"), ("Almonds", "Snacks"),
)  # fmt: skip


async def run() -> Result:
    """Plan shelves of made-up products of unequal widths, greedily and exactly."""
    figures = await asyncio.to_thread(_figures)
    await asyncio.to_thread(IMAGE.write_text, _picture())
    return Result("shelves", figures, ["made-up products, six widths, maximums of 4 to 12 facings"])


def _figures() -> list[Figure]:
    return [one for count, boards in product(SIZES, BOARDS) for one in _of(count, boards)]


def _of(count: int, boards: int) -> list[Figure]:
    problem, name = (
        shelf(count, boards, seed=count),
        f"{count} products, {boards} board{'s' if boards > 1 else ''}",
    )
    began = time.perf_counter()
    quick = make_plan(problem, PlanMethod.GREEDY)
    spent = (time.perf_counter() - began) * 1000
    assert quick.gap is not None, "it holds all minimums"
    figures = [
        Figure(f"{name}: greedy", spent, "ms"),
        at_most(f"{name}: gap to the bound", quick.gap * 1e6, "ppm", 5_000),
    ]
    if exact.size_of(quick.space) <= exact.MOST_VARIABLES:
        began = time.perf_counter()
        best = make_plan(problem, PlanMethod.EXACT, seconds=SECONDS)
        figures.append(Figure(f"{name}: exact", time.perf_counter() - began, "s"))
        proven = "optimum" if best.is_optimal else "best found"
        missed = max(1 - quick.profit / best.profit, 0.0) * 1e6
        figures.append(at_most(f"{name}: greedy below the {proven}", missed, "ppm", 1_000))
        return [*figures, _proportion(f"{name}: proportional of the {proven}", quick, best.profit)]
    assert quick.bound is not None
    return [*figures, _proportion(f"{name}: proportional of the bound", quick, quick.bound)]


def _proportion(what: str, quick: Plan, best: float) -> Figure:
    return Figure(what, proportional_to(quick).profit / best * 100, "%")


def shelf(count: int, boards: int, seed: int) -> Problem:
    """Return a shelf with room for about half of what its products may take."""
    draw_ = np.random.default_rng(seed)
    demand, margin = draw_.lognormal(2, 1, count), draw_.lognormal(0, 0.6, count)
    power = np.clip(draw_.normal(0.17, 0.08, count), 0.02, 0.6)
    width = draw_.choice([60, 80, 100, 120, 150, 200, 300], count)
    most = draw_.integers(4, 13, count)
    room = int(width.sum() + 0.45 * ((width * most).sum() - width.sum())) // boards
    items = tuple(
        Item(
            str(n),
            Size(int(width[n]), 200, 100),
            now=1,
            margin=float(margin[n]),
            demand=float(demand[n]),
            until_refill=1.0,
            elasticity=float(power[n]),
            most=int(most[n]),
        )
        for n in range(count)
    )
    return Problem((Board(room, 300, 400),) * boards, items)


def _picture() -> str:
    """Return the planogram of ten products on three boards, as docs/shelves.md shows it."""
    chance = np.random.default_rng(4)
    items = tuple(
        Item(
            name,
            Size(int(chance.integers(7, 16)) * 10, int(chance.integers(9, 26)) * 10, 80,
                 is_stackable=kind in ("Tea", "Preserves")),
            now=2,
            margin=float(chance.uniform(1, 5)),
            demand=float(chance.uniform(5, 60)),
            until_refill=float(chance.integers(2, 9)),
        )
        for name, kind in _DRAWN
    )  # fmt: skip
    problem = Problem((Board(1000, 280, 300), Board(1000, 280, 300), Board(1000, 320, 300)), items)
    plan = make_plan(problem)
    kinds = [(kind, "") for _, kind in _DRAWN]
    stands = place(problem, plan.allocation, kinds)
    shown = tuple(
        Shown(name, f"P-{n}", kind, item.size)
        for n, ((name, kind), item) in enumerate(zip(_DRAWN, items, strict=True), 1)
    )
    return draw(
        Planogram(
            "A planogram",
            f"Made-up products: at most {plan.gap or 0:.3%} below the best plan there is",
            problem.boards,
            stands,
            shown,
        )
    )
