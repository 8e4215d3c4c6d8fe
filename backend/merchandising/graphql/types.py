"""Shelves and what stands on them."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

import strawberry
from strawberry.scalars import ID

from backend.catalogue.graphql import Product
from backend.core.scopes import Scope
from backend.infra.api.context import Info
from backend.infra.api.declared import seen_with
from backend.infra.api.described import object_type
from backend.infra.api.results import RowStatus, UserError
from backend.infra.api.scalars import Long
from backend.infra.work import Work
from backend.locations.graphql import Location
from backend.merchandising import rules, shelves
from backend.merchandising.graphql.enums import ShareKind


async def load_shelves(work: Work, ids: list[UUID]) -> list[shelves.FullShelf | None]:
    """Return shelves with what stands on them; None for those not to be seen."""
    found = await shelves.full_shelves(work, ids)
    return [found.get(id_) for id_ in ids]


@seen_with(Scope.FORECAST_READ)
@object_type
class ProductSize:
    """How large a unit of a product is as it stands on shelves."""

    width_cm: Decimal
    """From left to right: what a facing takes of a board."""
    height_cm: Decimal
    """From the board up."""
    depth_cm: Decimal
    """From the front to the back."""
    units_per_facing: int | None
    """Units in one facing, where somebody counted; null: what fits on the board."""
    is_stackable: bool
    """Units stand on one another where the board is high enough."""

    @classmethod
    def of(cls, size: rules.Size) -> Self:
        """Return a size as clients see it."""
        return cls(
            width_cm=cm(size.width),
            height_cm=cm(size.height),
            depth_cm=cm(size.depth),
            units_per_facing=size.units_per_facing,
            is_stackable=size.is_stackable,
        )


@seen_with(Scope.FORECAST_READ)
@object_type
class ShelfBoard:
    """One board of a shelf, with the room on it."""

    number: int
    """1 is the highest."""
    width_cm: Decimal
    """From left to right."""
    height_cm: Decimal
    """Free up to the next board."""
    depth_cm: Decimal
    """From the front to the back."""


@seen_with(Scope.FORECAST_READ)
@object_type
class ShelfShare:
    """The least part of a shelf that a group of products gets."""

    kind: ShareKind
    """What the group is."""
    name: str
    """Which category, subcategory or brand."""
    share: Decimal
    """Part of the width of all boards."""


@seen_with(Scope.FORECAST_READ)
@object_type
class ShelfProduct:
    """A product on a shelf."""

    product: Product
    """The product."""
    facings: int
    """How often it stands side by side now; 0: it is to stand there and does not yet."""
    board: int | None
    """On which board, 1 being the highest; null: nobody said."""
    least: int | None
    """The least facings somebody settled."""
    most: int | None
    """The most facings."""
    block: str | None
    """Products of one block stand together on one board."""
    size: ProductSize | None
    """How large it is; null: nobody measured it, plans take 10 × 20 × 10 cm."""

    @classmethod
    def of(cls, one: shelves.Standing) -> Self:
        """Return it as clients see it."""
        return cls(
            product=Product.from_ref(one.product),
            facings=one.facings,
            board=one.board,
            least=one.least,
            most=one.most,
            block=one.block,
            size=ProductSize.of(one.size) if one.size else None,
        )


@seen_with(Scope.FORECAST_READ)
@object_type
class Shelf:
    """Boards at a location, and what stands on them."""

    id: ID
    """Identifies the shelf."""
    code: str
    """The retailer's own code, one of its location."""
    name: str
    """Name for people."""
    refill_days: int
    """Days from one refill to the next."""
    version: Long
    """Grows with every change: send it along to change what was looked at."""
    updated_at: datetime
    """When it last changed."""
    updated_by: str
    """Who changed it: a user's id or a client's."""
    full: strawberry.Private[shelves.FullShelf | None] = None

    @strawberry.field
    async def location(self, info: Info) -> Location:
        """Where it stands."""
        return Location.from_ref((await self._full(info)).location)

    @strawberry.field
    async def boards(self, info: Info) -> list[ShelfBoard]:
        """Its boards, the highest first."""
        return [
            ShelfBoard(
                number=number,
                width_cm=cm(one.width),
                height_cm=cm(one.height),
                depth_cm=cm(one.depth),
            )
            for number, one in enumerate((await self._full(info)).boards, 1)
        ]

    @strawberry.field
    async def shares(self, info: Info) -> list[ShelfShare]:
        """The least parts that groups of products get."""
        return [
            ShelfShare(kind=one.kind, name=one.name, share=one.share)
            for one in (await self._full(info)).shares
        ]

    @strawberry.field
    async def products(self, info: Info) -> list[ShelfProduct]:
        """What stands on it, by board."""
        return [ShelfProduct.of(one) for one in (await self._full(info)).standings]

    @classmethod
    def of(cls, one: shelves.Shelf, full: shelves.FullShelf | None = None) -> Self:
        """Return a shelf as clients see it; what stands on it loads when asked for."""
        return cls(
            id=ID(str(one.id)),
            code=one.code,
            name=one.name,
            refill_days=one.refill_days,
            version=Long(one.version),
            updated_at=one.updated_at,
            updated_by=one.updated_by,
            full=full,
        )

    @classmethod
    def of_full(cls, full: shelves.FullShelf) -> Self:
        """Return a shelf that is loaded already."""
        return cls.of(full.shelf, full)

    async def _full(self, info: Info) -> shelves.FullShelf:
        if self.full is None:
            self.full = await info.context.loader(load_shelves).load(UUID(self.id))
        assert self.full is not None  # its row was seen in the same unit of work
        return self.full


@seen_with(Scope.FORECAST_READ)
@object_type
class ShelfElasticity:
    """How much sales of a category follow the space it has."""

    category: str
    """Name of the category."""
    elasticity: Decimal
    """Twice the space sells 2^β times as much; 0.17 where nobody settled it."""


@seen_with(Scope.FORECAST_READ)
@object_type
class ShelfResult:
    """What became of one shelf of a batch."""

    code: str
    """As it was sent."""
    status: RowStatus
    """What became of it."""
    shelf: Shelf | None
    """The shelf as it is now; null if rejected."""
    user_errors: list[UserError]
    """Why it was rejected."""


@seen_with(Scope.FORECAST_READ)
@object_type
class UpsertShelvesPayload:
    """What became of a batch of shelves."""

    accepted_count: int
    """How many took effect."""
    rejected_count: int
    """How many did not."""
    results: list[ShelfResult]
    """One per shelf, in the order sent."""


@seen_with(Scope.FORECAST_READ)
@object_type
class DeleteShelvesPayload:
    """Which shelves are gone."""

    deleted: list[ID]
    """Those that were there."""


@seen_with(Scope.FORECAST_READ)
@object_type
class SetFacingsPayload:
    """The shelf after the change."""

    shelf: Shelf
    """As it is now."""


@seen_with(Scope.CATALOGUE_READ)
@object_type
class ProductSizeResult:
    """What became of the size of one product."""

    sku: str
    """As it was sent."""
    status: RowStatus
    """What became of it."""
    user_errors: list[UserError]
    """Why it was rejected."""


@seen_with(Scope.CATALOGUE_READ)
@object_type
class UpsertProductSizesPayload:
    """What became of a batch of sizes."""

    accepted_count: int
    """How many took effect."""
    rejected_count: int
    """How many did not."""
    results: list[ProductSizeResult]
    """One per product, in the order sent."""


@seen_with(Scope.FORECAST_READ)
@object_type
class SetShelfElasticitiesPayload:
    """The elasticities after the change."""

    elasticities: list[ShelfElasticity]
    """All that were settled."""


@seen_with(Scope.FORECAST_READ)
@object_type
class ShelfFileProblem:
    """What is wrong with a cell of a file."""

    line: int
    """Its line, the first being 1."""
    column: str
    """What its column is called."""
    value: str
    """The beginning of what stands there."""
    code: str
    """Stable code for programs."""
    message: str
    """Sentence for people."""


@seen_with(Scope.FORECAST_READ)
@object_type
class ImportShelfPayload:
    """What became of a file of what stands on a shelf; nothing where anything is wrong."""

    found_count: int
    """Products in the file."""
    sized_count: int
    """Of which it says how large they are."""
    shelf: Shelf | None
    """As it is now; null: nothing was changed."""
    problems: list[ShelfFileProblem]
    """What is wrong, by line; the first 500."""
    is_dry_run: bool
    """Nothing was changed."""


@seen_with(Scope.FORECAST_READ)
@object_type
class ShelfChanged:
    """A shelf was made, changed or deleted: ask `shelf` for it."""

    id: ID
    """Identifies the shelf."""
    code: str
    """Its code."""
    is_deleted: bool
    """It is gone."""

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Self:
        """Return the payload of a stored fact."""
        shelf = fact["shelf"]
        return cls(id=ID(shelf["id"]), code=shelf["code"], is_deleted=shelf["isDeleted"])


def cm(mm: int) -> Decimal:
    """Return a length in cm."""
    return Decimal(mm) / 10
