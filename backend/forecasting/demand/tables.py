"""Tables of demand: `date, location, product, units[, promo, price, open]`, as text."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import polars as pl

from backend.forecasting.errors import InvalidDemand
from backend.imports.numbers import FORMATS, best_formats, moment, text
from backend.imports.reading import EXTRA, LINE, Source, open_source

REQUIRED: Final = ("date", "location", "product", "units")
OPTIONAL: Final = ("promo", "price", "open")
_AT_ONCE: Final = 500_000
_TRUE: Final = ("true", "yes", "y", "x")
_FALSE: Final = ("false", "no", "n")
_MOST: Final = 1e9
_DATES: Final = tuple(form for form in FORMATS if "z" not in form)


def read_demand(path: Path) -> pl.DataFrame:
    """Return a file's rows with a date, names of location and product, and numbers.

    Null `units` are not known yet: such a row only says what is planned. Several rows of one date,
    location and product are one: units add up.

    Raises:
        UnreadableFile: not there, empty, or not a table.
        InvalidDemand: a column is lacking, or a row has a value that cannot be.
    """
    with tempfile.TemporaryDirectory(prefix="shelfcast-demand-") as folder:
        source = open_source(path, Path(folder))
        columns = _columns(source)
        formats = best_formats(source.texts([columns["date"]]), _DATES) or _DATES
        parts = [_typed(batch, columns, formats) for batch in source.batches(_AT_ONCE)]
    rows = pl.concat(parts)
    if rows.is_empty():
        raise InvalidDemand("the table has no rows", field=["file"])
    return _one_each(rows)


def _columns(source: Source) -> dict[str, str]:
    """Return the file's name of each column we know."""
    known = {name.strip().lower(): name for name in reversed(source.columns) if name != EXTRA}
    lacking = [name for name in REQUIRED if name not in known]
    if lacking:
        raise InvalidDemand(
            f"the table lacks {', '.join(lacking)}; it has {', '.join(source.columns)}",
            field=[lacking[0]],
        )
    return {name: known[name] for name in (*REQUIRED, *OPTIONAL) if name in known}


def _typed(batch: pl.DataFrame, columns: dict[str, str], formats: tuple[str, ...]) -> pl.DataFrame:
    plain = batch.select(
        pl.col(LINE), *(text(column).alias(name) for name, column in columns.items())
    ).filter(~pl.all_horizontal(pl.exclude(LINE).is_null()))
    typed = [
        _checked(plain, "date", moment(pl.col("date"), formats[:1]).dt.date(), "is no date"),
        *(_checked(plain, name, pl.col(name), "is missing") for name in ("location", "product")),
        _checked(plain, "units", _number("units"), "is no number", may_lack=True),
    ]
    for name, read, wrong in _OPTIONAL_COLUMNS:
        if name in columns:
            typed.append(_checked(plain, name, read(name), wrong, may_lack=True))
    return pl.DataFrame(typed)


def _number(name: str) -> pl.Expr:
    """Read a number; a comma is the decimal mark where it is the only mark."""
    plain = pl.col(name).str.replace_all(r"[\s_]", "")
    comma = plain.str.contains(r"^[+-]?\d+,\d+$")
    plain = pl.when(comma).then(plain.str.replace(",", ".", literal=True)).otherwise(plain)
    value = plain.cast(pl.Float64, strict=False)
    return pl.when(value.abs() <= _MOST).then(value)


def _price(name: str) -> pl.Expr:
    value = _number(name)
    return pl.when(value >= 0).then(value)


def _strength(name: str) -> pl.Expr:
    word = pl.col(name).str.to_lowercase()
    value = _number(name)
    return (
        pl.when(word.is_in(_TRUE)).then(1.0).when(word.is_in(_FALSE)).then(0.0)
        .when(value >= 0).then(value)
    )  # fmt: skip


def _share(name: str) -> pl.Expr:
    value = _strength(name)
    return pl.when(value <= 1).then(value)


_OPTIONAL_COLUMNS: Final[tuple[tuple[str, Callable[[str], pl.Expr], str], ...]] = (
    ("promo", _strength, "is neither yes, no nor how strong it is"),
    ("price", _price, "is no price"),
    ("open", _share, "is neither yes, no nor a share of the period"),
)


def _checked(
    plain: pl.DataFrame, name: str, read: pl.Expr, wrong: str, *, may_lack: bool = False
) -> pl.Series:
    """Return a column as it is read.

    Raises:
        InvalidDemand: a value could not be read, or is lacking though it may not.
    """
    column = plain.select(read.alias(name))[name]
    lacks = column.is_null() & plain[name].is_not_null() if may_lack else column.is_null()
    bad = plain.filter(lacks).head(1)
    if len(bad):
        line, value = bad[LINE].item(), bad[name].item()
        said = f"{name} {'' if value is None else repr(value) + ' '}{wrong}"
        raise InvalidDemand(f"line {line}: {said}", field=[name], value=value, line=line)
    return column


def _one_each(rows: pl.DataFrame) -> pl.DataFrame:
    """Add up rows of one date, location and product."""
    known = pl.col("units").is_not_null().any()
    merged = {
        "promo": pl.col("promo").max(),
        "price": pl.col("price").mean(),
        "open": pl.col("open").max(),
    }
    return (
        rows.group_by("location", "product", "date")
        .agg(
            pl.when(known).then(pl.col("units").sum()).alias("units"),
            *(merged[name] for name in OPTIONAL if name in rows.columns),
        )
        .sort("location", "product", "date")
    )
