"""Baskets: how large they are, and what goes along with what."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from backend.analytics import service as analytics
from backend.analytics.presets.choices import Choice, Options
from backend.analytics.presets.cuts import GRAINS, summed
from backend.analytics.presets.figures import figures, key_cells, key_columns
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.preset import Ask, Preset, chosen
from backend.analytics.presets.table import Cell, Column, ColumnKind, Table, ratio, rounded
from backend.analytics.rules import Measures, SalesDimension

_N = AnalysisName
_D = SalesDimension
_K = ColumnKind
_SHOWN: Final = figures("orders units unitsPerOrder orderValue netSales")
_KINDS: Final = Column("productsPerOrder", "Products per order", _K.NUMBER)
_BY: Final = (
    _D.CHANNEL, *GRAINS, _D.LOCATION, _D.SEGMENT, _D.REGION, _D.STATE, _D.COUNTRY, _D.WEEKDAY,
    _D.HOUR, _D.SALE_TYPE,
)  # fmt: skip
_ATTACHED: Final = (
    Column("attached", "Orders with both", _K.COUNT),
    Column("attachRate", "Attach rate", _K.PERCENT),
    Column("usualRate", "Share of all orders", _K.PERCENT),
    Column("lift", "Lift", _K.NUMBER),
)
FEW: Final = 50


def _size_columns(choice: Choice) -> tuple[Column, ...]:
    keys = key_columns([chosen(choice.by)])
    return (*keys, *(one.column for one in _SHOWN), _KINDS)


async def sizes(ask: Ask) -> Table:
    """Return how many units and products an order has, and what it is worth."""
    by = chosen(ask.choice.by)
    found = await ask.summary(by)
    table = summed((by,), _SHOWN, found)
    kinds = await analytics.orders_of_each(ask.work, by, _D.PRODUCT, ask.criteria)
    rows = tuple(
        (*row, _per(kinds.get(group.keys[0].id, 0), group.measures))
        for row, group in zip(table.rows, found.groups, strict=True)
    )
    # A sale is of one group by anything in `_BY`.
    totals = (*(table.totals or ()), _per(sum(kinds.values()), found.totals))
    return replace(table, columns=(*table.columns, _KINDS), rows=rows, totals=totals)


def _per(count: int, one: Measures) -> Decimal | None:
    return ratio(count, one.orders)


def _attach_columns(choice: Choice) -> tuple[Column, ...]:
    return (*key_columns([chosen(choice.by)]), *_ATTACHED)


async def attach_rate(ask: Ask) -> Table:
    """Return what is bought along with what the filter names; without a name: with anything."""
    by = chosen(ask.choice.by)
    anything = replace(ask.criteria, skus=None, categories=None, subcategories=None)
    unnamed = replace(ask, criteria=anything)
    usual, all_usual = await unnamed.orders(by), (await unnamed.orders()).get((), 0)
    rates = {key.id: ratio(count, all_usual) for (key,), count in usual.items()}
    if anything == ask.criteria:
        base, counts = all_usual, [(key, count) for (key,), count in usual.items()]
        counts.sort(key=lambda one: -one[1])
    else:
        base = (await ask.orders()).get((), 0)
        counts = await analytics.orders_along(ask.work, by, ask.criteria)
    rows = tuple(
        (*key_cells([key]), count, *_rates(count, base, rates.get(key.id)))
        for key, count in counts[: ask.choice.top]
    )
    columns = _attach_columns(ask.choice)
    totals = (*(None,) * (len(columns) - 4), base, None, None, None)
    return Table(columns, rows, totals, is_empty=not base)


def _rates(count: int, base: int, usual: Decimal | None) -> tuple[Cell, ...]:
    rate = ratio(count, base)
    lift = rounded(rate / usual) if rate is not None and usual else None
    return (rate, usual, lift)


PRESETS: Final = (
    Preset(
        _N.BASKET_SIZE,
        "Basket size",
        "units per order = net units ÷ orders; value of an order = (gross sales − discount) ÷"
        " orders; products per order = Σ over products of the orders with it ÷ orders",
        "units per transaction and average transaction value of the trade",
        Options(by=_BY),
        _size_columns,
        sizes,
        passes=7,
    ),
    Preset(
        _N.ATTACH_RATE,
        "Attach rate",
        "orders with both ÷ orders with what the filter names (`skus`, `subcategories`,"
        " `categories`; without these: ÷ all orders); lift = attach rate ÷ its share of all orders",
        "confidence and lift: Agrawal et al. 1993; Brin et al. 1997",
        Options(by=(_D.PRODUCT, _D.SUBCATEGORY, _D.CATEGORY), top=FEW),
        _attach_columns,
        attach_rate,
        passes=6,
    ),
)
