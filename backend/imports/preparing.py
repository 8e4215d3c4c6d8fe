"""Whole orders of a file become rows to copy, levels to move and facts to tell.

All but what the database must say.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Final
from uuid import UUID

import msgspec
import polars as pl

from backend.catalogue.rules import ProductRef
from backend.core.ids import key_digest, new_id
from backend.customers.rules import CustomerRef
from backend.imports import facts
from backend.imports.cleaning import ADJUSTMENT
from backend.imports.numbers import EXACT
from backend.imports.openings import LevelDelta, LevelKey, level_deltas
from backend.imports.orders import Unit
from backend.imports.statements import ADJUSTMENT_COLUMNS, COPIED_LINE_COLUMNS, SALE_COLUMNS
from backend.infra.effects import Claim
from backend.locations.rules import LocationRef

_JSON: Final = msgspec.json.Encoder(decimal_format="string")
_CONTENT: Final = ("sku", "kind", "quantity", "gross", "net", "tax", "cost", "sold_at", "location")


@dataclass(slots=True)
class Names:
    """What the names in a file stand for, and the state that passes from unit to unit.

    `originals` maps a returned order to the sale's order, `made` the orders wanted there to the
    sale's id.
    """

    source: str
    products: dict[str, ProductRef]
    customers: dict[str, CustomerRef]
    locations: dict[str, LocationRef]
    distributors: dict[str, UUID]
    currency: str
    rate: Decimal
    originals: dict[str, str]
    starts: dict[LevelKey, datetime]
    made: dict[str, UUID] = field(default_factory=dict[str, UUID])

    def key(self, order: str) -> str:
        """Return the key under which an order takes effect."""
        return f"{self.source}/{order}"


@dataclass(frozen=True, slots=True)
class Prepared:
    """One unit, ready to be written.

    CSV to copy, what moves, what is told, and how much of each.
    """

    sales: bytes
    lines: bytes
    adjustments: bytes
    levels: list[LevelDelta]
    entries: pl.DataFrame
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A unit with the keys of its orders.

    `write` prepares it for the orders that are new, None: for all.
    """

    unit: Unit
    claims: dict[str, Claim]
    prepared: Prepared
    prepare: Callable[[Set[str]], Prepared]


def prepare(unit: Unit, names: Names, frames: "Frames") -> Claimed:
    """Prepare a unit as if its orders were all new, which only claiming their keys will tell."""
    claims = {
        order: Claim(names.key(order), content, new_id())
        for order, content in _contents(unit.lines).items()
    }
    wanted = set(names.originals.values())
    for order in claims.keys() & wanted:
        names.made.setdefault(order, claims[order].effect_id)

    def of(orders: Set[str] | None) -> Prepared:
        lines = unit.lines
        if orders is not None:
            lines = lines.filter(pl.col("order").is_in(list(orders)))
        return _prepared(lines, claims, names, frames)

    return Claimed(unit, claims, of(None), of)


def _contents(lines: pl.DataFrame) -> dict[str, bytes]:
    """Return a digest per order of what its lines say."""
    said = lines.select(
        "order",
        pl.concat_str(
            (pl.col(name).cast(pl.String).fill_null("") for name in _CONTENT), separator="\x1f"
        ).alias("said"),
    )
    whole = said.group_by("order", maintain_order=True).agg(pl.col("said").sort().str.join("\x1e"))
    return {
        order: blake2b(text.encode(), digest_size=16).digest() for order, text in whole.iter_rows()
    }


@dataclass(frozen=True, slots=True)
class Frames:
    """The names as tables, to be joined."""

    products: pl.DataFrame
    customers: pl.DataFrame
    locations: pl.DataFrame
    distributors: pl.DataFrame

    @classmethod
    def of(cls, names: Names) -> "Frames":
        """Return the tables of names."""
        products, places = names.products.values(), names.locations.values()
        return cls(
            products=_frame(
                sku=names.products,
                product_id=[str(one.id) for one in products],
                product_fact=[_JSON.encode(one.fact()).decode() for one in products],
            ),
            customers=_frame(
                customer=names.customers,
                customer_id=[str(one.id) for one in names.customers.values()],
            ),
            locations=_frame(
                location=names.locations,
                location_id=[str(one.id) for one in places],
                location_fact=[_JSON.encode(one.fact()).decode() for one in places],
            ),
            distributors=_frame(
                distributor=names.distributors,
                distributor_id=[str(one) for one in names.distributors.values()],
            ),
        )


def _frame(**columns: object) -> pl.DataFrame:
    return pl.DataFrame(
        {name: list(values) for name, values in columns.items()},  # pyright: ignore[reportArgumentType]
        schema=dict.fromkeys(columns, pl.String()),
    )


def _prepared(
    lines: pl.DataFrame, claims: dict[str, Claim], names: Names, frames: Frames
) -> Prepared:
    named = (
        lines.join(frames.products, on="sku", maintain_order="left")
        .join(frames.locations, on="location", maintain_order="left")
        .join(_documents(lines, claims), on=["order", "kind"], how="left", maintain_order="left")
        .with_columns(pl.col("sold_at").min().over("order", "kind"), *_in_own_currency(names.rate))
    )
    sold = named.filter(pl.col("kind") != ADJUSTMENT).with_columns(
        pl.int_range(1, pl.len() + 1).over("id").alias("line_no"),
        pl.col("id").alias("sale_id"),
        pl.col("discounted").alias("discount"),
        pl.col("delta").is_not_null().alias("moves"),
        pl.col("day").min().over("id").alias("business_day"),
    )
    sold = sold.with_columns(pl.col("own_gross").alias("gross"), pl.col("own_net").alias("net"))
    sold = sold.with_columns(
        pl.col("own_discounted").alias("discounted"), pl.col("own_cost").alias("cost")
    )
    sales = _sales(sold, names, frames)
    moved = _movements(named)
    return Prepared(
        sales=_csv(sales, SALE_COLUMNS),
        lines=_csv(sold, COPIED_LINE_COLUMNS),
        adjustments=_csv(moved.filter(pl.col("kind") == ADJUSTMENT), ADJUSTMENT_COLUMNS),
        levels=level_deltas(moved, names.starts),
        entries=facts.entries(sales, sold),
        counts={
            "sales": int((sales["kind"] == "SALE").sum()),
            "returns": int((sales["kind"] == "RETURN").sum()),
            "lines": len(sold),
            "adjustments": len(named) - len(sold),
            "movements": len(moved),
        },
    )


def _documents(lines: pl.DataFrame, claims: dict[str, Claim]) -> pl.DataFrame:
    """Give every order a sale, a return or both.

    The effect of its key is the sale, where it has none the return.
    """
    sold = lines.filter(pl.col("kind") != ADJUSTMENT).select("order", "kind")
    pairs = sold.unique(maintain_order=True).sort("kind", descending=True)  # SALE before RETURN
    seen: set[str] = set()
    ids: list[str] = []
    for order in pairs["order"]:
        ids.append(str(new_id() if order in seen else claims[order].effect_id))
        seen.add(order)
    return pairs.with_columns(pl.Series("id", ids, pl.String))


def _in_own_currency(rate: Decimal) -> list[pl.Expr]:
    def own(name: str) -> pl.Expr:
        if rate == 1:
            return pl.col(name)
        return (pl.col(name).cast(pl.Decimal(38, 10)) * pl.lit(rate).cast(pl.Decimal(38, 10))).cast(
            EXACT
        )

    gross, discounted = own("gross"), own("discounted")
    return [
        gross.alias("own_gross"),
        discounted.alias("own_discounted"),
        (gross - discounted).alias("own_net"),
        own("cost").alias("own_cost"),
    ]


def _sales(sold: pl.DataFrame, names: Names, frames: Frames) -> pl.DataFrame:
    places = ("city", "state", "postal_code", "region", "country")
    first = ("order", "kind", "location", "location_id", "location_fact", "channel", "sale_type")
    more = ("distributor", "sold_by", "customer", "segment", *places)
    originals = pl.Series(
        "return_of",
        [None if one is None else str(one) for one in _originals(sold, names).values()],
        pl.String,
    )
    back = pl.DataFrame(
        {"order": list(_originals(sold, names)), "return_of": originals},
        schema={"order": pl.String, "return_of": pl.String},
    )
    return (
        sold.group_by("id", maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in (*first, *more)),
            pl.col("sold_at").min(),
            pl.col("day").min().alias("business_day"),
        )
        .join(frames.customers, on="customer", how="left", maintain_order="left")
        .join(frames.distributors, on="distributor", how="left", maintain_order="left")
        .join(back, on="order", how="left", maintain_order="left")
        .with_columns(
            pl.col("order").alias("idempotency_key"),
            pl.when(pl.col("kind") == "RETURN").then(pl.col("return_of")),
            pl.lit(names.currency).alias("currency"),
            pl.lit(str(names.rate)).alias("exchange_rate"),
        )
        .rename({name: f"ship_{name}" for name in places})
        .sort("sold_at", maintain_order=True)
    )


def _originals(sold: pl.DataFrame, names: Names) -> dict[str, UUID | None]:
    orders = sold.filter(pl.col("kind") == "RETURN")["order"].unique(maintain_order=True)
    return {
        order: names.made.get(names.originals[order])
        for order in orders
        if order in names.originals
    }


def _movements(named: pl.DataFrame) -> pl.DataFrame:
    return named.filter(pl.col("delta").is_not_null()).select(
        "kind",
        "location_id",
        "product_id",
        pl.col("delta").alias("quantity"),
        "reason",
        pl.format("import:{}", "order").alias("reference"),
        pl.col("sold_at").alias("occurred_at"),
    )


def _csv(frame: pl.DataFrame, columns: tuple[str, ...]) -> bytes:
    return frame.select(columns).write_csv(include_header=False).encode()


def digests(names: Names) -> dict[bytes, str]:
    """Return the digest of the key of each sale that a return of the file belongs to."""
    return {key_digest(names.key(order)): order for order in set(names.originals.values())}
