"""Verbs of the catalogue: what codes and ids stand for, and the changes of what it holds."""

from backend.catalogue.drafts import DistributorDraft, GtinDraft, ProductDraft, PromotionDraft
from backend.catalogue.loaders import product_details
from backend.catalogue.service.distributors import (
    DistributorCriteria,
    DistributorOrder,
    list_distributors,
    upsert_distributors,
)
from backend.catalogue.service.lists import (
    ProductCriteria,
    ProductOrder,
    find_product,
    list_categories,
    list_products,
)
from backend.catalogue.service.plans import (
    ListPrice,
    PlannedPromotion,
    dealt_in,
    price_list,
    promotions_between,
)
from backend.catalogue.service.products import ensure_products, upsert_products
from backend.catalogue.service.promotions import (
    PromotionCriteria,
    PromotionOrder,
    list_promotions,
    upsert_promotions,
)
from backend.catalogue.service.references import (
    prices_at,
    products_by_id,
    resolve_distributors,
    resolve_gtins,
    resolve_skus,
)

__all__ = [
    "DistributorCriteria",
    "DistributorDraft",
    "DistributorOrder",
    "GtinDraft",
    "ListPrice",
    "PlannedPromotion",
    "ProductCriteria",
    "ProductDraft",
    "ProductOrder",
    "PromotionCriteria",
    "PromotionDraft",
    "PromotionOrder",
    "dealt_in",
    "ensure_products",
    "find_product",
    "list_categories",
    "list_distributors",
    "list_products",
    "list_promotions",
    "price_list",
    "prices_at",
    "product_details",
    "products_by_id",
    "promotions_between",
    "resolve_distributors",
    "resolve_gtins",
    "resolve_skus",
    "upsert_distributors",
    "upsert_products",
    "upsert_promotions",
]
