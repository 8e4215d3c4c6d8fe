"""What became of the stock: lost, or old."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from backend.analytics.presets.choices import Choice, Options
from backend.analytics.presets.names import AnalysisName
from backend.analytics.presets.preset import Ask, Preset
from backend.analytics.presets.stock import (
    BY,
    HELD,
    NOT_OF_STOCK,
    STOCK,
    VALUE,
    WORTH,
    Found,
    answered,
    compared,
    end_of,
    named,
    rank,
    sold_of,
    span,
    stock_key,
    stock_scope,
    summed,
    with_keys,
)
from backend.analytics.presets.table import Cell, Column, ColumnKind, Table, ratio, rounded
from backend.stock import figures as stock

_N = AnalysisName
_K = ColumnKind


def _loss_columns(choice: Choice) -> tuple[Column, ...]:
    return with_keys(
        choice,
        Column("counted", "Missing at counts", _K.UNITS),
        Column("shrinkage", "Lost or stolen", _K.UNITS),
        Column("damaged", "Damaged", _K.UNITS),
        Column("lostValue", "Lost at cost", _K.MONEY),
        Column("netSales", "Net sales", _K.MONEY),
        Column("shrinkageRate", "Shrinkage rate", _K.PERCENT),
    )


async def shrinkage(ask: Ask) -> Table:
    """Return what went missing, as a part of sales."""
    scope, (first, last) = stock_scope(ask), span(ask, timedelta(days=365))
    sold, whole = await sold_of(ask, first, last)
    rows = await answered(stock.losses(ask.work, stock_key(ask), scope, first, last))

    def cells(row: Found, sales: Decimal) -> tuple[Cell, ...]:
        value = row["value"]
        rate = ratio(value, sales) if sales > 0 else None
        return (row["count"], row["shrinkage"], row["damaged"], value, sales, rate)

    made = [
        (
            *named(ask, row),
            *cells(row, sold[row["id"]].net_sales if row["id"] in sold else Decimal()),
        )
        for row in rows
    ]
    made.sort(key=lambda row: (*rank(row[-3], largest=True), str(row[0])))
    columns = _loss_columns(ask.choice)
    everything = {name: summed(rows, name) for name in ("count", "shrinkage", "damaged", "value")}
    totals = (*(None,) * (len(columns) - 6), *cells(everything, whole.net_sales))
    return Table(columns, tuple(made[: ask.choice.top]), totals, (compared(first, last),))


def _age_columns(choice: Choice) -> tuple[Column, ...]:
    edges = [0, *(one + 1 for one in stock.AGES)]
    labels = [f"{low}–{high} days" for low, high in zip(edges, stock.AGES, strict=False)]
    labels.append(f"over {stock.AGES[-1]} days")
    return with_keys(
        choice,
        HELD,
        *(Column(f"age{n}", label, _K.UNITS) for n, label in enumerate(labels)),
        Column("meanAge", "Mean age in days", _K.NUMBER),
        Column("oldest", "Oldest in days", _K.COUNT),
        VALUE,
    )


async def ageing(ask: Ask) -> Table:
    """Return how old what is on hand is, the oldest first."""
    rows = await answered(stock.ages(ask.work, stock_key(ask), stock_scope(ask), end_of(ask)))
    classes = [f"age{n}" for n in range(len(stock.AGES) + 1)]
    rows.sort(key=lambda row: (-row["mean_age"], str(row["id"])))
    made = [
        (*named(ask, row), row["units"], *(row[one] for one in classes),
         rounded(row["mean_age"]), row["oldest"], row["value"])
        for row in rows
    ]  # fmt: skip
    columns = _age_columns(ask.choice)
    units = summed(rows, "units")
    aged = sum((row["mean_age"] * row["units"] for row in rows), Decimal())
    oldest = max((row["oldest"] for row in rows), default=None)
    sums = (units, *(summed(rows, one) for one in classes), ratio(aged, units), oldest)
    blank = (None,) * (len(columns) - len(sums) - 1)
    totals = (*blank, *sums, summed(rows, "value"))
    return Table(columns, tuple(made[: ask.choice.top]), totals)


_LEDGER: Final = "the ledger; costs of the catalogue now"
PRESETS: Final = (
    Preset(
        _N.SHRINKAGE,
        "Shrinkage",
        "units missing at counts (those found taken off), lost and damaged, at cost; rate = lost at"
        " cost ÷ net sales; the days of the filter, else the last 365",
        "National Retail Federation: shrink as a percentage of sales",
        Options(by=BY, top=0),
        _loss_columns,
        shrinkage,
        WORTH,
        passes=4,
        refused_filters=NOT_OF_STOCK,
    ),
    Preset(
        _N.STOCK_AGEING,
        "Age of the stock",
        "what is on hand is taken for what came in last (first in, first out): age = days since;"
        " anything that came in begins a layer, transfers and returns too",
        _LEDGER,
        Options(by=BY, top=0),
        _age_columns,
        ageing,
        STOCK,
        passes=4,
        refused_filters=NOT_OF_STOCK,
    ),
)
