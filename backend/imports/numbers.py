"""Columns of text as exact numbers, times and plain texts."""

from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

EXACT: Final = pl.Decimal(38, 4)
_FINE: Final = pl.Decimal(38, 8)
MOST_QUANTITY: Final = 10**9
MOST_MONEY: Final = 10**12
FORMATS: Final = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%#z",
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%Y%m%d",
)
"""Ways to write a time, tried in this order: the first that reads most of a sample is taken."""


def text(column: str) -> pl.Expr:
    """Return a column trimmed, null where nothing is left."""
    plain = pl.col(column).str.strip_chars()
    return pl.when(plain != "").then(plain)


def number(plain: pl.Series, *, comma: bool, most: int) -> pl.Series:
    """Return texts as numbers of four decimals; null where one is none, too fine or out of bounds.

    Noise beyond the eighth decimal, as binary floating point leaves it, is rounded off.
    """
    fine = plain.cast(_FINE, strict=False)
    if comma or fine.null_count() > plain.null_count():
        fine = _bare(plain, comma=comma).cast(_FINE, strict=False)
    exact = fine.cast(EXACT, strict=False)
    kept = (exact == fine) & (exact.abs() <= most)
    return exact.set(~kept, None) if not kept.all() else exact


def _bare(plain: pl.Series, *, comma: bool) -> pl.Series:
    bare = plain.str.replace_all(r"[\s$£€¥_]", "")
    if comma:
        return bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    return bare.str.replace_all(",", "", literal=True)


def moment(plain: pl.Expr, formats: tuple[str, ...]) -> pl.Expr:
    """Return a text as a local time, or as UTC where a format has an offset.

    Null where no format fits.
    """
    reads = [
        plain.str.to_datetime(form, time_unit="us", strict=False, exact=True)
        for form in formats
        if "z" not in form
    ]
    return pl.coalesce(reads) if reads else pl.lit(None, pl.Datetime("us"))


def offset_moment(plain: pl.Expr, formats: tuple[str, ...]) -> pl.Expr:
    """Return a text as UTC by the formats that have an offset; null where none fits."""
    reads = [
        plain.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False, exact=True)
        for form in formats
        if "z" in form
    ]
    return pl.coalesce(reads) if reads else pl.lit(None, pl.Datetime("us", "UTC"))


def is_date_only(form: str) -> bool:
    """Tell whether a format says no time of day."""
    return "%H" not in form


def best_formats(texts: pl.LazyFrame, candidates: tuple[str, ...]) -> tuple[str, ...]:
    """Return the formats that read most of the one column, all equally well.

    Empty when none reads anything.
    """
    plain = pl.col(texts.collect_schema().names()[0])
    reads = [
        (offset_moment if "z" in form else moment)(plain, (form,)).count().alias(form)
        for form in candidates
    ]
    counts = texts.select(reads).collect(engine="streaming").row(0)
    most = max(counts)
    return tuple(form for form, n in zip(candidates, counts, strict=True) if n == most and n)


def to_utc(local: pl.Expr, zone: str) -> pl.Expr:
    """Return a local time in UTC: the first of two equal ones.

    One that the clock skipped moves an hour on.
    """
    first = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    moved = (local + timedelta(hours=1)).dt.replace_time_zone(
        zone, ambiguous="earliest", non_existent="null"
    )
    return pl.coalesce(first, moved).dt.convert_time_zone("UTC")


def latest(now: datetime, ahead: timedelta) -> pl.Expr:
    """Return the last moment accepted."""
    return pl.lit((now + ahead).astimezone(UTC))
