"""What happens to stock."""

from datetime import datetime
from typing import Any, ClassVar

from backend.core.events import Event, Topic
from backend.stock.rules import Level, Movement


class StockMoved(Event, frozen=True):
    """A movement was posted; `level` is how it left its level."""

    kind: ClassVar[str] = "StockMoved"
    topic: ClassVar[Topic] = Topic.STOCK

    movement: Movement
    level: Level
    recorded_at: datetime

    def fact(self) -> dict[str, Any]:
        """Return movement and level with the names of product and location as they were."""
        movement, level = self.movement, self.level
        return {
            "key": f"{movement.location.id}:{movement.product.id}",
            "occurredAt": movement.occurred_at,
            "version": level.version,
            "movement": {
                "id": str(movement.id),
                "quantity": movement.quantity,
                "reason": movement.reason.value,
                "reference": movement.reference,
                "occurredAt": movement.occurred_at,
                "recordedAt": self.recorded_at,
            },
            "level": level.fact(),
            "product": movement.product.fact(),
            "location": movement.location.fact(),
        }


class StockLevelChanged(Event, frozen=True):
    """Something other than the quantity changed: the reorder point."""

    kind: ClassVar[str] = "StockLevelChanged"
    topic: ClassVar[Topic] = Topic.STOCK

    level: Level

    def fact(self) -> dict[str, Any]:
        """Return the level with the names of product and location as they were."""
        level = self.level
        return {
            "key": f"{level.location.id}:{level.product.id}",
            "occurredAt": level.updated_at,
            "version": level.version,
            "level": level.fact(),
            "product": level.product.fact(),
            "location": level.location.fact(),
        }
