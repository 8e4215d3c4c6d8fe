"""Baskets: how large they are, and what goes along with what."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from backend.analytics import admission, queries, service as analytics
from backend.analytics.dimensions import DIMENSIONS, NOT_SAID
from backend.analytics.presets.choices import Choice, Options
from backend.analytics.presets.cuts import GRAINS, summed
from backend.analytics.presets.figures import figures, key_cells, key_columns
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.preset import Ask, Preset, chosen
from backend.analytics.presets.table import Cell, Column, ColumnKind, Table, ratio, rounded
from backend.analytics.rollups import standing as rollups
from backend.analytics.rules import MOST_GROUPS, Key, Measures, SalesDimension
from backend.sales.filters import JOINS, LINES, conditions

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
    usual = await replace(ask, criteria=anything).summary(by)
    rates = {
        one.keys[0].id: ratio(one.measures.orders, usual.totals.orders) for one in usual.groups
    }
    if anything == ask.criteria:
        base = usual.totals.orders
        counts = [(one.keys[0], one.measures.orders) for one in usual.groups]
        counts.sort(key=lambda one: -one[1])
    else:
        base = (await ask.summary()).totals.orders
        if ask.criteria.skus is None and await rollups.lines(ask.work) > admission.HEAVY:
            await admission.take_turn(ask.work)
        counts = await _together(ask, by)
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


async def _together(ask: Ask, by: SalesDimension) -> list[tuple[Key, int]]:
    """Return how many orders with a line of the filter have each other thing, most first."""
    standing = await rollups.standing(ask.work)
    criteria = analytics.within_kept(ask.work, standing, ask.criteria)
    analytics.check_kept(standing, criteria)
    among = conditions(criteria, ask.work.principal)
    dimension = DIMENSIONS[by]
    joins = " ".join(JOINS[one] for one in sorted(among.sale_joins | among.line_joins | {"p"}))
    others = " ".join(JOINS[one] for one in sorted(among.line_joins | {"p"}))
    named = " and ".join(among.on_line)
    text = f"""
with base as materialized (
    select distinct s.org_id, s.id, s.business_day, s.distributor_id
      from sales s {LINES} {joins}
     where {" and ".join(["s.org_id = $1", "s.kind = 'SALE'", *among.on_sale, *among.on_days])}
       and {named}
), counted as (
    select {dimension.key} as k, count(distinct s.id) as n
      from base s {LINES} {others}
     where {" and ".join(["l.org_id = $1", *among.on_days])}
       and not coalesce({named}, false)
     group by 1 order by n desc limit {MOST_GROUPS}
)
select {dimension.id.format(k="g.k", n="n0")} as id, g.n,
       coalesce({dimension.label.format(k="g.k", n="n0")}, '{NOT_SAID}') as label
  from counted g {dimension.naming.format(k="g.k", n="n0")} order by g.n desc, id
"""
    rows = await queries.run(ask.work, text, among.values)
    return [(Key(by, row["id"], row["label"]), row["n"]) for row in rows]


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
