"""Lines become whole sales: held back until the last line of their order has been seen."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import polars as pl

from backend.imports.rules import Reason
from backend.imports.staging import ROW, Staged
from backend.imports.survey import Survey

_BAD = pl.col("bad_reason")


@dataclass(frozen=True, slots=True)
class Unit:
    """The good lines of whole orders for one unit of work, and those set aside meanwhile."""

    lines: pl.DataFrame
    rejects: pl.DataFrame
    rows: int
    """Rows of the file that are behind it."""
    repeated: int
    """Lines that say exactly what another line of their order says."""


def units(
    staged: Staged, found: Survey, size: int, *, drop_repeated: bool = False
) -> Iterator[Unit]:
    """Yield the orders of a file in units of about `size` lines. An order is never divided."""
    held: list[pl.DataFrame] = []
    ready: list[pl.DataFrame] = []
    for part in staged.read():
        merged = pl.concat([*held, part])
        last = part[ROW][-1] if len(part) else -1
        merged = merged.join(found.scattered, on="order", how="left", maintain_order="left")
        # The order of the last row may go on in the next part.
        open_end = pl.col("order") == part["order"][-1] if len(part) else pl.lit(False)
        if last + 1 >= staged.rows:
            open_end = pl.lit(False)
        waits = (open_end | (pl.col("last") > last)).fill_null(False)
        held = [merged.filter(waits).drop("last")]
        ready.append(merged.filter(~waits).drop("last"))
        if sum(map(len, ready)) >= size:
            yield _unit(pl.concat(ready), found, drop_repeated=drop_repeated)
            ready = []
    rest = pl.concat([*ready, *held]) if ready or held else None
    if rest is not None and len(rest):
        yield _unit(rest, found, drop_repeated=drop_repeated)


def _unit(lines: pl.DataFrame, found: Survey, *, drop_repeated: bool) -> Unit:
    judged = lines.join(found.spoiled, on="order", how="left", maintain_order="left").with_columns(
        pl.col("order").is_in(found.spoiled["order"].implode()).fill_null(False).alias("spoiled")
    )
    withheld = _BAD.is_null() & pl.col("spoiled")
    too_long = withheld & pl.col("culprit").is_null()
    reason = (
        pl.when(too_long)
        .then(pl.lit(Reason.TOO_MANY_LINES.value))
        .when(withheld)
        .then(pl.lit(Reason.SALE_WITHHELD.value))
        .otherwise(_BAD)
    )
    value = pl.when(withheld & ~too_long).then(pl.format("line {}", "culprit"))
    judged = judged.with_columns(
        reason.alias("bad_reason"),
        pl.when(withheld).then(pl.lit("")).otherwise(pl.col("bad_column")).alias("bad_column"),
        value.otherwise(pl.col("bad_value")).alias("bad_value"),
    ).drop("spoiled", "culprit")
    rejects = judged.filter(_BAD.is_not_null())
    good = judged.filter(_BAD.is_null()).drop("bad_reason", "bad_column", "bad_value")
    once = good.unique(pl.selectors.exclude(ROW, "line"), keep="first", maintain_order=True)
    return Unit(
        once if drop_repeated else good,
        rejects.select("line", "bad_column", "bad_value", "bad_reason", "order"),
        len(lines),
        len(good) - len(once),
    )


def lines_of(unit: Unit, orders: Collection[str]) -> pl.DataFrame:
    """Return the lines of a unit that belong to these orders."""
    return unit.lines.filter(pl.col("order").is_in(list(orders)))


def mismatched(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines whose orders were imported before with other lines, as they are set aside."""
    return lines.select(
        "line",
        pl.lit("").alias("bad_column"),
        pl.col("order").alias("bad_value"),
        pl.lit(Reason.IDEMPOTENCY_KEY_MISMATCH.value).alias("bad_reason"),
    )
