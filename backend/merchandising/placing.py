"""Where on its board each product stands: blocks and categories side by side. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.merchandising.rules import Allocation, Problem


@dataclass(frozen=True, slots=True)
class Stand:
    """The facings of a product: from `left` mm on its board, `facings` × its width to the right."""

    item: int
    board: int
    left: int
    facings: int


def place(
    problem: Problem, allocation: Allocation, kinds: Sequence[tuple[str, str]]
) -> tuple[Stand, ...]:
    """Return where everything stands, board by board from the left.

    `kinds` are the category and the subcategory of each product: on a board, those of one kind
    come together in the order of their names; a block is never divided.
    """
    first: dict[str, tuple[str, str]] = {}
    for item, kind in zip(problem.items, kinds, strict=True):
        if item.block is not None:
            first[item.block] = min(first.get(item.block, kind), kind)

    def order(n: int) -> tuple[tuple[str, str], str, tuple[str, str], int]:
        block = problem.items[n].block
        return (kinds[n] if block is None else first[block], block or "", kinds[n], n)

    stands: list[Stand] = []
    for board in range(len(problem.boards)):
        left = 0
        for n in sorted((n for n, b in enumerate(allocation.boards) if b == board), key=order):
            facings = allocation.facings[n]
            if facings:
                stands.append(Stand(n, board, left, facings))
                left += facings * problem.items[n].size.width
    return tuple(stands)
