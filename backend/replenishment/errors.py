"""What can be wrong with an order of goods."""

from backend.core.errors import Invalid


class InvalidServiceLevel(Invalid):
    """A service level that no forecast can promise."""

    code = "INVALID_SERVICE_LEVEL"
