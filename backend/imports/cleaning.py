"""Rows of text become lines of sales: typed, exact, each with what is wrong with it."""

from datetime import time
from hashlib import blake2b
from typing import Final

import polars as pl

from backend.core.texts import MOST_CODE
from backend.core.times import EARLIEST, MOST_AHEAD
from backend.imports import numbers
from backend.imports.numbers import EXACT, MOST_MONEY, MOST_QUANTITY
from backend.imports.profiles import FIELDS, Profile
from backend.imports.reading import EXTRA, LINE
from backend.imports.rules import Accepted, Reason

SALE: Final = "SALE"
RETURN: Final = "RETURN"
ADJUSTMENT: Final = "ADJUSTMENT"
LONGEST: Final = 200
CONTROLS: Final = r"[\x00-\x1f\x7f]"
NOON: Final = time(12)
COLUMNS: Final = (
    "line",
    "order",
    "kind",
    "sold_at",
    "day",
    "location",
    "channel",
    "sale_type",
    "distributor",
    "sold_by",
    "customer",
    "customer_name",
    "segment",
    "city",
    "state",
    "postal_code",
    "region",
    "country",
    "sku",
    "name",
    "category",
    "subcategory",
    "quantity",
    "unit_price",
    "discounted",
    "tax",
    "unit_cost",
    "gross",
    "net",
    "cost",
    "delta",
    "reason",
    "bad_reason",
    "bad_column",
    "bad_value",
)
_AMOUNTS: Final = ("unit_price", "gross", "net", "discount", "tax", "unit_cost", "cost", "profit")
_SIGNED: Final = ("profit", "net", "gross", "cost", "discount")
_CODES: Final = ("sku", "distributor")
_SHORTENED: Final = ("name", "category", "subcategory", "customer_name")
_CLOSED: Final = {
    "channel": ("ONLINE", "IN_STORE", "MARKETPLACE"),
    "sale_type": ("DIRECT", "TRACE"),
}
_ZERO: Final = pl.lit(0).cast(EXACT)
_BROKEN: Final = "(?i)damag|broke|smash|wet|crush|rust|mou?ld|unsale|destroy|fault|dirty"
_LOST: Final = "(?i)missing|lost|thrown|stolen|theft"


def clean(
    rows: pl.DataFrame, profile: Profile, zones: dict[str, str], accepted: Accepted
) -> pl.DataFrame:
    """Return one line per row that holds anything, in order.

    `bad_reason`, `bad_column` and `bad_value` say what is wrong with a line, null where nothing is.
    `kind` is SALE, RETURN or ADJUSTMENT; `quantity` is positive, `delta` what it does to the shelf
    (null: nothing). Amounts are in the file's currency. `zones` is the time zone of each location
    by code.
    """
    said = _said(rows, profile)
    judged = (
        said.with_columns(_numbers(said, profile))
        .with_columns(_read(profile))
        .with_columns(_sold_at(profile, zones))
    )
    return (
        judged.with_columns(_wrong(judged, profile, zones, accepted))
        .with_columns(_kind(profile))
        .with_columns(_gross())
        .with_columns(_sums())
        .with_columns(_movement(profile))
        .with_columns(_too_much(profile))
        .select(*COLUMNS)
    )


def _too_much(profile: Profile) -> list[pl.Expr]:
    """Mark lines whose discount exceeds them, or whose sums are out of bounds."""
    wrong = pl.col("bad_reason").is_null() & (
        (pl.col("net") < 0) | (pl.col("gross") > MOST_MONEY) | (pl.col("cost").abs() > MOST_MONEY)
    )
    named = "discount" if "discount" in profile.columns else "quantity"
    said = {
        "bad_reason": pl.lit(Reason.INVALID_AMOUNT.value),
        "bad_column": pl.lit(profile.columns.get(named, named)),
        "bad_value": pl.col(f"t_{named}").str.slice(0, LONGEST),
    }
    return [
        pl.when(wrong).then(value).otherwise(pl.col(name)).alias(name)
        for name, value in said.items()
    ]


def _said(rows: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Return what the file says of each field, trimmed; `t_` marks what still is text."""
    columns = list(dict.fromkeys(profile.columns.values()))
    kept = rows.select(LINE, EXTRA, *map(numbers.text, columns))
    kept = kept.filter(pl.any_horizontal(pl.col(columns).is_not_null()))
    said = kept.select(
        pl.col(LINE).alias("line"),
        pl.col(EXTRA).alias("t_extra"),
        *(_field(name, profile).alias(f"t_{name}") for name in FIELDS),
    )
    if "order" in profile.columns:
        return said
    # Rows without an order are known by what they say: equal ones are lines of one sale, none is
    # lost.
    whole = pl.concat_str(pl.col(columns).fill_null(""), separator="\x1f")
    texts = kept.select(whole.alias("whole"))["whole"]
    digests = [blake2b(text.encode(), digest_size=16).hexdigest() for text in texts]
    return said.with_columns(pl.Series("t_order", digests, pl.String))


def _numbers(said: pl.DataFrame, profile: Profile) -> list[pl.Series]:
    def read(field: str, name: str, most: int) -> pl.Series:
        texts = said[f"t_{field}"]
        return numbers.number(texts, comma=profile.decimal_comma, most=most).alias(name)

    return [
        read("quantity", "signed", MOST_QUANTITY),
        read("discount_rate", "discount_rate", 1),
        *(read(name, f"a_{name}", MOST_MONEY) for name in _AMOUNTS),
    ]


def _field(name: str, profile: Profile) -> pl.Expr:
    if name not in profile.columns:
        return pl.lit(profile.constants.get(name), pl.String)
    column = pl.col(profile.columns[name])
    if name in profile.values:
        column = column.replace(dict(profile.values[name]))
    return column.fill_null(profile.constants[name]) if name in profile.constants else column


def _read(profile: Profile) -> list[pl.Expr]:
    sku = pl.col("t_sku").str.to_uppercase() if profile.upper_sku else pl.col("t_sku")
    order = pl.col("t_order")
    if "location" in profile.columns:  # each location counts its orders by itself
        order = pl.concat_str(pl.col("t_location"), order, separator="/")
    plain = ("name", "category", "subcategory", "segment", "city", "state", "region")
    moment = pl.col("t_sold_at")
    if "time" in profile.columns:
        moment = pl.concat_str(moment, pl.col("t_time"), separator=" ")
    return [
        order.alias("order"),
        sku.alias("sku"),
        *(pl.col(f"t_{name}").alias(name) for name in plain),
        *(
            pl.col(f"t_{name}").alias(name)
            for name in ("country", "distributor", "sold_by", "location", "customer_name")
        ),
        _postal_code(profile).alias("postal_code"),
        # References that are numbers pass through floating point in many an export.
        pl.col("t_customer").str.replace(r"^(\d+)\.0$", "$1").alias("customer"),
        pl.col("t_channel").fill_null("ONLINE").str.to_uppercase().alias("channel"),
        pl.col("t_sale_type").fill_null("DIRECT").str.to_uppercase().alias("sale_type"),
        numbers.moment(moment, profile.time_formats).alias("local"),
        numbers.offset_moment(moment, profile.time_formats).alias("exact_at"),
    ]


def _postal_code(profile: Profile) -> pl.Expr:
    code = pl.col("t_postal_code").str.replace(r"^(\d+)\.0$", "$1")
    for country, digits in profile.postal_digits.items():
        lost = (pl.col("t_country") == country) & code.str.contains(r"^\d+$")
        code = pl.when(lost).then(code.str.zfill(digits)).otherwise(code)
    return code


def _sold_at(profile: Profile, zones: dict[str, str]) -> list[pl.Expr]:
    """Return when it was sold, and on which local day.

    A date alone stands for noon: the day stays what the file says.
    """
    local = pl.col("local")
    if profile.time_formats and all(map(numbers.is_date_only, profile.time_formats)):
        local = local.dt.combine(NOON) if "time" not in profile.columns else local
    sold_at, day = pl.lit(None, pl.Datetime("us", "UTC")), pl.lit(None, pl.Date)
    for zone in sorted(set(zones.values())):
        here = pl.col("location").is_in([code for code, own in zones.items() if own == zone])
        exact = pl.col("exact_at")
        moment = pl.coalesce(exact, numbers.to_utc(local, zone))
        own_day = pl.coalesce(exact.dt.convert_time_zone(zone).dt.date(), local.dt.date())
        sold_at = pl.when(here).then(moment).otherwise(sold_at)
        day = pl.when(here).then(own_day).otherwise(day)
    return [sold_at.alias("sold_at"), day.alias("day")]


def _wrong(
    lines: pl.DataFrame, profile: Profile, zones: dict[str, str], accepted: Accepted
) -> list[pl.Expr]:
    """Return the first thing that is wrong with each line: its column, value and reason."""
    checks = _checks(profile, zones, accepted)
    fails = lines.select(pl.any_horizontal(check for _, check, _ in checks).any()).item()
    if not fails:
        return [
            pl.lit(None, pl.String).alias(f"bad_{one}") for one in ("reason", "column", "value")
        ]
    reason, column, value = (pl.lit(None, pl.String) for _ in range(3))
    for name, fails, code in reversed(checks):
        reason = pl.when(fails).then(pl.lit(code.value)).otherwise(reason)
        column = pl.when(fails).then(pl.lit(profile.columns.get(name, name))).otherwise(column)
        value = pl.when(fails).then(pl.col(f"t_{name}").str.slice(0, LONGEST)).otherwise(value)
    return [reason.alias("bad_reason"), column.alias("bad_column"), value.alias("bad_value")]


def _checks(
    profile: Profile, zones: dict[str, str], accepted: Accepted
) -> list[tuple[str, pl.Expr, Reason]]:
    checks: list[tuple[str, pl.Expr, Reason]] = [
        ("sku", pl.col("sku").is_in(sorted(profile.not_sales)), Reason.NOT_A_SALE),
        ("extra", pl.col("t_extra").is_not_null(), Reason.TOO_MANY_FIELDS),
    ]
    needed = [name for name in ("order", "sold_at", "sku") if name in profile.columns]
    checks += [(name, pl.col(f"t_{name}").is_null(), Reason.MISSING_VALUE) for name in needed]
    checks += [("quantity", pl.col("t_quantity").is_null(), Reason.MISSING_VALUE)]
    checks += [("location", ~pl.col("location").is_in(list(zones)), Reason.UNKNOWN_LOCATION)]
    checks += [
        ("sold_at", pl.col("local").is_null() & pl.col("exact_at").is_null(), Reason.INVALID_TIME)
    ]
    sold_at = pl.col("sold_at")
    checks += [("sold_at", sold_at.is_null() | (sold_at < EARLIEST), Reason.INVALID_TIME)]
    latest = numbers.latest(accepted.now, MOST_AHEAD)
    checks += [("sold_at", sold_at > latest, Reason.IN_FUTURE)]
    if accepted.kept_from is not None:
        checks += [("sold_at", pl.col("day") < accepted.kept_from, Reason.TOO_OLD)]
    bad_quantity = pl.col("signed").is_null() | (pl.col("signed") == 0)
    checks += [("quantity", bad_quantity, Reason.INVALID_QUANTITY)]
    checks += _wrong_amounts(profile)
    checks += [
        (name, ~pl.col(name).is_in(list(allowed)), Reason.INVALID_VALUE)
        for name, allowed in _CLOSED.items()
    ]
    checks += [
        (name, pl.col(f"t_{name}").str.len_chars() > most, Reason.TOO_LONG)
        for name in profile.columns
        if (most := MOST_CODE if name in _CODES else LONGEST) and name not in _SHORTENED
    ]
    return [*checks, ("sku", pl.col("sku").str.contains(CONTROLS), Reason.INVALID_VALUE)]


def _wrong_amounts(profile: Profile) -> list[tuple[str, pl.Expr, Reason]]:
    checks: list[tuple[str, pl.Expr, Reason]] = []
    priced = [name for name in ("unit_price", "net", "gross") if name in profile.columns]
    if priced:
        nothing = pl.all_horizontal(pl.col(f"t_{name}").is_null() for name in priced)
        checks.append((priced[0], nothing, Reason.MISSING_VALUE))
    for name in _AMOUNTS:
        if name in profile.columns or name in profile.constants:
            value = pl.col(f"a_{name}")
            fails = pl.col(f"t_{name}").is_not_null() & value.is_null()
            if name not in _SIGNED:
                fails |= value < 0
            checks.append((name, fails, Reason.INVALID_AMOUNT))
    rate = pl.col("discount_rate")
    unreadable = pl.col("t_discount_rate").is_not_null() & (rate.is_null() | (rate < 0))
    return [*checks, ("discount_rate", unreadable, Reason.INVALID_AMOUNT)]


def _kind(profile: Profile) -> list[pl.Expr]:
    back = pl.col("signed") < 0
    if profile.cancelled_prefix:
        back |= pl.col("t_order").fill_null("").str.starts_with(profile.cancelled_prefix)
    kind = pl.when(back).then(pl.lit(RETURN)).otherwise(pl.lit(SALE))
    if profile.free_is_adjustment:
        free = (pl.col("a_unit_price") == 0) & (
            pl.col("customer").is_null() | (pl.col("signed") < 0)
        )
        kind = pl.when(free).then(pl.lit(ADJUSTMENT)).otherwise(kind)
    return [kind.alias("kind"), pl.col("signed").abs().replace(0, None).alias("quantity")]


def _gross() -> list[pl.Expr]:
    """Return the line before its discount.

    What the file says is kept; what it leaves out is computed once, to four decimals.
    """
    quantity, price = pl.col("quantity"), pl.col("a_unit_price")
    net, rate, discount = pl.col("a_net").abs(), pl.col("discount_rate"), pl.col("a_discount").abs()
    rest = pl.when(rate < 1).then(pl.lit(1).cast(EXACT) - rate)
    computed = pl.coalesce(quantity * price, net + discount, net / rest, net)
    # A net above price × quantity holds more than the goods: the line counts with what was paid.
    return [pl.max_horizontal(pl.coalesce(pl.col("a_gross").abs(), computed), net).alias("gross")]


def _sums() -> list[pl.Expr]:
    gross, quantity = pl.col("gross"), pl.col("quantity")
    off = pl.coalesce(pl.col("a_discount").abs(), gross * pl.col("discount_rate"), _ZERO)
    net = pl.coalesce(pl.col("a_net").abs(), gross - off)
    back = pl.when(pl.col("kind") == RETURN).then(pl.lit(-1)).otherwise(pl.lit(1)).cast(EXACT)
    # The profit of a line that came back is a loss of as much: cost comes out positive either way.
    profit = pl.col("a_profit")
    profit = pl.when(pl.col("a_net") < 0).then(profit * back).otherwise(profit)
    cost = pl.coalesce(pl.col("a_cost").abs(), pl.col("a_unit_cost") * quantity, net - profit)
    return [
        net.alias("net"),
        (gross - net).alias("discounted"),
        pl.coalesce(pl.col("a_unit_price"), gross / quantity).alias("unit_price"),
        pl.coalesce(pl.col("a_tax"), _ZERO).alias("tax"),
        cost.alias("cost"),
        pl.coalesce(pl.col("a_unit_cost"), cost / quantity).alias("unit_cost"),
    ]


def _movement(profile: Profile) -> list[pl.Expr]:
    """Return what a line does to the shelf, and why.

    Services and what a distributor sold lie on none of our shelves.
    """
    kind, signed, quantity = pl.col("kind"), pl.col("signed"), pl.col("quantity")
    on_shelf = ~pl.col("sku").is_in(sorted(profile.services)) & (pl.col("sale_type") == "DIRECT")
    delta = (
        pl.when(kind == ADJUSTMENT).then(signed).when(kind == RETURN).then(quantity)
    ).otherwise(-quantity)
    left = (kind == ADJUSTMENT) & (signed < 0)
    said = pl.when(left).then(pl.col("name").fill_null(""))
    reason = (
        pl.when(left & said.str.contains(_BROKEN))
        .then(pl.lit("DAMAGED"))
        .when(left & said.str.contains(_LOST))
        .then(pl.lit("SHRINKAGE"))
        .when(kind == ADJUSTMENT)
        .then(pl.lit("CORRECTION"))
        .otherwise(kind)
    )
    return [pl.when(on_shelf).then(delta).alias("delta"), reason.alias("reason")]
