"""Sales beside stock: sell-through, weeks of supply, GMROI."""

from collections.abc import Awaitable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import asyncpg

from backend.analytics.errors import InvalidAnalysis, SummaryTooSlow, TooManyGroups
from backend.analytics.presets.choices import Choice, Options
from backend.analytics.presets.figures import LABELLED, key_columns
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.periods import periods
from backend.analytics.presets.preset import Ask, Preset, chosen
from backend.analytics.presets.table import Cell, Column, ColumnKind, Note, Table, ratio, rounded
from backend.analytics.presets.windows import WINDOW, back
from backend.analytics.rules import MOST_GROUPS, Measures, SalesDimension
from backend.core.scopes import Scope
from backend.sales.rules import SaleType
from backend.stock import figures as stock
from backend.stock.figures import StockKey, StockScope

_N = AnalysisName
_D = SalesDimension
_K = ColumnKind
BY: Final = (_D.PRODUCT, _D.LOCATION, _D.CATEGORY, _D.SUBCATEGORY, _D.DISTRIBUTOR)
_SALES_ONLY: Final = {
    "countries": "countries", "regions": "regions", "states": "states",
    "postal_codes": "postalCodes", "sale_types": "saleTypes", "channels": "channels",
    "segments": "segments", "customers": "customers",
}  # fmt: skip
"""Fields of a filter that say nothing of stock, as clients spell them."""
NOT_OF_STOCK: Final = tuple(_SALES_ONLY.values())
_EIGHT_WEEKS: Final = timedelta(weeks=8)
_LONGEST: Final = timedelta(days=36_525)
_MOST_STARTS: Final = 60
"""Beginnings of months of which the mean is taken; of more only every second, third …"""
STOCK: Final = frozenset({Scope.STOCK_READ})
WORTH: Final = frozenset({Scope.STOCK_READ, Scope.ANALYTICS_READ})
Found = dict[str, Any]


def stock_scope(ask: Ask) -> StockScope:
    """Return which stock the filter means.

    Raises:
        InvalidAnalysis: it limits by what stock does not have.
    """
    for name, spelt in _SALES_ONLY.items():
        if getattr(ask.criteria, name) is not None:
            raise InvalidAnalysis(
                f"stock has no {spelt}: filter by products, locations and days",
                field=["filter", spelt],
            )
    criteria = ask.criteria
    return StockScope(
        criteria.skus,
        criteria.categories,
        criteria.subcategories,
        criteria.locations,
        criteria.distributors,
    )


async def answered(asked: Awaitable[list[Found]]) -> list[Found]:
    """Return the rows of a statement about stock.

    Raises:
        SummaryTooSlow: it takes longer than one statement may.
        TooManyGroups: more rows than an answer may have.
    """
    try:
        rows = await asked
    except asyncpg.QueryCanceledError as exc:
        raise SummaryTooSlow("this takes too long: narrow the filter") from exc
    if len(rows) > MOST_GROUPS:
        raise TooManyGroups(
            f"more than {MOST_GROUPS} rows: filter, or ask by category",
            field=["choice", "by"],
            limit=MOST_GROUPS,
        )
    return rows


def end_of(ask: Ask) -> date | None:
    """Return the day at whose end stock is looked at; None: now."""
    last = ask.criteria.last_day
    return None if last is None or last > ask.work.now.date() else last


def span(ask: Ask, length: timedelta) -> tuple[date, date]:
    """Return the days whose sales count: the filter's, else so many up to the last."""
    tomorrow = ask.work.now.date() + timedelta(days=1)  # some place may be there already
    last = min(ask.criteria.last_day or ask.covers.last or tomorrow, tomorrow)
    earliest = back(last, _LONGEST)
    first = max(ask.criteria.first_day or back(last, length - timedelta(days=1)), earliest)
    return min(first, last), last


async def sold_of(ask: Ask, first: date, last: date) -> tuple[dict[str | None, Measures], Measures]:
    """Return what was sold from our stock: what distributors report never was in it."""
    direct = replace(ask.criteria, sale_types=frozenset({SaleType.DIRECT.value}))
    found = await replace(ask, criteria=direct).during(first, last).summary(chosen(ask.choice.by))
    return {one.keys[0].id: one.measures for one in found.groups}, found.totals


def stock_key(ask: Ask) -> StockKey:
    """Return by what the stock is added up."""
    return StockKey[chosen(ask.choice.by).name]


def named(ask: Ask, row: Found) -> tuple[Cell, ...]:
    """Return the cells of a row's id and name."""
    named = chosen(ask.choice.by) in LABELLED
    return (row["id"], row["label"] or "—") if named else (row["id"],)


def with_keys(choice: Choice, *columns: Column) -> tuple[Column, ...]:
    """Return the columns of what is chosen, and these."""
    return (*key_columns([chosen(choice.by)]), *columns)


def summed(rows: Iterable[Found], name: str) -> Decimal:
    """Return the sum of one field of all rows."""
    return sum((row[name] for row in rows), Decimal())


def _uncosted(rows: Iterable[Found]) -> tuple[Note, ...]:
    units = summed(rows, "uncosted")
    if not units:
        return ()
    return (
        Note("COST_UNKNOWN", f"{units:f} units whose cost nobody knows count as worth nothing"),
    )


def rank(cell: Cell, *, largest: bool) -> tuple[bool, Decimal]:
    """Return what to sort by: what is not known comes last."""
    number = Decimal(cell) if isinstance(cell, Decimal | int) else None
    return number is None, (number or Decimal()) * (-1 if largest else 1)


def compared(first: date, last: date) -> Note:
    """Return a note on which sales the stock is set beside."""
    return Note("SALES_OF", f"sales from {first} to {last}")


_UNITS: Final = Column("unitsSold", "Units sold", _K.UNITS)
HELD: Final = Column("onHand", "On hand", _K.UNITS)
VALUE: Final = Column("stockValue", "Stock at cost", _K.MONEY, is_secret=True)


def _through_columns(choice: Choice) -> tuple[Column, ...]:
    return with_keys(choice, _UNITS, HELD, Column("sellThrough", "Sell-through", _K.PERCENT), VALUE)


async def sell_through(ask: Ask) -> Table:
    """Return which part of what there was to sell was sold."""
    scope, (first, last) = stock_scope(ask), span(ask, WINDOW)
    sold, whole = await sold_of(ask, first, last)
    rows = await answered(stock.on_hand(ask.work, stock_key(ask), scope, end_of(ask)))

    def cells(units: Decimal, held: Decimal, value: Decimal) -> tuple[Cell, ...]:
        return (units, held, ratio(units, units + held) if units + held > 0 else None, value)

    made = [
        (*named(ask, row), *cells(_units(sold, row["id"]), row["units"], row["value"]))
        for row in rows
        if row["units"] or row["id"] in sold
    ]
    made.sort(key=lambda row: (*rank(row[-2], largest=True), str(row[0])))
    columns = _through_columns(ask.choice)
    everything = cells(whole.units, summed(rows, "units"), summed(rows, "value"))
    totals = (*(None,) * (len(columns) - 4), *everything)
    notes = (compared(first, last), *_uncosted(rows))
    return Table(columns, tuple(made[: ask.choice.top]), totals, notes)


def _units(sold: dict[str | None, Measures], id_: str | None) -> Decimal:
    return sold[id_].units if id_ in sold else Decimal()


def _weeks_columns(choice: Choice) -> tuple[Column, ...]:
    weekly = Column("unitsPerWeek", "Units a week", _K.NUMBER)
    return with_keys(choice, HELD, weekly, Column("weeks", "Weeks of supply", _K.NUMBER), VALUE)


async def weeks_of_supply(ask: Ask) -> Table:
    """Return for how many weeks of such sales the stock lasts, what runs out first on top."""
    scope, (first, last) = stock_scope(ask), span(ask, _EIGHT_WEEKS)
    sold, whole = await sold_of(ask, first, last)
    rows = await answered(stock.on_hand(ask.work, stock_key(ask), scope, end_of(ask)))
    begun = [one.first for one in await ask.recorded() if one.last >= first]
    since = max(first, min(begun, default=first))
    weeks = Decimal(max((last - since).days + 1, 1)) / 7

    def cells(units: Decimal, held: Decimal, value: Decimal) -> tuple[Cell, ...]:
        weekly = units / weeks
        return (held, rounded(weekly), ratio(held, weekly) if weekly > 0 else None, value)

    made = [
        (*named(ask, row), *cells(_units(sold, row["id"]), row["units"], row["value"]))
        for row in rows
        if row["units"] or row["id"] in sold
    ]
    made.sort(key=lambda row: (*rank(row[-2], largest=False), str(row[0])))
    columns = _weeks_columns(ask.choice)
    everything = cells(whole.units, summed(rows, "units"), summed(rows, "value"))
    totals = (*(None,) * (len(columns) - 4), *everything)
    notes = (compared(first, last), *_uncosted(rows))
    return Table(columns, tuple(made[: ask.choice.top]), totals, notes)


def _gmroi_columns(choice: Choice) -> tuple[Column, ...]:
    return with_keys(
        choice,
        Column("profit", "Gross margin", _K.MONEY),
        Column("meanStock", "Mean stock at cost", _K.MONEY),
        Column("gmroi", "GMROI", _K.NUMBER),
        Column("gmroiYear", "GMROI a year", _K.NUMBER),
    )


async def gmroi(ask: Ask) -> Table:
    """Return what each unit of money in stock earned."""
    scope, (first, last) = stock_scope(ask), span(ask, timedelta(days=365))
    sold, whole = await sold_of(ask, first, last)
    starts = [one.first for one in periods(_D.MONTH, first, last)][1:]
    step = len(starts) // _MOST_STARTS + 1
    days = [first, *starts[::step], last + timedelta(days=1)]
    rows = await answered(stock.mean_value(ask.work, stock_key(ask), scope, days))
    year = Decimal(365) / ((last - first).days + 1)

    def cells(profit: Decimal | None, value: Decimal) -> tuple[Cell, ...]:
        turned = ratio(profit, value) if value > 0 else None
        return (profit, rounded(value), turned, None if turned is None else rounded(turned * year))

    made = [
        (
            *named(ask, row),
            *cells(sold[row["id"]].profit if row["id"] in sold else None, row["value"]),
        )
        for row in rows
        if row["value"] or row["id"] in sold
    ]
    made.sort(key=lambda row: (*rank(row[-2], largest=True), str(row[0])))
    columns = _gmroi_columns(ask.choice)
    totals = (*(None,) * (len(columns) - 4), *cells(whole.profit, summed(rows, "value")))
    return Table(columns, tuple(made[: ask.choice.top]), totals, (compared(first, last),))


PRESETS: Final = (
    Preset(
        _N.SELL_THROUGH,
        "Sell-through",
        "units sold ÷ (units sold + on hand at the end); sales of the days of the filter, else of"
        " the last 91; trace sales never were in our stock",
        "Nextail, metrics calculation: sales ÷ (sales + stock of the last day)",
        Options(by=BY, top=0),
        _through_columns,
        sell_through,
        STOCK,
        passes=4,
        refused_filters=NOT_OF_STOCK,
    ),
    Preset(
        _N.WEEKS_OF_SUPPLY,
        "Weeks of supply",
        "on hand ÷ units sold a week, over the days of the filter, else the last eight weeks, from"
        " the first on which sales are recorded; what did not sell lasts for ever and stands last",
        "Martec International, retail formulas",
        Options(by=BY, top=0),
        _weeks_columns,
        weeks_of_supply,
        STOCK,
        passes=4,
        refused_filters=NOT_OF_STOCK,
    ),
    Preset(
        _N.GMROI,
        "GMROI",
        "gross margin ÷ mean stock at cost: the mean over the beginning of the days, of each month"
        " in them, and their end; a year = × 365 ÷ days; the days of the filter, else the last 365",
        "Martec International, retail formulas",
        Options(by=BY, top=0),
        _gmroi_columns,
        gmroi,
        WORTH,
        passes=6,
        refused_filters=NOT_OF_STOCK,
    ),
)
