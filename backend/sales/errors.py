"""What can be wrong with a sale."""

from backend.core.errors import Conflict, Invalid, NotAllowed, NotFound


class UnknownProduct(NotFound):
    """No product has this SKU or GTIN."""

    code = "UNKNOWN_PRODUCT"


class UnknownLocation(NotFound):
    """No location has this code, or it may not be seen."""

    code = "UNKNOWN_LOCATION"


class UnknownDistributor(NotFound):
    """No distributor has this code."""

    code = "UNKNOWN_DISTRIBUTOR"


class UnknownSale(NotFound):
    """No sale has this key."""

    code = "UNKNOWN_SALE"


class SalesNotKept(NotFound):
    """What only single sales could tell, of days before the first of which they are kept."""

    code = "SALES_NOT_KEPT"


class SaleNotKept(Conflict):
    """A return of a sale that was let go: nobody knows any more what was sold."""

    code = "SALE_NOT_KEPT"


class InvalidSale(Invalid):
    """A sale without lines, or with parts that contradict each other."""

    code = "INVALID_SALE"


class InvalidCurrency(Invalid):
    """Not three letters, or a foreign currency without a rate."""

    code = "INVALID_CURRENCY"


class MissingPrice(Invalid):
    """A line without a price for a product that has none in the catalogue."""

    code = "MISSING_PRICE"


class SalesSourceIsReads(Conflict):
    """A sale in a store whose checkout reads are the sales: it would count twice."""

    code = "SALES_SOURCE_IS_READS"


class ReturnExceedsSale(Conflict):
    """More would come back than was sold."""

    code = "RETURN_EXCEEDS_SALE"


class SaleOutOfReach(NotAllowed):
    """A partner records sales of its own only, and names no customers."""

    code = "SALE_OUT_OF_REACH"
