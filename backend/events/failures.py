"""News of work that nobody waits for and that is given up."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from backend.core.events import Event, Topic


class JobFailed(Event, frozen=True):
    """A job is not tried again: what it was about, and why."""

    kind: ClassVar[str] = "JobFailed"
    topic: ClassVar[Topic] = Topic.REPORTS

    job: str
    subject: UUID
    code: str
    failed_at: datetime

    def fact(self) -> dict[str, Any]:
        """Return which job and why; the message stays where its owner may read it."""
        return {
            "key": str(self.subject),
            "occurredAt": self.failed_at,
            "version": 1,
            "job": self.job,
            "code": self.code,
        }
