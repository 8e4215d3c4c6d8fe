"""Products, distributors and promotions as sent, and what of it can be taken.

In a draft UNSET leaves a field as it is and None clears it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from backend.catalogue.errors import (
    DuplicateGtin,
    InvalidPeriod,
    InvalidRate,
    InvalidSku,
    TooManyGtins,
)
from backend.catalogue.rules import Packaging, Price, ProductStatus
from backend.core.attributes import Attributes, optional_attributes
from backend.core.errors import TooMuch
from backend.core.identifiers import Gtin
from backend.core.numbers import SCALE, ZERO, InvalidQuantity, money, quantity
from backend.core.patches import chosen
from backend.core.places import PlaceDraft, optional_text, read_place
from backend.core.texts import code_text, text
from backend.core.times import EARLIEST, InvalidTime

MOST_GTINS: Final = 50
MOST_LISTED: Final = 500
FARTHEST: Final = timedelta(days=3660)
"""How far ahead a price may be set."""


class GtinDraft(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A GTIN as sent, and the units it counts for."""

    gtin: str
    units: Decimal = Decimal(1)


class ProductDraft(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A product as sent. `valid_from` None: price and cost hold from now on."""

    sku: str
    name: str
    category: str
    price: Decimal
    subcategory: str | UnsetType | None = UNSET
    gtins: list[GtinDraft] | UnsetType | None = UNSET
    cost: Decimal | UnsetType | None = UNSET
    distributor: str | UnsetType | None = UNSET
    reorder_point: Decimal | UnsetType | None = UNSET
    status: ProductStatus | UnsetType = UNSET
    attributes: Attributes | UnsetType | None = UNSET
    valid_from: datetime | None = None


class DistributorDraft(PlaceDraft, frozen=True, kw_only=True, rename="camel"):
    """A distributor as sent."""

    code: str
    name: str
    attributes: Attributes | UnsetType | None = UNSET


class PromotionDraft(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A promotion as sent; dates inclusive. Lists UNSET stay, None or empty mean all."""

    code: str
    name: str
    starts_on: date
    ends_on: date
    discount_rate: Decimal
    skus: list[str] | UnsetType | None = UNSET
    locations: list[str] | UnsetType | None = UNSET


@dataclass(frozen=True, slots=True)
class ProductState:
    """Everything of a product that a change can touch, with `price` as it is at one moment."""

    name: str
    category: str | None
    subcategory: str | None
    distributor: str | None
    reorder_point: Decimal | None
    status: ProductStatus
    attributes: Attributes
    gtins: frozenset[Packaging]
    price: Price | None


NO_PRODUCT: Final = ProductState(
    "", None, None, None, None, ProductStatus.ACTIVE, {}, frozenset(), None
)


def read_product(draft: ProductDraft, path: list[str], now: datetime) -> ProductDraft:
    """Return the draft with every value in the form in which it is kept.

    Raises:
        InvalidSku, InvalidText, InvalidGtin, DuplicateGtin, TooManyGtins, InvalidAmount,
        InvalidQuantity, InvalidAttributes, AttributesTooLarge, InvalidTime: what is wrong first.
    """
    return msgspec.structs.replace(
        draft,
        sku=code_text(draft.sku, [*path, "sku"], InvalidSku),
        name=text(draft.name, [*path, "name"]),
        category=text(draft.category, [*path, "category"]),
        subcategory=optional_text(draft.subcategory, [*path, "subcategory"]),
        gtins=_gtins(draft.gtins, [*path, "gtins"]),
        price=money(draft.price, [*path, "price"]),
        cost=_money(draft.cost, [*path, "cost"]),
        reorder_point=_reorder_point(draft.reorder_point, [*path, "reorderPoint"]),
        attributes=optional_attributes(draft.attributes, [*path, "attributes"]),
        valid_from=_valid_from(draft.valid_from, [*path, "validFrom"], now),
    )


def merged(draft: ProductDraft, before: ProductState | None) -> ProductState:
    """Return the product that `draft`, already read, makes of `before` (None: a new one)."""
    old = before or NO_PRODUCT
    # A subcategory belongs to its category: it does not follow the product into another one.
    subcategory = old.subcategory if draft.category == old.category else None
    # Who sends a product through the catalogue has completed it.
    status = ProductStatus.ACTIVE if old.status is ProductStatus.PROVISIONAL else old.status
    return ProductState(
        name=draft.name,
        category=draft.category,
        subcategory=chosen(draft.subcategory, subcategory),
        distributor=chosen(draft.distributor, old.distributor),
        reorder_point=chosen(draft.reorder_point, old.reorder_point),
        status=chosen(draft.status, status),
        attributes=chosen(draft.attributes, old.attributes) or {},
        gtins=old.gtins
        if isinstance(draft.gtins, UnsetType)
        else frozenset(Packaging(one.gtin, one.units) for one in draft.gtins or ()),
        price=Price(draft.price, chosen(draft.cost, old.price.cost if old.price else None)),
    )


def changes(before: ProductState | None, after: ProductState) -> tuple[str, ...]:
    """Return the names of the fields that differ, as clients spell them; empty where none does."""
    old = before or NO_PRODUCT
    pairs = {
        "name": (old.name, after.name),
        "category": (old.category, after.category),
        "subcategory": (old.subcategory, after.subcategory),
        "distributor": (old.distributor, after.distributor),
        "reorderPoint": (old.reorder_point, after.reorder_point),
        "status": (old.status, after.status),
        "attributes": (old.attributes, after.attributes),
        "gtins": (old.gtins, after.gtins),
        "price": (old.price and old.price.price, after.price and after.price.price),
        "cost": (old.price and old.price.cost, after.price and after.price.cost),
    }
    return tuple(name for name, (was, is_) in pairs.items() if was != is_)


def read_distributor(draft: DistributorDraft, path: list[str]) -> DistributorDraft:
    """Return the draft with every value in the form in which it is kept.

    Raises:
        InvalidCode, InvalidText, InvalidAttributes, AttributesTooLarge: what is wrong first.
    """
    return msgspec.structs.replace(
        read_place(draft, path),
        code=code_text(draft.code, [*path, "code"]),
        name=text(draft.name, [*path, "name"]),
        attributes=optional_attributes(draft.attributes, [*path, "attributes"]),
    )


def read_promotion(draft: PromotionDraft, path: list[str]) -> PromotionDraft:
    """Return the draft with every value in the form in which it is kept.

    Raises:
        InvalidCode, InvalidText, InvalidPeriod, InvalidRate: what is wrong first.
    """
    if draft.ends_on < draft.starts_on:
        raise InvalidPeriod(
            f"{draft.ends_on} lies before {draft.starts_on}",
            field=[*path, "endsOn"],
            value=draft.ends_on.isoformat(),
        )
    rate = draft.discount_rate
    if not (rate.is_finite() and 0 <= rate <= 1 and rate == rate.quantize(SCALE)):
        raise InvalidRate(
            f"{rate} is not a rate from 0 to 1 with at most four decimals",
            field=[*path, "discountRate"],
            value=str(rate)[:40],
        )
    for name, listed in (("skus", draft.skus), ("locations", draft.locations)):
        if isinstance(listed, list) and len(listed) > MOST_LISTED:
            raise TooMuch(f"name at most {MOST_LISTED}, or none for all", field=[*path, name])
    return msgspec.structs.replace(
        draft,
        code=code_text(draft.code, [*path, "code"]),
        name=text(draft.name, [*path, "name"]),
        discount_rate=rate.quantize(SCALE),
    )


def _money(value: Decimal | UnsetType | None, field: Sequence[str]) -> Decimal | UnsetType | None:
    return money(value, field) if isinstance(value, Decimal) else value


def _reorder_point(
    value: Decimal | UnsetType | None, field: Sequence[str]
) -> Decimal | UnsetType | None:
    return quantity(value, field, least=ZERO) if isinstance(value, Decimal) else value


def _gtins(
    given: list[GtinDraft] | UnsetType | None, path: list[str]
) -> list[GtinDraft] | UnsetType | None:
    if not isinstance(given, list):
        return given
    if len(given) > MOST_GTINS:
        raise TooManyGtins(f"a product has at most {MOST_GTINS} GTINs", field=path)
    read: dict[str, GtinDraft] = {}
    for index, one in enumerate(given):
        field = [*path, str(index), "gtin"]
        gtin = str(Gtin(one.gtin, field=field))
        if gtin in read:
            raise DuplicateGtin(f"{gtin} stands here before", field=field, value=gtin)
        units = quantity(one.units, [*path, str(index), "units"], least=ZERO)
        if units == ZERO:
            raise InvalidQuantity(
                "a GTIN counts for more than 0 units", field=[*path, str(index), "units"], value="0"
            )
        read[gtin] = GtinDraft(gtin=gtin, units=units)
    return list(read.values())


def _valid_from(value: datetime | None, field: Sequence[str], now: datetime) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None or not EARLIEST <= value <= now + FARTHEST:
        raise InvalidTime(
            f"{value.isoformat()} is not a moment since 1900 and within ten years",
            field=field,
            value=value.isoformat(),
        )
    return value.astimezone(UTC)
