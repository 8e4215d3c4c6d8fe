"""The shelves of the demo retailer that people plan: two fixtures in each of its largest stores.

Sizes are those of such goods in shops, in cm; how they stand now is what somebody in a hurry makes
of it: the same facings for everything.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from backend.infra.work import Work
from backend.merchandising import changing, sizes
from backend.merchandising.drafts import BoardDraft, ShelfDraft, SizeDraft, StandingDraft
from backend.programs.demo.goods import Good

PLACES: Final = ("NYC", "ORD", "LAX")


MOST: Final = 6
"""Facings of one product: more would look like a warehouse."""


class Extent(NamedTuple):
    """Width, height and depth of a unit in cm, and whether units stand on one another."""

    width: str
    height: str
    depth: str
    is_stackable: bool = False


class Fixture(NamedTuple):
    """A shelf: what it is called, the subcategories on it, its boards (width, height, depth)."""

    code: str
    name: str
    groups: tuple[str, ...]
    boards: tuple[tuple[int, int, int], ...]
    refill_days: int


FIXTURES: Final = (
    Fixture(
        "PANTRY", "Pantry wall", ("Coffee & Tea", "Snacks", "Preserves"),
        ((250, 34, 40), (250, 30, 45), (250, 30, 45), (250, 36, 50)), 2,
    ),
    Fixture(
        "LAUNDRY", "Laundry and cleaning", ("Cleaning", "Laundry"),
        ((200, 34, 40), (200, 34, 45), (200, 40, 50)), 3,
    ),
)  # fmt: skip
EXTENTS: Final = {
    "Whole Bean Coffee": Extent("11", "26", "7"),
    "Ground Coffee": Extent("10", "17", "7", True),
    "Green Tea": Extent("14", "8", "7", True),
    "Black Tea": Extent("14", "8", "7", True),
    "Herbal Tea": Extent("15", "9", "7", True),
    "Almonds": Extent("15", "22", "5"),
    "Trail Mix": Extent("16", "23", "6"),
    "Crackers": Extent("20", "14", "6", True),
    "Granola Bars": Extent("16", "13", "6", True),
    "Popcorn": Extent("20", "28", "9"),
    "Dried Mango": Extent("14", "20", "4"),
    "Strawberry Jam": Extent("7.5", "10", "7.5", True),
    "Honey": Extent("8", "12", "8"),
    "Peanut Butter": Extent("8.5", "13", "8.5"),
    "Olive Oil": Extent("7.5", "28", "7.5"),
    "Tomato Sauce": Extent("8", "15", "8"),
    "Dish Soap": Extent("8.5", "23", "5"),
    "All-Purpose Cleaner": Extent("10.5", "28", "6.5"),
    "Glass Cleaner": Extent("10.5", "27", "6.5"),
    "Floor Cleaner": Extent("11", "29", "8"),
    "Bath Cleaner": Extent("10.5", "27", "6.5"),
    "Laundry Liquid": Extent("19", "28", "10"),
    "Fabric Softener": Extent("15", "27", "9"),
    "Stain Remover": Extent("9.5", "26", "6"),
    "Wool Wash": Extent("11", "26", "7"),
}
"""By what a product is, whatever its variant. Nobody measured the others: plans say so."""


async def put_fixtures(work: Work, goods: tuple[Good, ...]) -> int:
    """Make the shelves and the sizes of what stands on them; return how many shelves."""
    rows = await sizes.upsert_sizes(work, list(_sizes(goods)))
    made = await changing.upsert_shelves(work, list(_shelves(goods)))
    for row in (*rows, *(row for row, _ in made)):
        if row.error:
            raise row.error
    return len(made)


def _sizes(goods: tuple[Good, ...]) -> Iterator[SizeDraft]:
    for good in goods:
        extent = EXTENTS.get(_item(good))
        if extent is not None:
            width, height, depth = map(Decimal, extent[:3])
            yield SizeDraft(good.sku, width, height, depth, is_stackable=extent.is_stackable)


def _item(good: Good) -> str:
    return next((one for one in good.group.items if good.name.startswith(f"{one} ")), "")


def _shelves(goods: tuple[Good, ...]) -> Iterator[ShelfDraft]:
    for place in PLACES:
        for fixture in FIXTURES:
            yield ShelfDraft(
                code=fixture.code,
                location=place,
                name=fixture.name,
                refill_days=fixture.refill_days,
                boards=[BoardDraft(*map(Decimal, board)) for board in fixture.boards],
                products=list(_standings(fixture, goods)),
                version=0,
            )


def _standings(fixture: Fixture, goods: tuple[Good, ...]) -> Iterator[StandingDraft]:
    """Deal the products out to the boards, each where it fits and most is left, one facing each."""
    left = [Decimal(board[0]) for board in fixture.boards]
    for good in goods:
        if good.group.name not in fixture.groups:
            continue
        extent = EXTENTS.get(_item(good), Extent("10", "20", "10"))
        fits = [n for n, board in enumerate(fixture.boards) if Decimal(extent.height) <= board[1]]
        board = max(fits, key=lambda n: left[n])
        left[board] -= Decimal(extent.width)
        yield StandingDraft(good.sku, 1, board + 1, most=MOST)
