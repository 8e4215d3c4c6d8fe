"""Movements, levels and how one makes the other. Pure."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec
from msgspec.structs import replace

from backend.catalogue.rules import ProductRef
from backend.core.ids import new_id
from backend.core.numbers import ZERO
from backend.locations.rules import LocationRef

LevelKey = tuple[UUID, UUID]
"""Location and product."""


class MovementReason(StrEnum):
    """Why a quantity changed."""

    SALE = "SALE"
    """Sold; the goods have left."""
    RETURN = "RETURN"
    """Came back from a customer."""
    RECEIVED = "RECEIVED"
    """Came in from a supplier or another place."""
    COUNT = "COUNT"
    """The difference a count found."""
    CORRECTION = "CORRECTION"
    """Puts right an earlier mistake."""
    DAMAGED = "DAMAGED"
    """Taken out because it broke."""
    SHRINKAGE = "SHRINKAGE"
    """Lost or stolen."""
    TRANSFER = "TRANSFER"
    """Moved between our own places."""
    INITIAL = "INITIAL"
    """What was there when the ledger began."""


ADJUSTABLE = frozenset(MovementReason) - {
    MovementReason.SALE,
    MovementReason.RETURN,
    MovementReason.COUNT,
}
"""Reasons a person may give for an adjustment: the others come from sales, returns and counts."""


class Movement(msgspec.Struct, frozen=True):
    """One change of one quantity, to be posted. `quantity` is signed and not zero."""

    product: ProductRef
    location: LocationRef
    quantity: Decimal
    reason: MovementReason
    reference: str | None
    occurred_at: datetime
    id: UUID = msgspec.field(default_factory=new_id)

    @property
    def level_key(self) -> LevelKey:
        """The level it changes."""
        return (self.location.id, self.product.id)


class Level(msgspec.Struct, frozen=True):
    """How much is where, as of one version."""

    id: UUID
    product: ProductRef
    location: LocationRef
    on_hand: Decimal
    committed: Decimal
    unavailable: Decimal
    incoming: Decimal
    reorder_point: Decimal | None
    version: int
    updated_at: datetime

    @property
    def available(self) -> Decimal:
        """What can still be promised: always derived, never stored; never negative."""
        return max(ZERO, self.on_hand - self.committed - self.unavailable)

    @property
    def is_oversold(self) -> bool:
        """Whether more has left the shelf than the ledger knew of."""
        return self.on_hand < ZERO

    def fact(self) -> "LevelFact":
        """Return what events store of it."""
        return LevelFact(
            self.id,
            self.on_hand,
            self.committed,
            self.unavailable,
            self.incoming,
            self.reorder_point,
            self.version,
            self.updated_at,
        )


class LevelFact(msgspec.Struct, frozen=True, rename="camel"):
    """What events store of a level."""

    id: UUID
    on_hand: Decimal
    committed: Decimal
    unavailable: Decimal
    incoming: Decimal
    reorder_point: Decimal | None
    version: int
    updated_at: datetime


class Delta(msgspec.Struct, frozen=True):
    """What a batch does to one level: the sum and the number of its movements."""

    product: ProductRef
    location: LocationRef
    quantity: Decimal
    count: int


def deltas(movements: Sequence[Movement]) -> list[Delta]:
    """Return the sum per level, in the order in which levels are locked."""
    sums: dict[LevelKey, Delta] = {}
    for movement in movements:
        known = sums.get(movement.level_key)
        sums[movement.level_key] = Delta(
            movement.product,
            movement.location,
            movement.quantity + (known.quantity if known else ZERO),
            1 + (known.count if known else 0),
        )
    return [sums[key] for key in sorted(sums)]


def running_levels(movements: Sequence[Movement], after: dict[LevelKey, Level]) -> list[Level]:
    """Return the level as it stood right after each movement, given the levels after all of them.

    Each movement made one version, in the order of `movements`.
    """
    later: dict[LevelKey, tuple[Level, Decimal]] = {}
    backwards: list[Level] = []
    for movement in reversed(movements):
        key = movement.level_key
        level = _before(*later[key]) if key in later else after[key]
        backwards.append(level)
        later[key] = level, movement.quantity
    return backwards[::-1]


def _before(level: Level, quantity: Decimal) -> Level:
    """Return the level as it was before the movement of `quantity` that led to it."""
    return replace(level, on_hand=level.on_hand - quantity, version=level.version - 1)
