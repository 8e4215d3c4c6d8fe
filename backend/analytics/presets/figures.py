"""Columns that follow from the measures of one group and of the total. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from backend.analytics.presets.table import Cell, Column, ColumnKind, ratio, rounded
from backend.analytics.rules import Key, Measures, SalesDimension

_K = ColumnKind
_D = SalesDimension
LABELLED: Final = frozenset(
    {_D.PRODUCT, _D.LOCATION, _D.DISTRIBUTOR, _D.HOUR, _D.WEEKDAY, _D.CHANNEL, _D.SALE_TYPE}
    | {_D.DISCOUNT_BAND}
)
"""Dimensions whose ids are not what people read: their names have a column of their own."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A column and how its cell follows from a group's measures and those of all groups."""

    column: Column
    of: Callable[[Measures, Measures], Cell]


def discount_rate(one: Measures) -> Decimal | None:
    """Return which part of gross sales was given as discount."""
    return ratio(one.discount, one.gross_sales)


def margin(one: Measures) -> Decimal | None:
    """Return which part of net sales is profit, of the lines whose cost is known."""
    return ratio(one.profit, one.net_sales - one.net_sales_without_cost)


def return_rate(one: Measures) -> Decimal | None:
    """Return which part of the value sold came back."""
    return ratio(one.returns, one.gross_sales - one.discount)


def break_even(one: Measures) -> Decimal | None:
    """Return the discount rate at which the profit would be nothing: 1 − (1 − d)(1 − m)."""
    costed = one.net_sales - one.net_sales_without_cost
    if one.profit is None or not costed or not one.gross_sales:
        return None
    kept = 1 - one.discount / one.gross_sales
    return rounded(1 - kept * (1 - one.profit / costed))


def headroom(one: Measures) -> Decimal | None:
    """Return how much further the discount could go before the profit is gone."""
    limit, given = break_even(one), discount_rate(one)
    return None if limit is None or given is None else limit - given


def order_value(one: Measures) -> Decimal | None:
    """Return the value of an order after discounts, before returns."""
    return _per_order(one.gross_sales - one.discount, one)


def _per_order(value: Decimal, one: Measures) -> Decimal | None:
    return rounded(value / one.orders) if one.orders else None


def _plain(name: str, label: str, kind: ColumnKind, attribute: str) -> Figure:
    is_secret = attribute in ("cost", "profit")
    column = Column(name, label, kind, is_secret=is_secret)
    at = Measures._fields.index(attribute)
    return Figure(column, lambda one, _: one[at])


def _rate(name: str, label: str, of: Callable[[Measures], Cell], *, secret: bool = False) -> Figure:
    return Figure(Column(name, label, _K.PERCENT, is_secret=secret), lambda one, _: of(one))


_FIGURES: Final = (
    _plain("units", "Units", _K.UNITS, "units"),
    _plain("orders", "Orders", _K.COUNT, "orders"),
    _plain("grossSales", "Gross sales", _K.MONEY, "gross_sales"),
    _plain("discount", "Discount", _K.MONEY, "discount"),
    _plain("returns", "Returns", _K.MONEY, "returns"),
    _plain("netSales", "Net sales", _K.MONEY, "net_sales"),
    _plain("cost", "Cost", _K.MONEY, "cost"),
    _plain("profit", "Profit", _K.MONEY, "profit"),
    _rate("margin", "Margin", margin, secret=True),
    _rate("discountRate", "Discount rate", discount_rate),
    _rate("breakEven", "Break-even discount", break_even, secret=True),
    _rate("headroom", "Headroom", headroom, secret=True),
    _rate("returnRate", "Return rate", return_rate),
    Figure(
        Column("share", "Share of net sales", _K.PERCENT),
        lambda one, whole: ratio(one.net_sales, whole.net_sales),
    ),
    Figure(
        Column("profitShare", "Share of profit", _K.PERCENT, is_secret=True),
        lambda one, whole: ratio(one.profit, whole.profit),
    ),
    Figure(
        Column("orderShare", "Share of orders", _K.PERCENT),
        lambda one, whole: ratio(one.orders, whole.orders),
    ),
    Figure(Column("orderValue", "Value of an order", _K.MONEY), lambda one, _: order_value(one)),
    Figure(
        Column("unitsPerOrder", "Units per order", _K.NUMBER),
        lambda one, _: _per_order(one.units, one),
    ),
)
FIGURES: Final = {one.column.name: one for one in _FIGURES}
"""By the name of the column."""


def figures(names: str) -> tuple[Figure, ...]:
    """Return figures by their names, separated by spaces."""
    return tuple(FIGURES[name] for name in names.split())


def key_columns(dimensions: Iterable[SalesDimension]) -> tuple[Column, ...]:
    """Return the columns of dimensions: ids, and names where ids are not what people read."""
    columns: list[Column] = []
    for one in dimensions:
        name, label = camel(one), one.value.replace("_", " ").capitalize()
        kind = _K.DATE if one is _D.DAY else _K.TEXT
        columns.append(Column(name, label, kind, dimension=one))
        if one in LABELLED:
            columns.append(Column(f"{name}Name", f"{label} name", _K.TEXT, label_of=name))
    return tuple(columns)


def key_cells(keys: Iterable[Key]) -> tuple[Cell, ...]:
    """Return the cells of a group's keys, in the order of their columns."""
    cells: list[Cell] = []
    for key in keys:
        cells.append(key.id)
        if key.dimension in LABELLED:
            cells.append(key.label)
    return tuple(cells)


def cells(chosen: Iterable[Figure], one: Measures, whole: Measures) -> tuple[Cell, ...]:
    """Return the cells of figures for one group."""
    return tuple([figure.of(one, whole) for figure in chosen])


def camel(one: StrEnum) -> str:
    """Return the name of the column of a dimension or measure: POSTAL_CODE is postalCode."""
    first, *rest = one.value.lower().split("_")
    return first + "".join(map(str.capitalize, rest))
