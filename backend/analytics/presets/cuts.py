"""Analyses that are one summary: sales by this, that, or both."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from backend.analytics.presets.choices import Choice, Measure, Options
from backend.analytics.presets.figures import Figure, cells, figures, key_cells, key_columns
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.preset import Answering, Ask, Describing, Preset, chosen
from backend.analytics.presets.table import Column, ColumnKind, Row, Table, ratio
from backend.analytics.rules import SalesDimension, Summary, SummaryOrder
from backend.core.scopes import Scope

_N = AnalysisName
_D = SalesDimension
_M = Measure
Dimensions = Callable[[Choice], tuple[SalesDimension, ...]]
GRAINS: Final = (_D.MONTH, _D.DAY, _D.WEEK, _D.QUARTER, _D.YEAR)
MEASURES: Final = (
    _M.NET_SALES, _M.UNITS, _M.ORDERS, _M.PROFIT, _M.GROSS_SALES, _M.DISCOUNT, _M.RETURNS,
)  # fmt: skip
SALES: Final = figures("units orders grossSales discount returns netSales share cost profit margin")
"""What most cuts show."""
_FREQUENCY: Final = figures("orders orderShare units unitsPerOrder netSales")
_FORMULA: Final = "figures as in `salesSummary`; share = net sales ÷ net sales of all"
_SOURCE: Final = "the recorded lines"
_LARGEST: Final = 100
"""How many of each group are shown where both together would be tens of thousands."""


def cut(*fixed: SalesDimension, show: tuple[Figure, ...] = SALES) -> tuple[Describing, Answering]:
    """Return columns and answer of sales by the chosen grain, the fixed dimensions and `by`.

    Rows run by their keys where there is a grain or no measure to choose, else by the measure,
    largest first.
    """

    def dimensions(choice: Choice) -> tuple[SalesDimension, ...]:
        chosen = (choice.grain, *fixed, choice.by)
        return tuple(one for one in chosen if one is not None)

    return partial(_columns, dimensions, show), partial(_answer, dimensions, show)


def summed(
    dimensions: tuple[SalesDimension, ...], show: tuple[Figure, ...], found: Summary
) -> Table:
    """Return the table of a summary by these dimensions: its keys and these figures."""
    columns = key_columns(dimensions)
    return Table(
        columns=(*columns, *(one.column for one in show)),
        rows=tuple(
            (*key_cells(group.keys), *cells(show, group.measures, found.totals))
            for group in found.groups
        ),
        totals=((None,) * len(columns) + cells(show, found.totals, found.totals)),
        is_empty=not found.groups,
    )


def _columns(
    dimensions: Dimensions, show: tuple[Figure, ...], choice: Choice
) -> tuple[Column, ...]:
    return (*key_columns(dimensions(choice)), *(one.column for one in show))


async def _answer(
    dimensions: Dimensions,
    show: tuple[Figure, ...],
    ask: Ask,
    within: tuple[SalesDimension, ...] = (),
) -> Table:
    by, measure, top = dimensions(ask.choice), ask.choice.measure, ask.choice.top
    order = SummaryOrder.KEY if measure is None else measure.order
    is_ranked = measure is not None
    found = await ask.summary(*by, order=order, descending=is_ranked, top=top, within=within)
    return summed(by, show, found)


def _over_time(name: AnalysisName, title: str, *fixed: SalesDimension) -> Preset:
    columns, answer = cut(*fixed)
    options, passes = Options(grain=GRAINS), 2 + len(fixed)
    return Preset(
        name,
        title,
        _FORMULA,
        _SOURCE,
        options,
        columns,
        answer,
        passes=passes,
        is_of_periods=True,
    )


def _nested(name: AnalysisName, title: str, *fixed: SalesDimension) -> Preset:
    columns, answer = cut(*fixed)
    passes = 1 + len(fixed)
    return Preset(name, title, _FORMULA, _SOURCE, Options(), columns, answer, passes=passes)


def _largest_within(
    name: AnalysisName, title: str, group: SalesDimension, one: SalesDimension
) -> Preset:
    """Return sales by both: in each of the first the largest of the second, so many of each."""
    both = partial(_fixed, (group, one))
    options, columns = Options(measure=MEASURES, top=_LARGEST), partial(_columns, both, SALES)
    answer = partial(_answer, both, SALES, within=(group,))
    return Preset(name, title, _FORMULA, _SOURCE, options, columns, answer, passes=3)


def _fixed(dimensions: tuple[SalesDimension, ...], _: Choice) -> tuple[SalesDimension, ...]:
    return dimensions


def _by(name: AnalysisName, title: str, one: SalesDimension) -> Preset:
    columns, answer = cut(one)
    options = Options(measure=MEASURES, top=0)
    return Preset(name, title, _FORMULA, _SOURCE, options, columns, answer)


def _shown(
    name: AnalysisName, title: str, formula: str, options: Options, one: SalesDimension, show: str
) -> Preset:
    columns, answer = cut(one, show=figures(show))
    secret = (
        frozenset({Scope.ANALYTICS_READ}) if options.measure[0] is _M.PROFIT else frozenset[Scope]()
    )
    return Preset(name, title, formula, _SOURCE, options, columns, answer, secret)


_WEEKS = Column("ordersPerWeek", "Orders per week", ColumnKind.NUMBER)
_GAP = Column("daysBetween", "Days between orders", ColumnKind.NUMBER)


def _frequency_columns(choice: Choice) -> tuple[Column, ...]:
    return (*_columns(_chosen_by, _FREQUENCY, choice), _WEEKS, _GAP)


async def frequency(ask: Ask) -> Table:
    """Return how often each sells: orders, per week, and the days between two of them."""
    table = await _answer(_chosen_by, _FREQUENCY, ask)
    days = len(await ask.known_days())
    orders = next(n for n, one in enumerate(table.columns) if one.name == "orders")

    def pace(row: Row) -> Row:
        count = row[orders]
        count = count if isinstance(count, int) else 0
        return (*row, ratio(count * 7, days), ratio(days, count))

    totals = None if table.totals is None else pace(table.totals)
    return replace(
        table,
        columns=(*table.columns, _WEEKS, _GAP),
        rows=tuple(map(pace, table.rows)),
        totals=totals,
    )


def _chosen_by(choice: Choice) -> tuple[SalesDimension, ...]:
    return (chosen(choice.by),)


PRESETS: Final = (
    _over_time(_N.SALES_OVER_TIME, "Sales over time"),
    _over_time(_N.CATEGORY_BY_PRODUCT, "Category by product", _D.CATEGORY, _D.PRODUCT),
    _by(_N.SALES_BY_POSTAL_CODE, "Sales by postal code", _D.POSTAL_CODE),
    _by(_N.SALES_BY_STATE, "Sales by state", _D.STATE),
    _by(_N.SALES_BY_DISTRIBUTOR, "Sales by distributor", _D.DISTRIBUTOR),
    _by(_N.SALES_BY_PRODUCT, "Sales by product", _D.PRODUCT),
    _nested(_N.STATE_BY_POSTAL_CODE, "State by postal code", _D.STATE, _D.POSTAL_CODE),
    _nested(_N.DISTRIBUTOR_BY_STATE, "Distributor by state", _D.DISTRIBUTOR, _D.STATE),
    _largest_within(
        _N.DISTRIBUTOR_BY_PRODUCT, "Distributor by product", _D.DISTRIBUTOR, _D.PRODUCT
    ),
    _by(_N.SALES_BY_CATEGORY, "Sales by category", _D.CATEGORY),
    _by(_N.SALES_BY_SUBCATEGORY, "Sales by subcategory", _D.SUBCATEGORY),
    _by(_N.SALES_BY_REGION, "Sales by region", _D.REGION),
    _by(_N.SALES_BY_COUNTRY, "Sales by country", _D.COUNTRY),
    _by(_N.SALES_BY_SEGMENT, "Sales by segment", _D.SEGMENT),
    _by(_N.SALES_BY_CHANNEL, "Sales by channel", _D.CHANNEL),
    _shown(
        _N.PROFIT_BY_ITEM,
        "Profit by item",
        "profit = net sales − cost; margin = profit ÷ net sales, of lines whose cost is known",
        Options(measure=(_M.PROFIT, *(one for one in MEASURES if one is not _M.PROFIT)), top=0),
        _D.PRODUCT,
        "units netSales cost profit margin profitShare",
    ),
    _shown(
        _N.CUSTOMERS_BY_VALUE,
        "Customers by value",
        "value of an order = (gross sales − discount) ÷ orders",
        Options(measure=MEASURES, top=100),
        _D.CUSTOMER,
        "orders units netSales share orderValue returnRate profit margin",
    ),
    Preset(
        _N.FREQUENCY_OF_SALE,
        "Frequency of sale",
        "orders with such a line; per week = orders × 7 ÷ days; days between = days ÷ orders; days:"
        " those in which sales are recorded; share = orders ÷ all orders",
        _SOURCE,
        Options(
            by=(_D.PRODUCT, _D.SUBCATEGORY, _D.CATEGORY),
            measure=(_M.ORDERS, _M.UNITS, _M.NET_SALES),
            top=0,
        ),
        _frequency_columns,
        frequency,
    ),
)
