"""What happens to devices."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from backend.core.events import Event, Topic


class DeviceChanged(Event, frozen=True):
    """A device was made or changed."""

    kind: ClassVar[str] = "DeviceChanged"
    topic: ClassVar[Topic] = Topic.DEVICES

    device_id: UUID
    code: str
    name: str | None
    version: int
    changed_at: datetime

    def fact(self) -> dict[str, Any]:
        """Return the device's names."""
        return {
            "key": str(self.device_id),
            "occurredAt": self.changed_at,
            "version": self.version,
            "device": {"id": str(self.device_id), "code": self.code, "name": self.name},
        }
