"""What happens to alerts."""

from typing import Any, ClassVar

from backend.alerts.rules import AlertFact
from backend.core.events import Event, Topic


class AlertChanged(Event, frozen=True):
    """An alert was opened, acknowledged or resolved."""

    kind: ClassVar[str] = "AlertChanged"
    topic: ClassVar[Topic] = Topic.ALERTS

    alert: AlertFact

    def fact(self) -> dict[str, Any]:
        """Return the alert with the names of what it is about."""
        return self.alert.fact()
