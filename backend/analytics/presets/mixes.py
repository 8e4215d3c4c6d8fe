"""Analyses that set sales beside each other: discounts, channels, direct and trace, returns."""

from collections import defaultdict
from decimal import Decimal
from typing import Final

from backend.analytics.presets.choices import Choice, Measure, Options
from backend.analytics.presets.cuts import GRAINS, MEASURES, cut
from backend.analytics.presets.figures import figures, key_cells, key_columns
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.preset import Ask, Preset, chosen
from backend.analytics.presets.table import Cell, Column, ColumnKind, Table, ratio
from backend.analytics.rules import Key, Measures, SalesDimension
from backend.core.scopes import Scope
from backend.sales.rules import SaleType

_N = AnalysisName
_D = SalesDimension
_GOODS: Final = (_D.CATEGORY, _D.SUBCATEGORY, _D.PRODUCT)
_WHERE: Final = (_D.REGION, _D.STATE, _D.SEGMENT, _D.CHANNEL, _D.DISTRIBUTOR, _D.LOCATION)
_SECRET: Final = frozenset({Scope.ANALYTICS_READ})
_LINES: Final = "the recorded lines"
_SIDES: Final = (
    Column("directUnits", "Direct units", ColumnKind.UNITS),
    Column("traceUnits", "Trace units", ColumnKind.UNITS),
    Column("directNetSales", "Direct net sales", ColumnKind.MONEY),
    Column("traceNetSales", "Trace net sales", ColumnKind.MONEY),
    Column("traceShare", "Trace share", ColumnKind.PERCENT),
)


def _side_columns(choice: Choice) -> tuple[Column, ...]:
    return (*key_columns([chosen(choice.by)]), *_SIDES)


async def _sides(ask: Ask) -> Table:
    """Return direct beside trace sales of each."""
    found = await ask.summary(chosen(ask.choice.by), _D.SALE_TYPE)
    pairs: dict[Key, dict[str | None, Measures]] = defaultdict(dict)
    for group in found.groups:
        pairs[group.keys[0]][group.keys[1].id] = group.measures
    whole = await ask.summary(_D.SALE_TYPE)
    everything = {group.keys[0].id: group.measures for group in whole.groups}
    columns = _side_columns(ask.choice)
    rows = tuple((*key_cells([key]), *_side_cells(pair)) for key, pair in pairs.items())
    blank = (None,) * (len(columns) - len(_SIDES))
    return Table(columns, rows, (*blank, *_side_cells(everything)), is_empty=not rows)


def _side_cells(pair: dict[str | None, Measures]) -> tuple[Cell, ...]:
    direct, trace = pair.get(SaleType.DIRECT), pair.get(SaleType.TRACE)
    units = [one.units if one else Decimal() for one in (direct, trace)]
    sales = [one.net_sales if one else Decimal() for one in (direct, trace)]
    return (*units, *sales, ratio(sales[1], sum(sales)))


_BAND_COLUMNS, _BANDS = cut(
    _D.DISCOUNT_BAND,
    show=figures("units orders grossSales discount discountRate netSales share profit margin"),
)
_EDGE_COLUMNS, _EDGE = cut(
    show=figures("grossSales discountRate netSales profit margin breakEven headroom")
)
_CHANNEL_COLUMNS, _CHANNELS = cut(
    _D.CHANNEL,
    show=figures(
        "units orders netSales share orderValue unitsPerOrder discountRate returnRate profit margin"
    ),
)
_RETURN_COLUMNS, _RETURNS = cut(show=figures("units grossSales discount returns returnRate"))

PRESETS: Final = (
    Preset(
        _N.DIRECT_AGAINST_TRACE,
        "Direct against trace sales",
        "trace share = net sales of trace ÷ net sales of both",
        _LINES,
        Options(by=(*GRAINS, *_GOODS, _D.DISTRIBUTOR, _D.STATE, _D.REGION)),
        _side_columns,
        _sides,
        passes=5,
    ),
    Preset(
        _N.CHANNELS,
        "Channels side by side",
        "value of an order = (gross sales − discount) ÷ orders; return rate = returns ÷ (gross"
        " sales − discount); discount rate = discount ÷ gross sales; margin = profit ÷ net sales",
        _LINES,
        Options(grain=GRAINS, may_omit=frozenset({"grain"})),
        _CHANNEL_COLUMNS,
        _CHANNELS,
        passes=3,
    ),
    Preset(
        _N.DISCOUNT_BANDS,
        "Discount against profit",
        "lines by discount ÷ gross sales, in bands of ten percent",
        _LINES,
        Options(by=(*_GOODS, *_WHERE), may_omit=frozenset({"by"})),
        _BAND_COLUMNS,
        _BANDS,
        _SECRET,
        passes=3,
    ),
    Preset(
        _N.BREAK_EVEN_DISCOUNT,
        "Break-even discount",
        "1 − (1 − d)(1 − m), d = discount ÷ gross sales, m = profit ÷ net sales with known cost:"
        " without returns this is 1 − cost ÷ gross sales, the discount at which the profit is"
        " nothing; headroom = break-even discount − d",
        "break-even analysis, solved for the discount",
        Options(by=(*_GOODS, *_WHERE), measure=MEASURES, top=0),
        _EDGE_COLUMNS,
        _EDGE,
        _SECRET,
    ),
    Preset(
        _N.RETURN_RATE,
        "Return rate",
        "returns ÷ (gross sales − discount), by value",
        "the recorded lines; returns count when they come back",
        Options(
            by=(_D.PRODUCT, _D.SUBCATEGORY, _D.CATEGORY, *_WHERE, _D.COUNTRY, _D.CUSTOMER),
            measure=(Measure.RETURNS, Measure.GROSS_SALES),
            top=0,
        ),
        _RETURN_COLUMNS,
        _RETURNS,
    ),
)
