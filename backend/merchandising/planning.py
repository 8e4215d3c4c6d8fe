"""The plan of a shelf: which method, how far from the best, and what it cannot hold. Pure."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.forecasting.arrays import Ints
from backend.merchandising import boards, exact, greedy, proportional
from backend.merchandising.boards import Places
from backend.merchandising.bound import Relaxed, relax
from backend.merchandising.errors import EmptyShelf, ShelfTooNarrow
from backend.merchandising.rules import Allocation, PlanMethod, Problem
from backend.merchandising.space import Space

WORTH_MOVING: Final = 0.005
"""Part of the profit that other boards must bring before products are asked to move to them."""
GOOD_ENOUGH: Final = 0.005
"""Gap up to which AUTO is content with greedy choice."""
AUTO_SECONDS: Final = 1.0
"""How long AUTO looks for something better: somebody looks at a page meanwhile."""
_MOST_NAMED: Final = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan, in profit a week.

    `bound`: no plan that holds all minimums brings more; None where none holds them. `short` are
    the products with fewer facings than their minimum, `missed` the groups that lack their share.
    """

    method: PlanMethod
    space: Space
    allocation: Allocation
    profit: float
    bound: float | None
    is_optimal: bool
    short: tuple[int, ...]
    missed: tuple[str, ...]

    @property
    def gap(self) -> float | None:
        """By which part of the bound a better plan could be better at most; None without one."""
        if self.bound is None or self.bound <= 0:
            return None
        return max(1 - self.profit / self.bound, 0.0)

    @property
    def missing_mm(self) -> int:
        """By how much the shelf is too narrow for the minimums it does not hold."""
        space, (facings, places) = self.space, (self.allocation.facings, self.allocation.boards)
        return sum(
            (space.minimum(n, places[n]).facings - facings[n]) * int(space.width[n])
            for n in self.short
        )

    def next_facing(self) -> list[float]:
        """Return by product what its next facing would bring a week, room or not."""
        return [float(one) for one in self.space.gain(np.array(self.allocation.facings))]

    def next_cm(self) -> list[float]:
        """Return by board what another cm would bring a week: the best facing's gain per cm."""
        gains, best = self.next_facing(), [0.0] * len(self.space.room)
        for n, board in enumerate(self.allocation.boards):
            most = 0 if board is None else self.space.most[n, board]
            if board is not None and self.allocation.facings[n] < most:
                best[board] = max(best[board], gains[n] / float(self.space.width[n]) * 10)
        return best


def make_plan(
    problem: Problem,
    method: PlanMethod = PlanMethod.AUTO,
    *,
    is_least_bad: bool = False,
    seconds: float = exact.SECONDS,
) -> Plan:
    """Return the plan of a shelf.

    With `is_least_bad`, where no plan holds all minimums, the one that loses the least margin
    until the next refill.

    Raises:
        EmptyShelf: no boards or no products.
        ShelfTooNarrow: the minimums do not fit; it names whose.
        TooLargeToSolve: more than is solved exactly, where that was asked for.
    """
    if not problem.boards or not problem.items:
        raise EmptyShelf("a plan takes a shelf with boards and products", field=["shelf"])
    space = Space.of(problem)
    is_shared = method is PlanMethod.PROPORTIONAL
    found = _feasible(space, PlanMethod.GREEDY if is_shared else method, seconds)
    plan = found or _least_bad(space)
    if found is None and not is_least_bad:
        raise too_narrow(plan)
    return proportional_to(plan) if is_shared else plan


def too_narrow(plan: Plan) -> ShelfTooNarrow:
    """Return what is wrong with a plan that does not hold all minimums."""
    items = plan.space.problem.items
    named = [items[n].key for n in plan.short[:_MOST_NAMED]]
    lacking = ", ".join([*named[:8], *(["…"] if len(plan.short) > 8 else [])])
    shares = f"; below their share: {', '.join(plan.missed)}" if plan.missed else ""
    return ShelfTooNarrow(
        f"the least facings take {plan.missing_mm / 10:g} cm more than there are:"
        f" {lacking or 'no product'} would fall short{shares}",
        field=["shelf"],
        products=named,
        groups=list(plan.missed),
        missingCm=plan.missing_mm / 10,
    )


def proportional_to(plan: Plan) -> Plan:
    """Return the plan of space in proportion to demand, on the boards and in the limits of another.

    Where that falls short of minimums, so does this: no product gets less than there.
    """
    space, places = plan.space, plan.allocation.boards
    reached = np.minimum(_here(space.least, places), plan.allocation.facings)
    allocation = proportional.share_out(space, places, reached)
    return _plan(PlanMethod.PROPORTIONAL, space, allocation, plan.bound)


def loosened(space: Space) -> Space:
    """Return a space whose minimums are one facing each."""
    return replace(space, least=np.minimum(space.least, 1))


def _feasible(space: Space, method: PlanMethod, seconds: float) -> Plan | None:
    """Return the best plan that holds everything; None where none was found."""
    if not space.fits.any(axis=1).all():
        return None
    relaxed = relax(space)
    quick = _greedy(space, relaxed)
    if method is PlanMethod.GREEDY or (method is PlanMethod.AUTO and _is_good(quick, space)):
        return quick
    if method is PlanMethod.AUTO and exact.size_of(space) > exact.MOST_VARIABLES:
        return quick
    is_auto = method is PlanMethod.AUTO
    solved = exact.solve(space, min(seconds, AUTO_SECONDS) if is_auto else seconds)
    bound = min(relaxed.bound, solved.bound)
    if solved.allocation is None:
        return quick
    best = _plan(PlanMethod.EXACT, space, solved.allocation, bound, is_optimal=solved.is_optimal)
    if quick is not None and quick.profit > best.profit and not solved.is_optimal:
        return replace(quick, bound=bound)
    return best


def _is_good(quick: Plan | None, space: Space) -> bool:
    """Tell whether AUTO is content with what greedy choice found."""
    if quick is None:
        return False
    is_pinned = bool(space.problem.shares)
    return quick.gap is None or (quick.gap <= GOOD_ENOUGH and not is_pinned)


def _greedy(space: Space, relaxed: Relaxed) -> Plan | None:
    """Return the greedy plan, on the boards of now unless others bring enough to move."""
    found: list[Plan] = []
    for places in (
        boards.as_now(space, space.least),
        boards.spread(space, relaxed, space.least),
    ):
        if places is not None:
            allocation = greedy.fill(space, places, _here(space.least, places))
            plan = _plan(PlanMethod.GREEDY, space, allocation, relaxed.bound)
            if not plan.missed:
                found.append(plan)
    if not found:
        return None
    first, last = found[0], found[-1]
    return last if last.profit > first.profit * (1 + WORTH_MOVING) else first


def _least_bad(space: Space) -> Plan:
    """Return the plan that falls short of the minimums at the least loss."""
    places = _loose_places(loosened(space))
    wanted = _here(space.least, places)
    begun = greedy.up_to(space, places, wanted)
    allocation = greedy.fill(space, places, begun)
    return _plan(PlanMethod.GREEDY, space, allocation, None)


def _loose_places(loose: Space) -> Places:
    """Return boards for one facing each, as far as there is room."""
    if loose.fits.any(axis=1).all():
        found = boards.spread(loose, relax(loose), loose.least)
        if found is not None:
            return found
    return boards.by_worth(loose)


def _here(least: Ints, places: Places) -> Ints:
    """Return by product the least facings on the board where it stands."""
    return np.array([0 if b is None else least[n, b] for n, b in enumerate(places)], np.int64)


def _plan(
    method: PlanMethod,
    space: Space,
    allocation: Allocation,
    bound: float | None,
    *,
    is_optimal: bool = False,
) -> Plan:
    facings = np.array(allocation.facings, np.int64)
    short = tuple(
        n
        for n, board in enumerate(allocation.boards)
        if facings[n] < space.minimum(n, board).facings
    )
    missed = tuple(
        one.group
        for one in space.problem.shares
        if int((facings * space.width)[space.members(one.group)].sum()) < space.owed(one.share)
    )
    profit = space.value(allocation)
    return Plan(method, space, allocation, profit, bound, is_optimal, short, missed)
