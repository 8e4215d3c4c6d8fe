"""Sales as clients see them."""

from backend.sales.graphql.fields import Mutation
from backend.sales.graphql.inputs import PlaceInput, RecordSalesInput, SaleInput, SaleLineInput
from backend.sales.graphql.types import Sale, SaleLine

__all__ = [
    "Mutation",
    "PlaceInput",
    "RecordSalesInput",
    "Sale",
    "SaleInput",
    "SaleLine",
    "SaleLineInput",
]
