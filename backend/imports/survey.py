"""What a staged file holds as a whole, found before its first line is written."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import polars as pl

from backend.imports.cleaning import ADJUSTMENT, CONTROLS, LONGEST, RETURN, SALE
from backend.imports.profiles import Profile
from backend.imports.rules import Reason
from backend.imports.staging import ROW, Staged

MOST_LINES: Final = 32_767
UNSORTED: Final = "Unsorted"
CHARGES: Final = "Charges"


@dataclass(frozen=True, slots=True)
class Survey:
    """Products, customers and orders of a file.

    `products` has one row per SKU: its commonest name and categories, last price and cost.
    `customers` one per reference, `orders` every order number once. `scattered` gives the last row
    of orders whose lines do not stand together, `spoiled` the orders that have a bad line and that
    line, `originals` the sale that a return belongs to, where the file tells. `first_at` is the
    time of the first line, `months` begin those it has lines in.
    """

    products: pl.DataFrame
    customers: pl.DataFrame
    distributors: list[str]
    orders: pl.Series
    scattered: pl.DataFrame
    spoiled: pl.DataFrame
    originals: pl.DataFrame
    first_at: datetime | None
    months: list[date]
    ambiguous_skus: int


def survey(staged: Staged, profile: Profile) -> Survey:
    """Look through a staged file."""
    lines = staged.scan()
    good = lines.filter(pl.col("bad_reason").is_null())
    orders = _orders(lines)
    names = _names(good)
    first = good.select(pl.col("sold_at").min()).collect(engine="streaming").item()
    return Survey(
        products=_products(names, _prices(good), profile),
        customers=_customers(good),
        distributors=_distributors(good),
        orders=orders["order"],
        scattered=orders.filter(pl.col("last") - pl.col("first") + 1 > pl.col("len")).select(
            "order", "last"
        ),
        spoiled=_spoiled(lines, orders),
        originals=_originals(good),
        first_at=first,
        months=_months(good),
        ambiguous_skus=_ambiguous(names),
    )


def _months(good: pl.LazyFrame) -> list[date]:
    month = pl.col("day").dt.truncate("1mo")
    return good.select(month.unique()).collect(engine="streaming")["day"].drop_nulls().to_list()


def _orders(lines: pl.LazyFrame) -> pl.DataFrame:
    rows = pl.col(ROW)
    return (
        lines.filter(pl.col("order").is_not_null())
        .group_by("order")
        .agg(rows.min().alias("first"), rows.max().alias("last"), pl.len())
        .collect(engine="streaming")
    )


def _spoiled(lines: pl.LazyFrame, orders: pl.DataFrame) -> pl.DataFrame:
    bad = pl.col("bad_reason").is_not_null() & (pl.col("bad_reason") != Reason.NOT_A_SALE.value)
    by_line = (
        lines.filter(bad & pl.col("order").is_not_null())
        .group_by("order")
        .agg(pl.col("line").min().alias("culprit"))
        .collect(engine="streaming")
    )
    too_long = orders.filter(pl.col("len") > MOST_LINES).select(
        "order", pl.lit(None, pl.Int64).alias("culprit")
    )
    return pl.concat([by_line, too_long]).unique("order", keep="first")


def _names(good: pl.LazyFrame) -> pl.DataFrame:
    """Count what the file calls each SKU.

    Corrections of stock name it only where nothing else does.
    """
    sold = (pl.col("kind") != ADJUSTMENT).sum()
    return (
        good.group_by("sku", "name", "category", "subcategory")
        .agg(sold.alias("sold"), pl.len())
        .collect(engine="streaming")
    )


def _ambiguous(names: pl.DataFrame) -> int:
    named = names.filter((pl.col("sold") > 0) & pl.col("name").is_not_null())
    return named.group_by("sku").agg(pl.col("name").n_unique()).filter(pl.col("name") > 1).height


def _prices(good: pl.LazyFrame) -> pl.DataFrame:
    latest = pl.col("sold_at").arg_max()
    return (
        good.filter(pl.col("kind") == SALE)
        .group_by("sku")
        .agg(pl.col("unit_price").get(latest), pl.col("unit_cost").get(latest))
        .collect(engine="streaming")
    )


def _products(names: pl.DataFrame, prices: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Return one row per SKU.

    The name that most lines sold it by, of equals the first in the alphabet.
    """
    is_service = pl.col("sku").is_in(sorted(profile.services))
    best = names.sort(
        pl.col("name").is_null(),
        -pl.col("sold").cast(pl.Int64),
        -pl.col("len").cast(pl.Int64),
        "name",
    ).unique("sku", keep="first", maintain_order=True)
    return (
        best.join(prices, on="sku", how="left")
        .with_columns(
            _plain("name").fill_null(pl.col("sku")),
            _plain("subcategory"),
            pl.when(is_service)
            .then(pl.lit(CHARGES))
            .otherwise(_plain("category"))
            .fill_null(UNSORTED)
            .alias("category"),
            is_service.alias("is_service"),
        )
        .drop("sold", "len")
        .sort("sku")
    )


def _plain(name: str) -> pl.Expr:
    """Return a name as the catalogue keeps it: on one line, not too long."""
    return pl.col(name).str.replace_all(CONTROLS, " ").str.slice(0, LONGEST).str.strip_chars()


def _customers(good: pl.LazyFrame) -> pl.DataFrame:
    latest = pl.col("sold_at").arg_max()
    return (
        good.filter(pl.col("customer").is_not_null())
        .group_by("customer")
        .agg(pl.col("segment").get(latest), _plain("customer_name").get(latest))
        .sort("customer")
        .collect(engine="streaming")
    )


def _distributors(good: pl.LazyFrame) -> list[str]:
    said = good.select("distributor").unique().collect(engine="streaming")["distributor"]
    return sorted(said.drop_nulls())


def _originals(good: pl.LazyFrame) -> pl.DataFrame:
    """Find the sale each returned order belongs to.

    The latest earlier one of the same customer with that product and price.

    An order whose lines belong to several sales is of none.
    """
    same = ["customer", "sku", "unit_price"]
    wanted = [*same, "order", "sold_at"]
    back = (
        good.filter((pl.col("kind") == RETURN) & pl.col("customer").is_not_null())
        .select(wanted)
        .collect(engine="streaming")
    )
    sold = (
        good.filter(pl.col("kind") == SALE)
        .select(*same, pl.col("order").alias("original"), "sold_at")
        .join(back.lazy().select(same).unique(), on=same, how="semi")
        .collect(engine="streaming")
    )
    matched = back.sort("sold_at").join_asof(
        sold.sort("sold_at"), on="sold_at", by=same, strategy="backward", check_sortedness=False
    )
    one = pl.col("original").drop_nulls()
    return (
        matched.group_by("order")
        .agg(one.n_unique().alias("sales"), one.first().alias("original"))
        .filter(pl.col("sales") == 1)
        .select("order", "original")
    )
