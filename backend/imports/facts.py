"""The facts of many sales at once, as text: equal to what recording one by one would store."""

from typing import Final

import polars as pl

MOST_LINES: Final = 500
RECORDED_AT: Final = "\x00"
"""Stands in a fact for the moment at which it will be recorded: no text of a file can hold it."""
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"'} | {chr(n): f"\\u{n:04x}" for n in range(1, 32)}


def text(name: str) -> pl.Expr:
    """Return a column of texts as JSON."""
    plain = pl.col(name).str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    return _quoted(plain)


def number(name: str) -> pl.Expr:
    """Return a column of exact numbers as JSON strings, null as null."""
    return _quoted(pl.col(name).cast(pl.String))


def entries(sales: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return the entries of the log.

    Kind, location_id and items, at most 500 sales and about as many lines each.

    `sales` in the order of the log; `lines` by `sale_id` and `line_no`, with the product's fact as
    `product_fact`.
    """
    whole = sales.join(_lines(lines), left_on="id", right_on="sale_id", maintain_order="left")
    facts = whole.select(
        "kind",
        "location_id",
        ((pl.col("count").cum_sum() - pl.col("count")) // MOST_LINES).alias("bucket"),
        _sale().alias("fact"),
    )
    return (
        facts.group_by("kind", "location_id", "bucket", maintain_order=True)
        .agg(pl.col("fact").str.join(","))
        .select(
            pl.when(pl.col("kind") == "SALE")
            .then(pl.lit("SaleRecorded"))
            .otherwise(pl.lit("ReturnRecorded"))
            .alias("kind"),
            "location_id",
            pl.format("[{}]", "fact").alias("items"),
        )
    )


def _lines(lines: pl.DataFrame) -> pl.DataFrame:
    fact = _object(
        lineNo=pl.col("line_no").cast(pl.String),
        quantity=number("quantity"),
        unitPrice=number("unit_price"),
        discount=number("discount"),
        tax=number("tax"),
        grossSales=number("gross"),
        netSales=number("net"),
        cost=number("cost"),
        product=pl.col("product_fact"),
    )
    sums = {
        "units": "quantity",
        "gross": "gross",
        "discounted": "discounted",
        "net": "net",
        "tax": "tax",
    }
    return (
        lines.with_columns(fact.alias("fact"))
        .group_by("sale_id", maintain_order=True)
        .agg(
            pl.col("fact").str.join(",").alias("lines"),
            pl.len().alias("count"),
            *(pl.col(column).sum().alias(f"sum_{name}") for name, column in sums.items()),
            pl.when(pl.col("cost").null_count() == 0).then(pl.col("cost").sum()).alias("sum_cost"),
        )
    )


def _sale() -> pl.Expr:
    ship = ("city", "state", "postal_code", "region", "country")
    place = _object(**{_camel(name): text(f"ship_{name}") for name in ship})
    nowhere = pl.all_horizontal(pl.col(f"ship_{name}").is_null() for name in ship)
    sold_at = _quoted(pl.col("sold_at").dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ"))
    sale = _object(
        id=_quoted(pl.col("id")),
        kind=_quoted(pl.col("kind")),
        idempotencyKey=text("idempotency_key"),
        source=pl.lit('"IMPORT"'),
        channel=_quoted(pl.col("channel")),
        saleType=_quoted(pl.col("sale_type")),
        soldAt=sold_at,
        recordedAt=pl.lit(f'"{RECORDED_AT}"'),
        businessDay=_quoted(pl.col("business_day").dt.to_string("%Y-%m-%d")),
        distributor=text("distributor"),
        distributorId=_quoted(pl.col("distributor_id")),
        soldBy=text("sold_by"),
        customerId=_quoted(pl.col("customer_id")),
        segment=text("segment"),
        shipTo=pl.when(nowhere).then(pl.lit("null")).otherwise(place),
        currency=_quoted(pl.col("currency")),
        exchangeRate=number("exchange_rate"),
        returnOf=_quoted(pl.col("return_of")),
        units=number("sum_units"),
        grossSales=number("sum_gross"),
        discount=number("sum_discounted"),
        netSales=number("sum_net"),
        tax=number("sum_tax"),
        cost=number("sum_cost"),
    )
    return _object(
        key=_quoted(pl.col("id")),
        occurredAt=sold_at,
        sale=sale,
        location=pl.col("location_fact"),
        lines=pl.format("[{}]", "lines"),
    )


def _object(**members: pl.Expr) -> pl.Expr:
    pieces: list[pl.Expr] = []
    for n, (name, value) in enumerate(members.items()):
        pieces += [pl.lit(f'{"," if n else "{"}"{name}":'), value]
    return pl.concat_str(*pieces, pl.lit("}"))


def _quoted(plain: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit('"'), plain, pl.lit('"')).fill_null("null")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))
