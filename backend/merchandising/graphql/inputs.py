"""What clients send about shelves."""

from decimal import Decimal

from strawberry import UNSET
from strawberry.scalars import ID

from backend.infra.api.described import input_type
from backend.infra.api.inputs import given
from backend.infra.api.results import ErrorPolicy, SortDirection
from backend.infra.api.scalars import Long
from backend.merchandising.drafts import (
    BoardDraft,
    ShareDraft,
    ShelfDraft,
    SizeDraft,
    StandingDraft,
)
from backend.merchandising.graphql.enums import PlanMethod, ShareKind, ShelfOrder
from backend.merchandising.shelves import ShelfCriteria


@input_type
class ShelfFilter:
    """Which shelves; what is left out does not limit."""

    locations: list[str] | None = None
    """Only at the locations with these codes."""
    search: str | None = None
    """Only whose code or name has this in it, in any case."""

    def criteria(self) -> ShelfCriteria:
        """Return the filter as the service takes it."""
        places = None if self.locations is None else tuple(self.locations)
        return ShelfCriteria(places, self.search)


@input_type
class ShelfSort:
    """How shelves are sorted."""

    by: ShelfOrder = ShelfOrder.CODE
    """By what."""
    direction: SortDirection = SortDirection.ASC
    """Which end first."""


@input_type
class ShelfBoardInput:
    """A board, with the room on it, to the millimetre."""

    width_cm: Decimal
    """From left to right."""
    height_cm: Decimal
    """Free up to the next board."""
    depth_cm: Decimal
    """From the front to the back."""


@input_type
class ShelfShareInput:
    """The least part of a shelf that a group of products gets."""

    kind: ShareKind
    """What the group is."""
    name: str
    """Which category, subcategory or brand."""
    share: Decimal
    """Part of the width of all boards: 0.25 is a quarter."""


@input_type
class ShelfProductInput:
    """A product on a shelf. What is left out stays; null clears."""

    sku: str
    """The product."""
    facings: int | None = UNSET
    """How often it stands side by side now, 0 to 200; 0: it is to stand there and does not yet."""
    board: int | None = UNSET
    """On which board, 1 being the highest; null: nobody said."""
    least: int | None = UNSET
    """The least facings somebody settled, on top of what demand needs."""
    most: int | None = UNSET
    """The most facings; they bind what demand needs, too."""
    block: str | None = UNSET
    """Products of one block stand together on one board."""

    def draft(self) -> StandingDraft:
        """Return the input as the service takes it."""
        facts = given(self)
        if facts.get("facings") is None:
            facts.pop("facings", None)
        return StandingDraft(**facts)


@input_type
class ShelfInput:
    """A shelf to make or change, by location and code. What is left out stays; null clears."""

    code: str
    """The retailer's own code, one of its location."""
    location: str
    """Code of the location where it stands."""
    name: str | None = UNSET
    """Name for people; the code if a new shelf has none."""
    refill_days: int | None = UNSET
    """Days from one refill to the next, 1 to 28; a new shelf is refilled every day."""
    boards: list[ShelfBoardInput] | None = UNSET
    """All its boards, the highest first: 1 to 20. They replace those it had."""
    shares: list[ShelfShareInput] | None = UNSET
    """All minimum shares, at most 20. They replace those it had."""
    products: list[ShelfProductInput] | None = UNSET
    """All that stands on it, at most 1,000 products. They replace what stood there."""
    version: Long | None = None
    """The version that was looked at, 0 where there was none; left out: whatever it is now."""

    def draft(self) -> ShelfDraft:
        """Return the input as the service takes it."""
        facts = given(self)
        for name in ("name", "refill_days", "boards"):
            if facts.get(name) is None:
                facts.pop(name, None)
        if "boards" in facts:
            facts["boards"] = [BoardDraft(**vars(one)) for one in facts["boards"]]
        if facts.get("shares"):
            facts["shares"] = [ShareDraft(**vars(one)) for one in facts["shares"]]
        if facts.get("products"):
            facts["products"] = [one.draft() for one in facts["products"]]
        return ShelfDraft(**facts)


@input_type
class UpsertShelvesInput:
    """Shelves to make or change."""

    shelves: list[ShelfInput]
    """At most 500."""
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS
    """What happens to the others when one is rejected."""


@input_type
class DeleteShelvesInput:
    """Shelves to delete."""

    shelves: list[ID]
    """At most 500; those that are not there are left out of the answer."""


@input_type
class SetFacingsInput:
    """What stands on a shelf."""

    shelf: ID
    """The shelf."""
    version: Long | None = None
    """The version that was looked at; left out: whatever it is now."""
    products: list[ShelfProductInput]
    """At most 500 products, all or none of which change."""
    replace: bool = False
    """Whether nothing else stands there any more."""
    removed: list[str] | None = None
    """SKUs of products that do not stand there any more."""


@input_type
class ApplyShelfPlanInput:
    """Lets a shelf stand as its plan has it."""

    shelf: ID
    """The shelf."""
    method: PlanMethod = PlanMethod.AUTO
    """How facings are found."""
    version: Long | None = None
    """The version that was looked at; left out: whatever it is now."""
    least_bad: bool = False
    """Whether a plan will do that falls short of minimums, where none holds them."""


@input_type
class ProductSizeInput:
    """The size of a product as it stands on shelves, to the millimetre."""

    sku: str
    """The product."""
    width_cm: Decimal
    """From left to right: what a facing takes of a board."""
    height_cm: Decimal
    """From the board up."""
    depth_cm: Decimal
    """From the front to the back."""
    units_per_facing: int | None = None
    """Units that stand in one facing, where somebody counted; left out: what fits on the board."""
    is_stackable: bool = False
    """Whether units stand on one another where the board is high enough."""

    def draft(self) -> SizeDraft:
        """Return the input as the service takes it."""
        return SizeDraft(**vars(self))


@input_type
class UpsertProductSizesInput:
    """Sizes of products."""

    sizes: list[ProductSizeInput]
    """At most 500."""
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS
    """What happens to the others when one is rejected."""


@input_type
class ShelfElasticityInput:
    """How much sales of a category follow the space it has."""

    category: str
    """Name of the category."""
    elasticity: Decimal | None
    """0 to 0.9: twice the space sells 2^β times as much; null: 0.17 again."""


@input_type
class SetShelfElasticitiesInput:
    """Elasticities of categories."""

    elasticities: list[ShelfElasticityInput]
    """At most 500."""


@input_type
class ImportShelfInput:
    """A file of what stands on a shelf: CSV, or the first sheet of an Excel file.

    A row a product: SKU, and any of Facings, Board, Least, Most, Block, Width, Height, Depth (in
    cm), Units per facing, Stackable. Columns that are not there, and empty cells, change nothing.
    """

    shelf: ID
    """The shelf."""
    content: str
    """The file in base64, at most 2 MB and 1,000 products."""
    version: Long | None = None
    """The version that was looked at; left out: whatever it is now."""
    replace: bool = False
    """Whether nothing else stands there any more."""
    decimal_comma: bool = False
    """Whether 10,5 is how lengths are written."""
    dry_run: bool = False
    """Tells what would happen and changes nothing."""
