"""The rows of Superstore as polars reads them, and cuts of them made without our code."""

import polars as pl

from tests.data import data_file

EXACT = pl.Decimal(38, 4)
TIMES = {
    "DAY": "%Y-%m-%d",
    "WEEK": "%G-W%V",
    "MONTH": "%Y-%m",
    "YEAR": "%Y",
}
COLUMNS = {
    "CATEGORY": "Category",
    "SUBCATEGORY": "Sub-Category",
    "PRODUCT": "Product ID",
    "STATE": "State",
    "REGION": "Region",
    "COUNTRY": "Country",
    "SEGMENT": "Segment",
    "POSTAL_CODE": "postal",
}


def read():
    """Return the file's lines: exact figures, the day, and a column per dimension of time."""
    frame = pl.read_csv(data_file("superstore/superstore.csv"), infer_schema=False)
    day = pl.col("Order Date").str.to_date("%m/%d/%Y")
    return frame.with_columns(
        pl.col("Sales", "Profit", "Quantity", "Discount").cast(EXACT),
        day.alias("day"),
        pl.col("Postal Code").str.zfill(5).alias("postal"),
        (day.dt.year().cast(pl.String) + "-Q" + day.dt.quarter().cast(pl.String)).alias("QUARTER"),
        *(day.dt.strftime(form).alias(name) for name, form in TIMES.items()),
    )


def cut(frame, *dimensions):
    """Return {ids: (units, orders, net sales, profit)}."""
    names = [COLUMNS.get(name, name) for name in dimensions]
    sums = frame.group_by(names).agg(
        pl.col("Quantity").sum(), pl.col("Order ID").n_unique(), pl.col("Sales", "Profit").sum()
    )
    return {row[: len(names)]: row[len(names) :] for row in sums.iter_rows()}
