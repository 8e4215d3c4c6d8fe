"""What can be wrong with a file, or with what is said about it."""

from backend.core.errors import Conflict, Invalid


class UnreadableFile(Invalid):
    """Not there, empty, or not a table."""

    code = "UNREADABLE_FILE"


class UnknownColumns(Invalid):
    """Columns nobody recognises, and no mapping that explains them."""

    code = "UNKNOWN_COLUMNS"


class InvalidMapping(Invalid):
    """A mapping file that makes no sense, or does not fit the file."""

    code = "INVALID_MAPPING"


class SalesLetGo(Conflict):
    """Sales of days in the file were let go while it was imported."""

    code = "SALES_LET_GO"


class MissingRate(Invalid):
    """A currency other than the organisation's, without a rate."""

    code = "MISSING_RATE"


class UnknownLocation(Invalid):
    """A location that does not exist and that nothing says how to make."""

    code = "UNKNOWN_LOCATION"
