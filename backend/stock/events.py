"""What happens to stock."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from backend.core.events import Event, Topic
from backend.stock.rules import Level, LevelFact, Movement, MovementReason


class MovementFact(msgspec.Struct, frozen=True, rename="camel"):
    """What events store of a movement."""

    id: UUID
    quantity: Decimal
    reason: MovementReason
    reference: str | None
    occurred_at: datetime
    recorded_at: datetime


class StockFact(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What the log stores of a level that changed, and of the movement if one changed it."""

    key: str
    occurred_at: datetime
    version: int
    level: LevelFact
    product: dict[str, Any]
    location: dict[str, Any]
    movement: MovementFact | None = None
    distributor_id: UUID | None = None
    """Who supplied the product then: that distributor may see it."""


class StockMoved(Event, frozen=True):
    """A movement was posted; `level` is how it left its level."""

    kind: ClassVar[str] = "StockMoved"
    topic: ClassVar[Topic] = Topic.STOCK

    movement: Movement
    level: Level
    recorded_at: datetime

    def fact(self) -> StockFact:
        """Return movement and level with the names of product and location as they were."""
        movement, level = self.movement, self.level
        return StockFact(
            key=f"{movement.location.id}:{movement.product.id}",
            occurred_at=movement.occurred_at,
            version=level.version,
            level=level.fact(),
            product=movement.product.fact(),
            location=movement.location.fact(),
            movement=MovementFact(
                movement.id,
                movement.quantity,
                movement.reason,
                movement.reference,
                movement.occurred_at,
                self.recorded_at,
            ),
            distributor_id=movement.product.distributor_id,
        )


class StockLevelChanged(Event, frozen=True):
    """Something other than the quantity changed: the reorder point."""

    kind: ClassVar[str] = "StockLevelChanged"
    topic: ClassVar[Topic] = Topic.STOCK

    level: Level

    def fact(self) -> StockFact:
        """Return the level with the names of product and location as they were."""
        level = self.level
        return StockFact(
            key=f"{level.location.id}:{level.product.id}",
            occurred_at=level.updated_at,
            version=level.version,
            level=level.fact(),
            product=level.product.fact(),
            location=level.location.fact(),
            distributor_id=level.product.distributor_id,
        )
