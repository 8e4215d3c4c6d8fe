"""What happened to those who have access."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self

from backend.core.events import Event, Topic


class Subject(StrEnum):
    """Whose access it is about; it says what the event's key is."""

    CLIENT = "CLIENT"
    """A client, by its client id."""
    USER = "USER"
    """A person, by id."""
    SESSION = "SESSION"
    """A browser's sign-in, by id."""
    GRANT = "GRANT"
    """What a person once allowed a client, by id."""
    TOKEN = "TOKEN"
    """One access token, by id."""
    ORGANISATION = "ORGANISATION"
    """Everybody of the organisation, by its id."""


class Change(StrEnum):
    """What became of the access."""

    CHANGED = "CHANGED"
    """More or less may be done than before."""
    REVOKED = "REVOKED"
    """Nothing may be done any more."""


class AccessChanged(Event, frozen=True):
    """Somebody may do more, less or nothing from now on; open sockets follow."""

    kind: ClassVar[str] = "AccessChanged"
    topic: ClassVar[Topic] = Topic.ACCESS

    subject: Subject
    key: str
    change: Change
    at: datetime

    @classmethod
    def of(cls, subject: Subject, key: object, change: Change, at: datetime) -> Self:
        """Return the event of the subject whose id is `key`."""
        return cls(None, subject, str(key), change, at)

    def fact(self) -> dict[str, Any]:
        """Return what is stored."""
        return {
            "key": self.key,
            "occurredAt": self.at.isoformat(),
            "subject": self.subject.value,
            "change": self.change.value,
        }
