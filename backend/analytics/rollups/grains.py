"""Which sums there may be: by up to two columns, per day, third of a month, month, year. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from math import prod
from typing import Final


class Span(IntEnum):
    """How much time one cell covers."""

    DAY = 0
    THIRD = 1
    """Of a month: its days 1 to 10, 11 to 20, the rest."""
    MONTH = 2
    YEAR = 3


class Column(StrEnum):
    """What lines are told apart by: columns of a fact."""

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
LEADS: Final[dict[frozenset[Column], int]] = {
    frozenset(): 1,
    frozenset({Column.PRODUCT}): 2,
    frozenset({Column.NODE}): 4,
    frozenset({Column.CATEGORY}): 8,
    frozenset({Column.DISTRIBUTOR}): 16,
    frozenset({Column.BAND}): 64,
    frozenset({Column.NODE, Column.DISTRIBUTOR}): 128,
    frozenset({Column.CATEGORY, Column.DISTRIBUTOR}): 256,
    # In one sale a product has one distributor.
    frozenset({Column.PRODUCT, Column.DISTRIBUTOR}): 2,
}
"""The bit of `leads` that counts orders where lines differ in these columns.

Of others, as bands of categories, facts are compared with those before them in their order."""
IS_RETURN: Final = 32
IS_SOLD: Final = 512
"""The bit of `leads` of what its distributor sold: of other facts it only supplies the product."""

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
    """The sums by up to two columns, of fewer values first."""

    no: int
    columns: tuple[Column, ...]

    @property
    def lead(self) -> frozenset[Column]:
        """The columns whose first facts its orders are counted by."""
        return lead_of(self.columns)

    @property
    def size(self) -> int:
        """How many cells one span has, at most."""
        return prod(LIKELY[column] for column in self.columns)


def lead_of(columns: Iterable[Column]) -> frozenset[Column]:
    """Return those of the columns in which the lines of an order may differ.

    The first fact of an order with its values of these counts as the order.
    """
    return OF_LINES.intersection(columns)


def kept_spans(finest: Span) -> tuple[Span, ...]:
    """Return the spans that a grain has cells of, by its finest: where days are, thirds are not."""
    return tuple(one for one in Span if one is finest or one > max(finest, Span.THIRD))


_C = Column
# Never renumbered, nor a number given twice: they lie in the database. Those left out were dropped.
GRAINS: Final = (
    Grain(0, ()),
    Grain(1, (_C.HOUR,)),
    Grain(2, (_C.LOCATION,)),
    Grain(3, (_C.PLACE,)),
    Grain(4, (_C.MIX,)),
    Grain(5, (_C.SELLER,)),
    Grain(6, (_C.CATEGORY,)),
    Grain(7, (_C.NODE,)),
    Grain(8, (_C.DISTRIBUTOR,)),
    Grain(9, (_C.PRODUCT,)),
    Grain(10, (_C.CUSTOMER,)),
    Grain(11, (_C.MIX, _C.LOCATION)),
    Grain(12, (_C.HOUR, _C.MIX)),
    Grain(13, (_C.HOUR, _C.LOCATION)),
    Grain(14, (_C.MIX, _C.PLACE)),
    Grain(15, (_C.AREA,)),
    Grain(16, (_C.MIX, _C.AREA)),
    Grain(18, (_C.CATEGORY, _C.MIX)),
    Grain(19, (_C.CATEGORY, _C.LOCATION)),
    Grain(20, (_C.CATEGORY, _C.HOUR)),
    Grain(21, (_C.CATEGORY, _C.AREA)),
    Grain(22, (_C.HOUR, _C.AREA)),
    Grain(23, (_C.MIX, _C.NODE)),
    Grain(24, (_C.LOCATION, _C.NODE)),
    Grain(25, (_C.NODE, _C.AREA)),
    Grain(26, (_C.HOUR, _C.NODE)),
    Grain(27, (_C.DISTRIBUTOR, _C.MIX)),
    Grain(28, (_C.DISTRIBUTOR, _C.LOCATION)),
    Grain(29, (_C.DISTRIBUTOR, _C.AREA)),
    Grain(30, (_C.MIX, _C.PRODUCT)),
    Grain(31, (_C.LOCATION, _C.PRODUCT)),
    Grain(32, (_C.AREA, _C.PRODUCT)),
    Grain(33, (_C.MIX, _C.SELLER)),
    Grain(34, (_C.HOUR, _C.SELLER)),
    Grain(35, (_C.LOCATION, _C.SELLER)),
    Grain(36, (_C.AREA, _C.SELLER)),
    Grain(37, (_C.BAND,)),
    Grain(38, (_C.BAND, _C.MIX)),
    Grain(39, (_C.CATEGORY, _C.SELLER)),
    Grain(40, (_C.NODE, _C.SELLER)),
    Grain(41, (_C.DISTRIBUTOR, _C.SELLER)),
    Grain(42, (_C.HOUR, _C.PRODUCT)),
    Grain(43, (_C.HOUR, _C.DISTRIBUTOR)),
    Grain(44, (_C.LOCATION, _C.AREA)),
    Grain(45, (_C.LOCATION, _C.PLACE)),
    Grain(46, (_C.CATEGORY, _C.PLACE)),
    Grain(47, (_C.NODE, _C.PLACE)),
    Grain(48, (_C.DISTRIBUTOR, _C.PLACE)),
    Grain(49, (_C.HOUR, _C.PLACE)),
    Grain(50, (_C.SELLER, _C.PLACE)),
    Grain(51, (_C.SELLER, _C.PRODUCT)),
    Grain(52, (_C.PLACE, _C.PRODUCT)),
    Grain(53, (_C.CATEGORY, _C.DISTRIBUTOR)),
    Grain(54, (_C.DISTRIBUTOR, _C.NODE)),
    Grain(55, (_C.DISTRIBUTOR, _C.PRODUCT)),
    Grain(74, (_C.BAND, _C.CATEGORY)),
    Grain(75, (_C.BAND, _C.NODE)),
    Grain(76, (_C.BAND, _C.DISTRIBUTOR)),
)
BY_NO: Final = {grain.no: grain for grain in GRAINS}
