"""The catalogue as clients see it."""

from backend.catalogue.graphql.fields import Mutation, Query
from backend.catalogue.graphql.types import (
    Category,
    Distributor,
    Gtin,
    Product,
    ProductChanged,
    Promotion,
)

__all__ = [
    "Category",
    "Distributor",
    "Gtin",
    "Mutation",
    "Product",
    "ProductChanged",
    "Promotion",
    "Query",
]
