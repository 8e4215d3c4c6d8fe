"""The catalogue as clients see it."""

from backend.catalogue.graphql.types import Distributor, Gtin, Product, ProductChanged

__all__ = ["Distributor", "Gtin", "Product", "ProductChanged"]
