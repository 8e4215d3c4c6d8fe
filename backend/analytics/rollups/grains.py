"""Which sums are kept: pairs of columns, each at the spans that are worth it. Pure."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from math import prod
from typing import Final


class Span(IntEnum):
    """How much time one cell covers."""

    DAY = 0
    MONTH = 1
    YEAR = 2


class Column(StrEnum):
    """The columns of a fact that lines are told apart by."""

    HOUR = "hour"
    LOCATION = "location"
    PLACE = "place"
    AREA = "area"
    MIX = "mix"
    CUSTOMER = "customer"
    SELLER = "seller"
    PRODUCT = "product"
    NODE = "node"
    CATEGORY = "category"
    DISTRIBUTOR = "distributor"
    BAND = "band"


OF_LINES: Final = frozenset(
    {Column.PRODUCT, Column.NODE, Column.CATEGORY, Column.DISTRIBUTOR, Column.BAND}
)
"""Columns in which the lines of one sale may differ: its orders cannot be added over them."""
LEADS: Final[dict[Column | None, int]] = {
    None: 1,
    Column.PRODUCT: 2,
    Column.NODE: 4,
    Column.CATEGORY: 8,
    Column.DISTRIBUTOR: 16,
    Column.BAND: 64,
}
"""The bit of `leads` that counts orders where lines differ in that column (None: in none)."""
IS_RETURN: Final = 32

LIKELY: Final = {
    Column.HOUR: 14,
    Column.LOCATION: 40,
    Column.PLACE: 500,
    Column.AREA: 60,
    Column.MIX: 20,
    Column.CUSTOMER: 40_000,
    Column.SELLER: 150,
    Column.PRODUCT: 2_000,
    Column.NODE: 50,
    Column.CATEGORY: 10,
    Column.DISTRIBUTOR: 20,
    Column.BAND: 7,
}
"""How many values a retailer of ten million lines has; only the order of grains follows them."""


@dataclass(frozen=True, slots=True)
class Grain:
    """The sums by up to two columns, of fewer values first; `finest` is the least span kept.

    `inside` is the number of a grain by one more column: its cells are added up for this one.
    """

    no: int
    columns: tuple[Column, ...]
    finest: Span = Span.DAY
    inside: int | None = None

    @property
    def lead(self) -> int:
        """The bit of `leads` its orders are counted by."""
        return lead_of(frozenset(self.columns)) or LEADS[None]

    @property
    def size(self) -> int:
        """How many cells one span has, at most."""
        return prod(LIKELY[column] for column in self.columns)


def lead_of(columns: frozenset[Column]) -> int | None:
    """Return the bit that counts orders by these columns; None where no bit does."""
    of_lines = columns & OF_LINES
    if len(of_lines) > 1:
        return None
    return LEADS[next(iter(of_lines), None)]


_C = Column
# Never renumbered: the numbers lie in the database.
GRAINS: Final = (
    Grain(0, (), inside=12),
    Grain(1, (_C.HOUR,), inside=12),
    Grain(2, (_C.LOCATION,), inside=11),
    Grain(3, (_C.PLACE,)),
    Grain(4, (_C.MIX,), inside=12),
    Grain(5, (_C.SELLER,)),
    Grain(6, (_C.CATEGORY,), inside=20),
    Grain(7, (_C.NODE,), inside=23),
    Grain(8, (_C.DISTRIBUTOR,), inside=27),
    Grain(9, (_C.PRODUCT,)),
    Grain(10, (_C.CUSTOMER,), Span.YEAR),
    Grain(11, (_C.MIX, _C.LOCATION)),
    Grain(12, (_C.HOUR, _C.MIX)),
    Grain(13, (_C.HOUR, _C.LOCATION)),
    Grain(14, (_C.MIX, _C.PLACE), Span.MONTH),
    Grain(15, (_C.AREA,), inside=16),
    Grain(16, (_C.MIX, _C.AREA)),
    Grain(18, (_C.CATEGORY, _C.MIX)),
    Grain(19, (_C.CATEGORY, _C.LOCATION)),
    Grain(20, (_C.CATEGORY, _C.HOUR)),
    Grain(21, (_C.CATEGORY, _C.AREA)),
    Grain(23, (_C.MIX, _C.NODE)),
    Grain(24, (_C.LOCATION, _C.NODE), Span.MONTH),
    Grain(25, (_C.NODE, _C.AREA), Span.MONTH),
    Grain(27, (_C.DISTRIBUTOR, _C.MIX)),
    Grain(28, (_C.DISTRIBUTOR, _C.LOCATION), Span.MONTH),
    Grain(29, (_C.DISTRIBUTOR, _C.AREA), Span.MONTH),
    Grain(30, (_C.MIX, _C.PRODUCT), Span.MONTH),
    Grain(31, (_C.LOCATION, _C.PRODUCT), Span.MONTH),
    Grain(32, (_C.AREA, _C.PRODUCT), Span.YEAR),
    Grain(33, (_C.MIX, _C.SELLER), Span.MONTH),
    Grain(37, (_C.BAND,), inside=38),
    Grain(38, (_C.BAND, _C.MIX)),
)
