"""What happens to shelves."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from backend.core.events import Event, Topic


class ShelfChanged(Event, frozen=True):
    """A shelf was made, changed or deleted."""

    kind: ClassVar[str] = "ShelfChanged"
    topic: ClassVar[Topic] = Topic.SHELVES

    id: UUID
    code: str
    version: int
    changed_at: datetime
    is_deleted: bool = False

    def fact(self) -> dict[str, Any]:
        """Return which shelf."""
        return {
            "key": str(self.id),
            "occurredAt": self.changed_at,
            "version": self.version,
            "shelf": {"id": str(self.id), "code": self.code, "isDeleted": self.is_deleted},
        }
