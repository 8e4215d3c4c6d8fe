"""What can be wrong with a change of the catalogue."""

from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.texts import InvalidCode


class InvalidSku(InvalidCode):
    """A SKU that is empty, too long, or that looks like another one."""

    code = "INVALID_SKU"


class DuplicateGtin(Conflict):
    """A GTIN that belongs to another product, or stands twice in one list."""

    code = "DUPLICATE_GTIN"


class TooManyGtins(Invalid):
    """More GTINs than one product can have."""

    code = "TOO_MANY_GTINS"


class UnknownDistributor(NotFound):
    """No distributor has this code."""

    code = "UNKNOWN_DISTRIBUTOR"


class UnknownProduct(NotFound):
    """No product has this SKU."""

    code = "UNKNOWN_PRODUCT"


class UnknownLocation(NotFound):
    """No location has this code, or it may not be seen."""

    code = "UNKNOWN_LOCATION"


class InvalidPeriod(Invalid):
    """A period that ends before it begins."""

    code = "INVALID_PERIOD"


class InvalidRate(Invalid):
    """A discount rate that is not between 0 and 1."""

    code = "INVALID_RATE"
