"""How much must have lain there before the first sale of a file. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import polars as pl

from backend.core.numbers import ZERO
from backend.imports.rules import Opening

LevelKey = tuple[UUID, UUID]
"""Location and product."""


@dataclass(frozen=True, slots=True)
class LevelDelta:
    """What the lines of one unit do to one level.

    `early` happened before the ledger of that level began otherwise than by imports, `late` since, or where it never did;
    `lowest` is the lowest point of the running sum of `late`, never above zero.
    """

    key: LevelKey
    early: Decimal
    late: Decimal
    lowest: Decimal
    count: int
    is_kept: bool
    """Whether the ledger of that level is kept otherwise too."""

    def opening(self, on_hand: Decimal, opening: Opening) -> Decimal:
        """Return what must be added before the first sale, `on_hand` being the level now.

        Where a ledger is kept, what lay there when it began is known: history before that may not change it. Elsewhere just
        enough was there that the level never fell below zero.
        """
        if opening is Opening.NONE:
            return ZERO
        if self.is_kept:
            return -self.early
        return max(ZERO, -(on_hand + self.early + self.lowest))


def level_deltas(movements: pl.DataFrame, starts: dict[LevelKey, datetime]) -> list[LevelDelta]:
    """Return what movements do to each level, in key order; `starts` is when ledgers kept otherwise began."""
    known = pl.DataFrame(
        {
            "location_id": [str(location) for location, _ in starts],
            "product_id": [str(product) for _, product in starts],
            "start": list(starts.values()),
        },
        schema={
            "location_id": pl.String,
            "product_id": pl.String,
            "start": pl.Datetime("us", "UTC"),
        },
    )
    key = ["location_id", "product_id"]
    is_early = (pl.col("occurred_at") < pl.col("start")).fill_null(False)
    zero = pl.lit(0).cast(pl.Decimal(38, 4))
    late = pl.when(is_early).then(zero).otherwise(pl.col("quantity"))
    rows = (
        movements.join(known, on=key, how="left")
        .sort("occurred_at", "n")
        .with_columns(late.alias("late"), late.cum_sum().over(key).alias("running"))
        .group_by(key)
        .agg(
            pl.col("quantity").sum() - pl.col("late").sum(),
            pl.col("late").sum(),
            pl.min_horizontal(pl.col("running").min(), zero).alias("lowest"),
            pl.len(),
            pl.col("start").is_not_null().first().alias("is_kept"),
        )
    )
    found = [
        LevelDelta((UUID(location), UUID(product)), early, late, lowest, count, is_kept)
        for location, product, early, late, lowest, count, is_kept in rows.iter_rows()
    ]
    return sorted(found, key=lambda delta: delta.key)
