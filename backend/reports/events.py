"""What happens to reports, boards and kept pivots."""

from datetime import datetime
from enum import StrEnum
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


class KeptChange(StrEnum):
    """What became of something kept."""

    SAVED = "SAVED"
    """It is new, or was changed."""
    PUBLISHED = "PUBLISHED"
    """Others see its draft now."""
    COMMENTED = "COMMENTED"
    """Something was said about it, or taken back."""
    DELETED = "DELETED"
    """It is not there any more."""


class _KeptChanged(Event, frozen=True):
    topic: ClassVar[Topic] = Topic.REPORTS

    key: UUID
    change: KeptChange
    changed_at: datetime

    def fact(self) -> dict[str, Any]:
        """Return which it is, nothing of what it says: who may see it asks for the rest."""
        return {
            "key": str(self.key),
            "occurredAt": self.changed_at,
            "change": self.change.value,
        }


class BoardChanged(_KeptChanged, frozen=True):
    """A board was saved, published, talked about or deleted."""

    kind: ClassVar[str] = "BoardChanged"


class PivotChanged(_KeptChanged, frozen=True):
    """A kept pivot was saved or deleted."""

    kind: ClassVar[str] = "PivotChanged"
