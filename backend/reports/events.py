"""What happens to reports."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from backend.core.events import Event, Topic
from backend.reports.rules import RunState


class ReportChanged(Event, frozen=True):
    """A report went on, was sent, failed, or was restated: who may see it asks for the rest."""

    kind: ClassVar[str] = "ReportChanged"
    topic: ClassVar[Topic] = Topic.REPORTS

    run_id: UUID
    state: RunState
    progress: int
    is_restated: bool
    version: int
    changed_at: datetime

    def fact(self) -> dict[str, Any]:
        """Return which report, and how far it is; nothing of what it says, or to whom."""
        return {
            "key": str(self.run_id),
            "occurredAt": self.changed_at,
            "version": self.version,
            "report": {
                "id": str(self.run_id),
                "state": self.state.value,
                "progress": self.progress,
                "isRestated": self.is_restated,
            },
        }
