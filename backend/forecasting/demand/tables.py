"""Tables of demand: `date, location, product, units[, promo, price, open]`, as text."""

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from backend.forecasting.errors import InvalidDemand
from backend.imports.numbers import text
from backend.imports.reading import EXTRA, LINE, Source, open_source, readable

REQUIRED: Final = ("date", "location", "product", "units")
OPTIONAL: Final = ("promo", "price", "open")
_NUMBERS: Final = ("units", *OPTIONAL)
_AT_ONCE: Final = 500_000
_TRUE: Final = ("true", "yes", "y", "x", "t", "on", "open")
_FALSE: Final = ("false", "no", "n", "f", "off", "closed")
_MOST: Final = 1e9
_DATES: Final = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y",
    "%m-%d-%Y", "%d %b %Y", "%b %d, %Y", "%d-%b-%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%y",
)  # fmt: skip
"""Ways to write a date, tried in this order: the first that reads most of them is taken."""
_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 1, 1)
_TIME: Final = r"[T ]+\d{1,2}:\d{2}.*$"
_UNKNOWN: Final = ("na", "n/a", "nan", "null", "none")
"""Words that programs write where there is no number."""


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
        form = _date_format(source.texts([columns["date"]]))
        parts = [_typed(batch, columns, form) for batch in source.batches(_AT_ONCE)]
    rows = pl.concat(parts)
    if rows.is_empty():
        raise InvalidDemand("the table has no rows", field=["file"])
    return _one_each(rows)


def _columns(source: Source) -> dict[str, str]:
    """Return the file's name of each column we know."""
    known = {name.strip().lower(): name for name in reversed(source.columns) if name != EXTRA}
    names = [
        name.strip().lower().removesuffix(f" ({n})") for n, name in enumerate(source.columns, 1)
    ]
    twice = [name for name in (*REQUIRED, *OPTIONAL) if names.count(name) > 1]
    if twice:
        raise InvalidDemand(f"the table has more than one {twice[0]}", field=[twice[0]])
    lacking = [name for name in REQUIRED if name not in known]
    if lacking:
        raise InvalidDemand(
            f"the table lacks {', '.join(lacking)}; it has {', '.join(source.columns)}",
            field=[lacking[0]],
        )
    return {name: known[name] for name in (*REQUIRED, *OPTIONAL) if name in known}


def _date_format(texts: pl.LazyFrame) -> str:
    """Return the format that reads most of the one column."""
    column = texts.collect_schema().names()[0]
    reads = [_date(column, form).count().alias(form) for form in _DATES]
    with readable():
        counts = texts.select(reads).collect(engine="streaming").row(0)
    return _DATES[counts.index(max(counts))]


def _date(name: str, form: str) -> pl.Expr:
    """Read a date, without the time of day if it has one; null where no sale can be so old."""
    day = pl.col(name).str.strip_chars().str.replace(_TIME, "").str.to_date(form, strict=False)
    return pl.when(day.is_between(_EARLIEST, _LATEST)).then(day)


def _typed(batch: pl.DataFrame, columns: dict[str, str], form: str) -> pl.DataFrame:
    longer = batch.filter(pl.col(EXTRA).is_not_null()).head(1)
    if len(longer):
        line, value = longer[LINE].item(), longer[EXTRA].item()
        said = f"line {line} goes on with {value!r}, which no column of the header names"
        raise InvalidDemand(said, field=["file"], value=value, line=line)
    plain = batch.select(
        pl.col(LINE), *(_said(name, column).alias(name) for name, column in columns.items())
    ).filter(~pl.all_horizontal(pl.exclude(LINE).is_null()))
    example = date(2023, 12, 31).strftime(form)
    typed = [
        _checked(plain, "date", _date("date", form), f"is no date from 1900 on, as {example}"),
        *(_checked(plain, name, pl.col(name), "is missing") for name in ("location", "product")),
        _checked(
            plain, "units", _number("units"), f"is no number up to {_MOST:,.0f}", may_lack=True
        ),
    ]
    for name, read, wrong in _OPTIONAL_COLUMNS:
        if name in columns:
            typed.append(_checked(plain, name, read(name), wrong, may_lack=True))
    return pl.DataFrame(typed)


def _said(name: str, column: str) -> pl.Expr:
    """Return a column trimmed; null where it says that there is no number."""
    said = text(column)
    if name not in _NUMBERS:
        return said
    return pl.when(~said.str.to_lowercase().is_in(_UNKNOWN)).then(said)


def _number(name: str) -> pl.Expr:
    """Read a number; the last mark is the decimal one, where it stands there once."""
    plain = pl.col(name).str.replace_all(r"[\s_$€£¥']", "")
    with_comma = plain.str.contains(r"^[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+$")
    dotted = plain.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    in_threes = plain.str.contains(r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$")
    bare = plain.str.replace_all(",", "", literal=True)
    plain = pl.when(with_comma).then(dotted).when(in_threes).then(bare).otherwise(plain)
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
