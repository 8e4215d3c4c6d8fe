"""What can be wrong with a change of stock."""

from backend.core.errors import Conflict, Invalid, NotFound


class StaleQuantity(Conflict):
    """A count was made against a quantity that has changed since."""

    code = "STALE_QUANTITY"


class UnknownProduct(NotFound):
    """No product has this SKU or GTIN."""

    code = "UNKNOWN_PRODUCT"


class UnknownLocation(NotFound):
    """No location has this code, or it may not be seen."""

    code = "UNKNOWN_LOCATION"


class InvalidReason(Invalid):
    """A reason that only the ledger's own verbs may give."""

    code = "INVALID_REASON"


class MissingExpectation(Invalid):
    """A count without the quantity it was made against; an explicit null opts out."""

    code = "MISSING_EXPECTED"
