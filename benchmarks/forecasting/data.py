"""The panels forecasts are measured on, from the data that lie beside the repository."""

import os
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from backend.forecasting.demand.panel import Panel
from backend.forecasting.demand.rhythm import Step

_ROOT: Final = Path(__file__).resolve().parents[2]


class DataMissing(Exception):
    """A data set is not there."""


def data_file(name: str) -> Path:
    """Return a file of the data folder.

    Raises:
        DataMissing: it is not there.
    """
    said = os.environ.get("SHELFCAST_TEST_DATA")
    folders = [_ROOT / "shared" / "data", _ROOT.parent / "shared" / "data"]
    for folder in [Path(said)] if said else folders:
        if (folder / name).exists():
            return folder / name
    raise DataMissing(f"no {name}; SHELFCAST_TEST_DATA says where the data lie")


def store_item() -> Panel:
    """Return 50 items at 10 stores over five years, a complete grid."""
    rows = pl.read_csv(data_file("store-item-demand/train.csv.gz"), try_parse_dates=True)
    demand = rows.sort("store", "item", "date")["sales"].to_numpy().reshape(500, -1)
    stores, items = np.divmod(np.arange(500), 50)
    return _panel(rows["date"].min(), demand, items, stores, "US")


def online_retail() -> Panel:
    """Return the 200 products of Online Retail with the most revenue, day by day.

    An order line that the same customer cancelled in full is no demand.
    """
    lines = pl.read_parquet(data_file("online-retail/online_retail.parquet")).with_columns(
        pl.col("StockCode").str.to_uppercase(), day=pl.col("InvoiceDate").cast(pl.Date)
    )
    same = ["CustomerID", "StockCode", "UnitPrice", "Quantity"]
    cancelled = lines.filter(pl.col("InvoiceNo").str.starts_with("C"))
    cancelled = cancelled.with_columns(-pl.col("Quantity")).select(same).unique()
    is_good = pl.col("StockCode").str.contains(r"^\d{5}")
    sold = lines.filter(is_good & (pl.col("Quantity") > 0) & (pl.col("UnitPrice") > 0))
    sold = sold.join(cancelled, on=same, how="anti")
    revenue = (pl.col("Quantity") * pl.col("UnitPrice")).sum()
    best = sold.group_by("StockCode").agg(revenue.alias("revenue"))
    codes = best.sort("revenue", "StockCode", descending=True)["StockCode"][:200].to_list()
    days = sold.group_by("StockCode", "day").agg(pl.col("Quantity").sum())
    first, last = sold["day"].min(), sold["day"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    demand = np.zeros((200, last.toordinal() - first.toordinal() + 1))
    for code, day, units in days.filter(pl.col("StockCode").is_in(codes)).iter_rows():
        demand[codes.index(code), day.toordinal() - first.toordinal()] = units
    return _panel(first, demand, np.arange(200), np.zeros(200, np.int64), "GB")


def changed(panel: Panel, at: int) -> Panel:
    """Return the panel with the week turned round and every other series halved from `at` on."""
    weekdays = panel.weekday(np.arange(panel.periods))
    profile = np.array([panel.demand[:, weekdays == day].mean() for day in range(7)])
    turned = profile[::-1][weekdays] / profile[weekdays]
    demand = panel.demand.copy()
    demand[:, at:] *= turned[at:].astype(np.float32)
    demand[::2, at:] *= 0.5
    return _panel(panel.start, np.round(demand), panel.products, panel.locations, "US")


def _panel(
    start: object, demand: np.ndarray, products: np.ndarray, locations: np.ndarray, country: str
) -> Panel:
    assert isinstance(start, date)
    units = demand.astype(np.float32)
    countries = (country,) * (int(locations.max()) + 1)
    return Panel(start, Step.DAY, units, np.ones_like(units), products, locations, countries)
