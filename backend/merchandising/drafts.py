"""Shelves, sizes and facings as sent, and what of it can be taken.

In a draft UNSET leaves what is there and None clears it. Lengths come in cm and are kept in mm.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from msgspec import UNSET, UnsetType

from backend.core.texts import code_text, text
from backend.merchandising.errors import InvalidShelf, TooManyOnShelf
from backend.merchandising.rules import MOST_FACINGS, Board, Size

T = TypeVar("T")
MOST_BOARDS: Final = 20
MOST_PRODUCTS: Final = 1_000
"""On one shelf."""
MOST_SHARES: Final = 20
MOST_SHELVES: Final = 5_000
"""Of an organisation."""
_SHORTEST_CM: Final = Decimal("0.1")
LONGEST_CM: Final = 2_000
MOST_UNITS: Final = 10_000
MOST_REFILL_DAYS: Final = 28
LEAST_SHARE: Final = Decimal("0.0001")


class ShareKind(StrEnum):
    """Of what a minimum share is."""

    CATEGORY = "CATEGORY"
    """The products of a category."""
    SUBCATEGORY = "SUBCATEGORY"
    """The products of a subcategory."""
    BRAND = "BRAND"
    """The products whose attribute `brand` it is."""


@dataclass(frozen=True, slots=True)
class BoardDraft:
    """A board as sent, in cm."""

    width_cm: Decimal
    height_cm: Decimal
    depth_cm: Decimal


@dataclass(frozen=True, slots=True)
class ShareDraft:
    """A minimum share as sent: a part of one of the width of all boards."""

    kind: ShareKind
    name: str
    share: Decimal

    @property
    def group(self) -> str:
        """How plans name it."""
        return group_name(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class StandingDraft:
    """A product on a shelf as sent; `board` counts from 1, the highest."""

    sku: str
    facings: int | UnsetType = UNSET
    board: int | UnsetType | None = UNSET
    least: int | UnsetType | None = UNSET
    most: int | UnsetType | None = UNSET
    block: str | UnsetType | None = UNSET


@dataclass(frozen=True, slots=True)
class ShelfDraft:
    """A shelf as sent. `version` is the one that was looked at, 0 for none; None takes any."""

    code: str
    location: str
    name: str | UnsetType = UNSET
    refill_days: int | UnsetType = UNSET
    boards: list[BoardDraft] | UnsetType = UNSET
    shares: list[ShareDraft] | UnsetType | None = UNSET
    products: list[StandingDraft] | UnsetType | None = UNSET
    version: int | None = None


@dataclass(frozen=True, slots=True)
class SizeDraft:
    """The size of a product as sent, in cm."""

    sku: str
    width_cm: Decimal
    height_cm: Decimal
    depth_cm: Decimal
    units_per_facing: int | None = None
    is_stackable: bool = False


@dataclass(frozen=True, slots=True)
class ShelfChange:
    """A shelf draft that was read: what is to be, UNSET where it stays."""

    code: str
    location: str
    name: str | UnsetType
    refill_days: int | UnsetType
    boards: tuple[Board, ...] | UnsetType
    shares: tuple[ShareDraft, ...] | UnsetType
    products: tuple[StandingDraft, ...] | UnsetType
    version: int | None = None
    skus: tuple[str, ...] = field(default=())


def group_name(kind: ShareKind, name: str) -> str:
    """Return how plans name the products of a minimum share."""
    return f"{kind.value.lower()} {name}"


def read_shelf(draft: ShelfDraft, path: list[str]) -> ShelfChange:
    """Return the draft with every value in the form in which it is kept.

    Raises:
        InvalidCode, InvalidText, InvalidShelf, TooManyOnShelf: what is wrong first.
    """
    products = read_standings(_listed(draft.products), [*path, "products"])
    skus = [] if isinstance(products, UnsetType) else [one.sku for one in products]
    return ShelfChange(
        code=code_text(draft.code, [*path, "code"]),
        location=draft.location,
        name=draft.name if isinstance(draft.name, UnsetType) else text(draft.name, [*path, "name"]),
        refill_days=draft.refill_days
        if isinstance(draft.refill_days, UnsetType)
        else _whole(draft.refill_days, [*path, "refillDays"], MOST_REFILL_DAYS),
        boards=_boards(draft.boards, [*path, "boards"]),
        shares=_shares(_listed(draft.shares), [*path, "shares"]),
        products=products,
        version=draft.version,
        skus=tuple(skus),
    )


def read_standings(
    drafts: Sequence[StandingDraft] | UnsetType, path: list[str]
) -> tuple[StandingDraft, ...] | UnsetType:
    """Return products on a shelf in the form in which they are kept.

    Raises:
        InvalidShelf: a number out of bounds, or one product twice.
        TooManyOnShelf: more than one shelf has.
    """
    if isinstance(drafts, UnsetType):
        return UNSET
    _check_number(drafts, MOST_PRODUCTS, path)
    seen: set[str] = set()
    for n, one in enumerate(drafts):
        at = [*path, str(n)]
        if one.sku in seen:
            raise InvalidShelf(
                f"{one.sku[:60]!r} stands here before", field=[*at, "sku"], value=one.sku[:60]
            )
        seen.add(one.sku)
        _check_standing(one, at)
    return tuple(drafts)


def _check_standing(one: StandingDraft, at: list[str]) -> None:
    if isinstance(one.facings, int):
        _whole(one.facings, [*at, "facings"], MOST_FACINGS, least=0)
    for name, value, most in (
        ("board", one.board, MOST_BOARDS),
        ("least", one.least, MOST_FACINGS),
        ("most", one.most, MOST_FACINGS),
    ):
        if isinstance(value, int):
            _whole(value, [*at, name], most)
    if isinstance(one.least, int) and isinstance(one.most, int) and one.least > one.most:
        raise InvalidShelf(
            "the least facings are no more than the most", field=[*at, "least"], value=one.least
        )
    if isinstance(one.block, str):
        text(one.block, [*at, "block"], most=60)


def read_size(draft: SizeDraft, path: list[str]) -> Size:
    """Return a size in mm.

    Raises:
        InvalidShelf: a length or a number out of bounds.
    """
    units = draft.units_per_facing
    return Size(
        width=length_mm(draft.width_cm, [*path, "widthCm"]),
        height=length_mm(draft.height_cm, [*path, "heightCm"]),
        depth=length_mm(draft.depth_cm, [*path, "depthCm"]),
        units_per_facing=units
        if units is None
        else _whole(units, [*path, "unitsPerFacing"], MOST_UNITS),
        is_stackable=draft.is_stackable,
    )


def length_mm(value: Decimal, path: Sequence[str]) -> int:
    """Return a length in whole mm.

    Raises:
        InvalidShelf: no number, less than or finer than a mm, or longer than a shelf.
    """
    is_within = value.is_finite() and _SHORTEST_CM <= value <= LONGEST_CM
    is_length = is_within and value * 10 == int(value * 10)
    if not is_length:
        raise InvalidShelf(
            f"a length is {_SHORTEST_CM} to {LONGEST_CM} cm, to the millimetre",
            field=path,
            value=str(value)[:40],
        )
    return int(value * 10)


def _boards(
    drafts: Sequence[BoardDraft] | UnsetType, path: list[str]
) -> tuple[Board, ...] | UnsetType:
    if isinstance(drafts, UnsetType):
        return UNSET
    _check_number(drafts, MOST_BOARDS, path)
    return tuple(
        Board(
            length_mm(one.width_cm, [*path, str(n), "widthCm"]),
            length_mm(one.height_cm, [*path, str(n), "heightCm"]),
            length_mm(one.depth_cm, [*path, str(n), "depthCm"]),
        )
        for n, one in enumerate(drafts)
    )


def _shares(
    drafts: Sequence[ShareDraft] | UnsetType, path: list[str]
) -> tuple[ShareDraft, ...] | UnsetType:
    if isinstance(drafts, UnsetType):
        return UNSET
    _check_number(drafts, MOST_SHARES, path)
    found: dict[str, ShareDraft] = {}
    for n, one in enumerate(drafts):
        at = [*path, str(n)]
        name = text(one.name, [*at, "name"])
        is_share = one.share.is_finite() and LEAST_SHARE <= one.share <= 1
        if not is_share or one.share != one.share.quantize(LEAST_SHARE):
            raise InvalidShelf(
                "a share is a part of one, with at most four decimals",
                field=[*at, "share"],
                value=str(one.share)[:40],
            )
        read = ShareDraft(one.kind, name, one.share)
        if read.group in found:
            raise InvalidShelf("this share stands here before", field=at, value=name[:60])
        found[read.group] = read
    for kind in ShareKind:
        if sum(one.share for one in found.values() if one.kind is kind) > 1:
            raise InvalidShelf("shares of one kind are no more than one together", field=path)
    return tuple(found.values())


def _whole(value: int, path: Sequence[str], most: int, *, least: int = 1) -> int:
    if not least <= value <= most:
        raise InvalidShelf(
            f"{path[-1]} is a whole number from {least} to {most}", field=path, value=value
        )
    return value


def _listed(drafts: list[T] | UnsetType | None) -> list[T] | UnsetType:
    return [] if drafts is None else drafts


def _check_number(drafts: Sequence[object], most: int, path: list[str]) -> None:
    if len(drafts) > most:
        raise TooManyOnShelf(f"at most {most} of them", field=path, limit=most)
