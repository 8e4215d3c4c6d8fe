"""Verbs of shelves: what a shelf should hold, and whose share of all shelves that is."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from threading import BoundedSemaphore
from typing import Final
from uuid import UUID

from backend.catalogue import service as catalogue
from backend.infra.work import Work
from backend.merchandising import changing, statements
from backend.merchandising.drafts import StandingDraft
from backend.merchandising.errors import OutdatedPlan, SolverBusy
from backend.merchandising.picture import (
    WIDEST,
    PictureTheme,
    Planogram,
    Shown,
    draw,
    names_left_out,
)
from backend.merchandising.placing import Stand, place
from backend.merchandising.planning import Plan, make_plan, proportional_to
from backend.merchandising.rules import Allocation, Item, PlanMethod, Problem, profit_now
from backend.merchandising.shares import percentages
from backend.merchandising.shelves import FullShelf, full_shelves
from backend.merchandising.situations import Placed, Situation, situation_of

AT_ONCE: Final = 2
"""Exact plans made at the same time: each keeps a core busy for seconds."""
MOST_SHARED: Final = 50
"""Shelves that are planned to tell the shares of products."""
_TURNS: Final = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan of a shelf beside what stands there now and what proportional allocation gives."""

    situation: Situation
    plan: Plan
    proportional: Plan
    profit_now: float
    stands: tuple[Stand, ...]

    @property
    def short_now(self) -> int:
        """How many products have fewer facings than their minimum now."""
        space = self.plan.space
        return sum(
            item.now < space.minimum(n, item.board_now).facings
            for n, item in enumerate(space.problem.items)
        )

    def picture(self, theme: PictureTheme, *, is_now: bool = False, width: int = WIDEST) -> str:
        """Return the planogram of the plan, or of now, as an SVG document.

        In that of the plan, what changes is marked.
        """
        problem = self.plan.space.problem
        if is_now:
            stands = _stands(self.situation, problem, standing_now(problem))
            shown = _planogram(self.situation, stands, "As it stands", {})
        else:
            changes = {one.item: change_of(problem.items[one.item], one) for one in self.stands}
            shown = _planogram(self.situation, self.stands, "As planned", changes)
        return draw(shown, theme, width)


async def plan_of(
    work: Work, full: FullShelf, method: PlanMethod, *, is_least_bad: bool
) -> Planned:
    """Return the plan of a shelf.

    Raises:
        EmptyShelf: nothing stands on it.
        ShelfTooNarrow: the minimums do not fit, and the least bad plan was not asked for.
        TooLargeToSolve, SolverBusy: an exact plan that cannot be made, or not now.
    """
    return await planned(await situation_of(work, full), method, is_least_bad=is_least_bad)


async def planned(situation: Situation, method: PlanMethod, *, is_least_bad: bool) -> Planned:
    """Return the plan of a shelf as it stands: seconds where it is to be exact, without `work`.

    Raises:
        ShelfTooNarrow, TooLargeToSolve, SolverBusy: as for `plan_of`.
    """
    problem = situation.problem()
    plan, beside = await asyncio.to_thread(_solve, problem, method, is_least_bad)
    stands = _stands(situation, problem, plan.allocation)
    return Planned(situation, plan, beside, profit_now(problem.items), stands)


async def wanted_situation(work: Work, id_: UUID, version: int | None) -> Situation:
    """Return what a plan that is to be applied follows from.

    Raises:
        UnknownShelf, StaleShelf: it is not there, or not as it was looked at.
    """
    return await situation_of(work, await changing.wanted_shelf(work, id_, version, ["input"]))


async def apply_plan(work: Work, made: Planned) -> FullShelf:
    """Let a shelf stand as its plan has it, which may have taken seconds to make.

    Raises:
        UnknownShelf, StaleShelf: it is gone, or changed since.
        OutdatedPlan: a size, a price, what is expected or such was another.
    """
    before = made.situation.full.shelf
    full = await changing.locked_shelf(work, before.id, before.version, ["input"])
    if (await situation_of(work, full)).problem() != made.plan.space.problem:
        raise OutdatedPlan(
            "what the plan was made from changed meanwhile: ask again", field=["input", "shelf"]
        )
    allocation = made.plan.allocation
    wanted = [
        StandingDraft(one.product.sku, facings, None if board is None else board + 1)
        for one, facings, board in zip(
            full.standings, allocation.facings, allocation.boards, strict=True
        )
    ]
    checked = await changing.checked_standings(work, full, wanted, is_all=False, path=["input"])
    return await changing.put_standings(work, full, checked, is_all=False)


async def shelf_shares(work: Work, predicted: Mapping[str, float]) -> dict[str, Decimal]:
    """Return each product's share of the shelf in per cent; they sum to 100 exactly.

    `predicted` are units by SKU. Where any of these products stands on a shelf that has a plan,
    the shares are those of the planned width of all such shelves. Where none does, the whole shelf
    is shared out by what is predicted.
    """
    skus = list(predicted)
    widths = await _planned_widths(work, skus)
    weights = [widths.get(sku, 0.0) if widths else predicted[sku] for sku in skus]
    return dict(zip(skus, percentages(weights), strict=True))


async def _planned_widths(work: Work, skus: Sequence[str]) -> dict[str, float]:
    products = await catalogue.resolve_skus(work, skus)
    ids = [one.id for one in products.values()]
    rows = await work.rows(statements.STANDING, work.principal.org_id, ids, MOST_SHARED)
    full = await full_shelves(work, [row["shelf_id"] for row in rows])
    widths: dict[str, float] = {}
    for one in full.values():
        if not one.boards:
            continue
        made = await plan_of(work, one, PlanMethod.GREEDY, is_least_bad=True)
        items = made.plan.space.problem.items
        for item, facings in zip(items, made.plan.allocation.facings, strict=True):
            widths[item.key] = widths.get(item.key, 0.0) + facings * item.size.width
    return {sku: widths[sku] for sku in skus if widths.get(sku)}


def standing_now(problem: Problem) -> Allocation:
    """Return what stands where now; facings on no board stand nowhere."""
    return Allocation(
        tuple(item.now if item.board_now is not None else 0 for item in problem.items),
        tuple(item.board_now for item in problem.items),
    )


def _solve(problem: Problem, method: PlanMethod, is_least_bad: bool) -> tuple[Plan, Plan]:
    plan = _in_turn(problem, method, is_least_bad=is_least_bad)
    return plan, proportional_to(plan)


def _in_turn(problem: Problem, method: PlanMethod, *, is_least_bad: bool) -> Plan:
    """Return a plan; exact ones only while few others are made."""
    if method in (PlanMethod.GREEDY, PlanMethod.PROPORTIONAL):
        return make_plan(problem, method, is_least_bad=is_least_bad)
    if _TURNS.acquire(blocking=False):
        try:
            return make_plan(problem, method, is_least_bad=is_least_bad)
        finally:
            _TURNS.release()
    if method is PlanMethod.AUTO:
        return make_plan(problem, PlanMethod.GREEDY, is_least_bad=is_least_bad)
    raise SolverBusy("enough shelves are being planned exactly: try again", field=["method"])


def _stands(situation: Situation, problem: Problem, allocation: Allocation) -> tuple[Stand, ...]:
    kinds = [_kind(one) for one in situation.placed]
    return place(problem, allocation, kinds)


def change_of(item: Item, stand: Stand) -> str:
    """Return how a product stands now where it is to stand otherwise; nothing where it is not."""
    if item.board_now is None or not item.now:
        return "+ new"
    changes: list[str] = []
    if item.now != stand.facings:
        changes.append(f"{'▲' if stand.facings > item.now else '▼'} from {item.now}")
    if item.board_now != stand.board:
        changes.append(f"⇄ from board {item.board_now + 1}")
    return " ".join(changes)


def _kind(one: Placed) -> tuple[str, str]:
    product = one.standing.product
    return product.category or "", product.subcategory or ""


def _planogram(
    situation: Situation, stands: tuple[Stand, ...], how: str, changes: Mapping[int, str]
) -> Planogram:
    shelf, boards = situation.full.shelf, situation.full.boards
    products = tuple(
        Shown(
            one.standing.product.name,
            one.standing.product.sku,
            one.standing.product.subcategory or one.standing.product.category or "No category",
            one.size,
            changes.get(n, ""),
        )
        for n, one in enumerate(situation.placed)
    )
    room = sum(board.width for board in boards) / 10
    return Planogram(
        f"{shelf.name}, {situation.full.location.name}",
        f"{how}: {len({one.item for one in stands})} products on {len(boards)} boards, {room:g} cm",
        boards,
        stands,
        products,
        names_left_out(products, stands),
    )
