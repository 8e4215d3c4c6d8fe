"""The catalogue's closed sets, known to GraphQL before anything uses them."""

from backend.catalogue.rules import ProductStatus
from backend.catalogue.service import ProductOrder
from backend.infra.api.described import enum_type

enum_type(ProductOrder)
enum_type(ProductStatus)

__all__ = ["ProductOrder", "ProductStatus"]
