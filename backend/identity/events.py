"""What happened to those who have access."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from backend.core.events import Event, Topic


class Change(StrEnum):
    """What became of a client."""

    CHANGED = "CHANGED"
    """It may do more or less than before."""
    REVOKED = "REVOKED"
    """It may do nothing any more."""


class ClientChanged(Event, frozen=True):
    """A client may do more, less or nothing from now on; its open sockets follow."""

    kind: ClassVar[str] = "ClientChanged"
    topic: ClassVar[Topic] = Topic.ACCESS

    client_id: str
    change: Change
    at: datetime

    def fact(self) -> dict[str, Any]:
        """Return what is stored."""
        return {
            "key": self.client_id,
            "occurredAt": self.at.isoformat(),
            "change": self.change.value,
        }
