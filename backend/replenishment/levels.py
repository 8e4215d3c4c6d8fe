"""Every level of what is dealt in, as columns; and what the catalogue knows of the products.

Tens of thousands of rows as objects would keep the event loop busy for a second: so numbers travel
as bytes, a few thousand rows at once, and what belongs to a product is read once for it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from backend.catalogue import service as catalogue
from backend.catalogue.rules import ProductRef
from backend.core.texts import is_storable
from backend.forecasting.arrays import Doubles, Ints
from backend.infra.work import Work
from backend.locations import service as locations
from backend.locations.rules import LocationRef
from backend.replenishment import statements
from backend.replenishment.errors import TooManyPositions
from backend.replenishment.suggesting import Stock

MOST_POSITIONS: Final = 50_000
Keys = NDArray[np.bytes_]
"""Location and product of each row, 32 bytes."""
_Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SupplyCriteria:
    """Which products and locations, by codes and names; None does not limit."""

    skus: frozenset[str] | None = None
    locations: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    distributors: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Dealt:
    """A product that is dealt in: who supplies it, its smallest pack, price and cost now."""

    product: ProductRef
    distributor_id: UUID | None
    distributor: str | None
    distributor_name: str | None
    pack: Decimal | None
    pack_gtin: str | None
    price: Decimal | None
    cost: Decimal | None


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Levels in the order of location and SKU.

    `goods` are in the order of SKUs and `places` in that of codes: `good` and `place` have their
    number by row. `own_point` NaN: there is none.
    """

    goods: Sequence[Dealt]
    places: Sequence[LocationRef]
    good: Ints
    place: Ints
    stock: Stock
    own_point: Doubles
    keys: Keys

    def __len__(self) -> int:
        return len(self.good)


async def levels_of(work: Work, criteria: SupplyCriteria) -> Levels:
    """Return the levels of what is dealt in.

    Raises:
        TooManyPositions: more than one answer goes through.
    """
    sent = await work.rows(
        statements.LEVELS,
        work.principal.org_id,
        *(texts(getattr(criteria, name)) for name in SupplyCriteria.__dataclass_fields__),
        MOST_POSITIONS + 1,
    )
    found = await asyncio.to_thread(_Columns.of, sent)
    if len(found.place) > MOST_POSITIONS:
        raise TooManyPositions(
            f"more than {MOST_POSITIONS} products at locations: choose locations or categories",
            field=["filter"],
            limit=MOST_POSITIONS,
        )
    products = await catalogue.products_by_id(work, found.goods)
    supplied = await work.rows(statements.SUPPLIED, work.principal.org_id, found.goods)
    places = await locations.locations_by_id(work, found.places)
    return await asyncio.to_thread(_levels, found, products, supplied, places)


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """Levels as they were sent, in no order; ids are numbered as they come."""

    goods: list[UUID]
    places: list[UUID]
    good: Ints
    place: Ints
    numbers: Mapping[str, Doubles]
    keys: Keys

    @classmethod
    def of(cls, sent: Sequence[_Row]) -> "_Columns":
        names = (*Stock.__dataclass_fields__, "own_point")
        places, place = _numbered(_joined(sent, "locations"))
        goods, good = _numbered(_joined(sent, "products"))
        numbers = {name: doubles(_joined(sent, name)) for name in names}
        return cls(goods, places, good, place, numbers, keys_of(_joined(sent, "keys")))


def _levels(
    found: _Columns,
    products: Mapping[UUID, ProductRef],
    supplied: Sequence[_Row],
    places: Mapping[UUID, LocationRef],
) -> Levels:
    goods = [_dealt(products[one], row) for one, row in zip(found.goods, supplied, strict=True)]
    shops = [places[one] for one in found.places]
    good_at, good_rank = _ranked([one.product.sku for one in goods])
    shop_at, shop_rank = _ranked([one.code for one in shops])
    good, place = good_rank[found.good], shop_rank[found.place]
    order = np.lexsort((good, place))
    columns = {name: values[order] for name, values in found.numbers.items()}
    return Levels(
        [goods[n] for n in good_at],
        [shops[n] for n in shop_at],
        good[order],
        place[order],
        Stock(*(columns[name] for name in Stock.__dataclass_fields__)),
        columns["own_point"],
        found.keys[order],
    )


def _dealt(product: ProductRef, row: _Row) -> Dealt:
    names = tuple(Dealt.__dataclass_fields__)[1:]
    return Dealt(product, *(row[name] for name in names))


def _ranked(names: Sequence[str]) -> tuple[list[int], Ints]:
    """Return which name comes first, second and so on, and of each name its place among them."""
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    return order, rank


def doubles(sent: bytes) -> Doubles:
    """Return numbers as PostgreSQL sends them, eight bytes each."""
    return np.frombuffer(sent, ">f8").astype(np.float64)


def keys_of(sent: bytes) -> Keys:
    """Return locations and products of rows, which are sent as two ids each."""
    return np.frombuffer(sent, "S32")


def _numbered(sent: bytes) -> tuple[list[UUID], Ints]:
    """Return the different ones of many ids, and of each its number among them."""
    _, first, number = np.unique(np.frombuffer(sent, "S16"), return_index=True, return_inverse=True)
    ids = [UUID(bytes=sent[16 * n : 16 * n + 16]) for n in first.tolist()]
    return ids, number.astype(np.int64)


def _joined(sent: Sequence[_Row], name: str) -> bytes:
    return b"".join(row[name] for row in sent)


def texts(values: frozenset[str] | None) -> list[str] | None:
    """Return values as statements take them, without those that nothing is called."""
    return None if values is None else sorted(one for one in values if is_storable(one))
