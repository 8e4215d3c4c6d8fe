"""The catalogue's closed sets, known to GraphQL before anything uses them."""

from backend.catalogue.rules import ProductStatus
from backend.catalogue.service import DistributorOrder, ProductOrder, PromotionOrder
from backend.infra.api.described import enum_type

enum_type(DistributorOrder)
enum_type(ProductOrder)
enum_type(ProductStatus)
enum_type(PromotionOrder)

__all__ = ["DistributorOrder", "ProductOrder", "ProductStatus", "PromotionOrder"]
