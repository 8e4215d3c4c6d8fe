"""Analyses of Online Retail beside the same made of its lines with polars."""

import polars as pl
import pytest

from backend.analytics.rules import SalesDimension
from tests.backend.analytics.presets.tables import answer, as_dict, rows

COUNTRY = SalesDimension.COUNTRY


async def analyses_equal(lines, database, principal):
    """Assert that countries, months, returns and frequencies are those of the lines."""
    countries = await answer(database, principal, "SALES_BY_COUNTRY")
    months = await answer(database, principal, "SALES_OVER_TIME")
    returns = await answer(database, principal, "RETURN_RATE", by=COUNTRY)
    often = await answer(database, principal, "FREQUENCY_OF_SALE")

    _equal(countries, "country", lines, "Country")
    _equal(
        months, "month", lines.with_columns(pl.col("InvoiceDate").str.slice(0, 7).alias("M")), "M"
    )
    back = lines.filter("back").group_by("Country").agg(-pl.col("value").sum())
    shown = {row["country"]: row["returns"] for row in rows(returns.table) if row["returns"]}
    assert shown == dict(back.iter_rows())
    sold, gone = (lines.filter(one)["value"].sum() for one in (~pl.col("back"), pl.col("back")))
    rate = as_dict(returns.table, returns.table.totals)["returnRate"]
    assert float(rate) == pytest.approx(float(-gone / sold), abs=1e-6)
    orders = (
        lines.filter(~pl.col("back"))
        .group_by(pl.col("StockCode").str.to_uppercase())
        .agg(pl.col("InvoiceNo").n_unique())
    )
    counted = {row["product"]: row["orders"] for row in rows(often.table) if row["orders"]}
    assert counted == dict(orders.iter_rows())


def _equal(found, name, lines, column):
    """Assert that net sales and units of each are those of the lines, and their totals."""
    sums = lines.group_by(column).agg(pl.col("value").sum(), pl.col("Quantity").sum())
    shown = {row[name]: (row["netSales"], row["units"]) for row in rows(found.table)}
    assert shown == {row[0]: row[1:] for row in sums.iter_rows()}
    totals = as_dict(found.table, found.table.totals)
    assert (totals["netSales"], totals["units"]) == (
        lines["value"].sum(),
        lines["Quantity"].sum(),
    )
