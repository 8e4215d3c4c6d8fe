"""What can be wrong with a request of a screen."""

from backend.core.errors import Invalid, NotFound


class InvalidFrequency(Invalid):
    """A frequency at which nothing sensible can be sent."""

    code = "INVALID_FREQUENCY"


class InvalidMinutes(Invalid):
    """A number of minutes that is not kept."""

    code = "INVALID_MINUTES"


class UnknownLocation(NotFound):
    """No location has this code, or it may not be seen."""

    code = "UNKNOWN_LOCATION"
