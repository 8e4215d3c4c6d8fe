"""What can be wrong with a request about an alert."""

from backend.core.errors import Conflict, Invalid, NotFound


class AlertNotFound(NotFound):
    """No alert has this id, or it may not be seen."""

    code = "ALERT_NOT_FOUND"


class AlertResolved(Conflict):
    """The alert is over."""

    code = "ALERT_RESOLVED"


class InvalidNote(Invalid):
    """A note of more than 1,000 characters."""

    code = "INVALID_NOTE"
