"""What must have lain there before a file's first sale, and what its lines do to each level."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

import polars as pl

LevelKey = tuple[UUID, UUID]
"""Location and product."""
_EXACT: Final = pl.Decimal(38, 4)


@dataclass(frozen=True, slots=True)
class LevelDelta:
    """What the lines of one unit do to one level: their sum and number.

    `early` is the part of the sum that happened before a ledger was kept there otherwise than by
    imports. What lay there at that moment is known, so it may not change with what is learnt of the
    time before: as much is added in front of it.
    """

    key: LevelKey
    quantity: Decimal
    early: Decimal
    count: int


def level_deltas(movements: pl.DataFrame, starts: dict[LevelKey, datetime]) -> list[LevelDelta]:
    """Return what movements do to each level, in key order.

    `starts` is when ledgers kept otherwise began.
    """
    key = ["location_id", "product_id"]
    known = pl.DataFrame(
        {
            "location_id": [str(location) for location, _ in starts],
            "product_id": [str(product) for _, product in starts],
            "start": list(starts.values()),
        },
        schema={**dict.fromkeys(key, pl.String()), "start": pl.Datetime("us", "UTC")},
    )
    early = (pl.col("occurred_at") < pl.col("start")).fill_null(value=False)
    rows = (
        movements.join(known, on=key, how="left")
        .group_by(key)
        .agg(
            pl.col("quantity").sum(),
            pl.col("quantity").filter(early).sum().alias("early"),
            pl.len(),
        )
    )
    found = [
        LevelDelta((UUID(location), UUID(product)), quantity, before, count)
        for location, product, quantity, before, count in rows.iter_rows()
    ]
    return sorted(found, key=lambda delta: delta.key)


def lowest(parts: Iterator[pl.DataFrame], without: pl.Series) -> pl.DataFrame:
    """Return the lowest point of each location and SKU in the order of the file, where below zero.

    Orders in `without` do not count: they were imported before, or are set aside.
    """
    key = ["location", "sku"]
    zero = pl.lit(0).cast(_EXACT)
    whole = pl.DataFrame(
        schema={**dict.fromkeys(key, pl.String()), "sum": _EXACT, "lowest": _EXACT}
    )
    excluded = pl.DataFrame({"order": without})
    for part in parts:
        here = (
            part.filter(pl.col("bad_reason").is_null() & pl.col("delta").is_not_null())
            .join(excluded, on="order", how="anti", maintain_order="left")
            .group_by(key)
            .agg(pl.col("delta").sum(), pl.col("delta").cum_sum().min().alias("low"))
        )
        before = pl.col("sum").fill_null(zero)
        whole = whole.join(here, on=key, how="full", coalesce=True).select(
            *key,
            (before + pl.col("delta").fill_null(zero)).alias("sum"),
            pl.min_horizontal(
                pl.col("lowest").fill_null(zero), before + pl.col("low").fill_null(zero)
            ).alias("lowest"),
        )
    return whole.filter(pl.col("lowest") < 0).select(*key, "lowest")
